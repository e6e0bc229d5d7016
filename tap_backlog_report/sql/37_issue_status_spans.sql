-- Which status an issue had from when to when. The present one has no end.
with spans as (
    select
        steps.source_relation,
        steps.issue_id,
        row_number() over (
            partition by steps.source_relation, steps.issue_id order by steps.place
        ) as span,
        cast(steps.field_value as bigint) as status_id,
        steps.from_at,
        lead(steps.from_at) over (
            partition by steps.source_relation, steps.issue_id order by steps.place
        ) as to_at,
        steps.is_estimated
    from marts.int_backlog__issue_steps as steps
    where steps.field = 'status'
),
dated as (
    select
        spans.*,
        spaces.ends_at,
        cast(spans.from_at at time zone 'UTC' at time zone spaces.time_zone as date) as from_day,
        case
            when spans.to_at is null then (spaces.as_of + 1)
            else cast(spans.to_at at time zone 'UTC' at time zone spaces.time_zone as date)
        end as to_day
    from spans
    inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = spans.source_relation
)
select
    dated.source_relation,
    dated.issue_id,
    dated.span,
    issues.project_id,
    dated.status_id,
    names.status_name,
    names.status_order,
    dated.status_id = 4 as is_closed,
    dated.from_at,
    dated.to_at,
    greatest(cast(extract(epoch from (coalesce(dated.to_at, dated.ends_at) - dated.from_at)) as float8) / 3600.0, 0) as hours,
    greatest(cast((5 * floor((dated.to_day - cast('1970-01-05' as date)) / 7.0) + least(5, (dated.to_day - cast('1970-01-05' as date)) - 7 * floor((dated.to_day - cast('1970-01-05' as date)) / 7.0))) - (5 * floor((dated.from_day - cast('1970-01-05' as date)) / 7.0) + least(5, (dated.from_day - cast('1970-01-05' as date)) - 7 * floor((dated.from_day - cast('1970-01-05' as date)) / 7.0))) as integer), 0) as working_days,
    dated.is_estimated
from dated
inner join marts.stg_backlog__issues as issues
    on issues.source_relation = dated.source_relation and issues.issue_id = dated.issue_id
left join marts.int_backlog__status_names as names
    on names.source_relation = dated.source_relation
    and names.project_id = issues.project_id
    and names.status_id = dated.status_id
