-- What came in, was closed and stayed open, week by week, by the project of each issue today.
with turns as (
    select
        spans.source_relation,
        spans.project_id,
        spans.is_closed,
        spans.span,
        lag(spans.is_closed) over (
            partition by spans.source_relation, spans.issue_id order by spans.span
        ) as was_closed,
        cast(date_trunc('week', cast(spans.from_at at time zone 'UTC' at time zone spaces.time_zone as date)) as date) as week
    from marts.issue_status_spans as spans
    inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = spans.source_relation
    where cast(spans.from_at at time zone 'UTC' at time zone spaces.time_zone as date) <= spaces.as_of
),
counted as (
    select
        source_relation,
        project_id,
        week,
        sum(case when span = 1 then 1 else 0 end) as added_issues,
        sum(case when is_closed then 1 else 0 end) as closed_issues,
        sum(case when was_closed and not is_closed then 1 else 0 end) as reopened_issues
    from turns
    group by source_relation, project_id, week
),
times as (
    select
        issues.source_relation,
        issues.project_id,
        cast(date_trunc('week', issues.closed_on) as date) as week,
        quantile_cont(issues.lead_time_days, 0.5) as lead_time_days_median,
        quantile_cont(issues.lead_time_days, 0.85) as lead_time_days_p85,
        quantile_cont(issues.cycle_time_days, 0.5) as cycle_time_days_median,
        quantile_cont(issues.cycle_time_days, 0.85) as cycle_time_days_p85
    from marts.issues as issues
    where issues.closed_on is not null
    group by issues.source_relation, issues.project_id, cast(date_trunc('week', issues.closed_on) as date)
),
ranges as (
    select counted.source_relation, counted.project_id, min(counted.week) as first_week
    from counted
    group by counted.source_relation, counted.project_id
),
calendar as (
    select ranges.source_relation, ranges.project_id, days.day as week
    from ranges
    inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = ranges.source_relation
    cross join lateral (
        select cast(unnest(generate_series(
            cast(ranges.first_week as timestamp), cast(spaces.as_of as timestamp), interval 7 day
        )) as date) as day
    ) as days
)
select
    calendar.source_relation,
    calendar.project_id,
    calendar.week,
    projects.project_key,
    projects.project_name,
    cast(coalesce(counted.added_issues, 0) as bigint) as added_issues,
    cast(coalesce(counted.closed_issues, 0) as bigint) as closed_issues,
    cast(coalesce(counted.reopened_issues, 0) as bigint) as reopened_issues,
    cast(sum(coalesce(counted.added_issues - counted.closed_issues + counted.reopened_issues, 0)) over (
        partition by calendar.source_relation, calendar.project_id
        order by calendar.week
        rows between unbounded preceding and current row
    ) as bigint) as open_issues,
    times.lead_time_days_median,
    times.lead_time_days_p85,
    times.cycle_time_days_median,
    times.cycle_time_days_p85
from calendar
left join counted
    on counted.source_relation = calendar.source_relation
    and counted.project_id = calendar.project_id
    and counted.week = calendar.week
left join times
    on times.source_relation = calendar.source_relation
    and times.project_id = calendar.project_id
    and times.week = calendar.week
left join marts.stg_backlog__projects as projects
    on projects.source_relation = calendar.source_relation and projects.project_id = calendar.project_id
