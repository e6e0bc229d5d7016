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
        {{ backlog.first_day('week', backlog.local_day('spans.from_at', 'spaces.time_zone')) }} as week
    from {{ ref('issue_status_spans') }} as spans
    inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = spans.source_relation
    where {{ backlog.local_day('spans.from_at', 'spaces.time_zone') }} <= spaces.as_of
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
        {{ backlog.first_day('week', 'issues.closed_on') }} as week,
        {{ backlog.quantile('issues.lead_time_days', 0.5) }} as lead_time_days_median,
        {{ backlog.quantile('issues.lead_time_days', 0.85) }} as lead_time_days_p85,
        {{ backlog.quantile('issues.cycle_time_days', 0.5) }} as cycle_time_days_median,
        {{ backlog.quantile('issues.cycle_time_days', 0.85) }} as cycle_time_days_p85
    from {{ ref('issues') }} as issues
    where issues.closed_on is not null
    group by issues.source_relation, issues.project_id, {{ backlog.first_day('week', 'issues.closed_on') }}
),

ranges as (
    select counted.source_relation, counted.project_id, min(counted.week) as first_week
    from counted
    group by counted.source_relation, counted.project_id
),

calendar as (
    select ranges.source_relation, ranges.project_id, days.day as week
    from ranges
    inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = ranges.source_relation
    {{ backlog.join_days('ranges.first_week', 'spaces.as_of', 7) }}
)

select
    calendar.source_relation,
    calendar.project_id,
    calendar.week,
    projects.project_key,
    projects.project_name,
    {%- for column in ['added_issues', 'closed_issues', 'reopened_issues'] %}
    cast(coalesce(counted.{{ column }}, 0) as {{ dbt.type_bigint() }}) as {{ column }},
    {%- endfor %}
    cast(sum(coalesce(counted.added_issues - counted.closed_issues + counted.reopened_issues, 0)) over (
        partition by calendar.source_relation, calendar.project_id
        order by calendar.week
        rows between unbounded preceding and current row
    ) as {{ dbt.type_bigint() }}) as open_issues,
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
left join {{ ref('stg_backlog__projects') }} as projects
    on projects.source_relation = calendar.source_relation and projects.project_id = calendar.project_id
