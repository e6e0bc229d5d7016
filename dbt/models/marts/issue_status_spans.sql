-- Which status an issue had from when to when. The present one has no end.
with spans as (
    select
        steps.source_relation,
        steps.issue_id,
        row_number() over (
            partition by steps.source_relation, steps.issue_id order by steps.place
        ) as span,
        cast(steps.field_value as {{ dbt.type_bigint() }}) as status_id,
        steps.from_at,
        lead(steps.from_at) over (
            partition by steps.source_relation, steps.issue_id order by steps.place
        ) as to_at,
        steps.is_estimated
    from {{ ref('int_backlog__issue_steps') }} as steps
    where steps.field = 'status'
),

dated as (
    select
        spans.*,
        spaces.ends_at,
        {{ backlog.local_day('spans.from_at', 'spaces.time_zone') }} as from_day,
        case
            when spans.to_at is null then {{ backlog.day_after('spaces.as_of') }}
            else {{ backlog.local_day('spans.to_at', 'spaces.time_zone') }}
        end as to_day
    from spans
    inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = spans.source_relation
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
    greatest({{ backlog.seconds_between('dated.from_at', 'coalesce(dated.to_at, dated.ends_at)') }} / 3600.0, 0) as hours,
    greatest({{ backlog.working_days('dated.from_day', 'dated.to_day') }}, 0) as working_days,
    dated.is_estimated
from dated
inner join {{ ref('stg_backlog__issues') }} as issues
    on issues.source_relation = dated.source_relation and issues.issue_id = dated.issue_id
left join {{ ref('int_backlog__status_names') }} as names
    on names.source_relation = dated.source_relation
    and names.project_id = issues.project_id
    and names.status_id = dated.status_id
