-- What was added and reopened, without what was closed, is what is open.
with counted as (
    select
        source_relation,
        project_id,
        sum(added_issues - closed_issues + reopened_issues) as left_issues,
        max(week) as week
    from {{ ref('project_weekly') }}
    group by source_relation, project_id
),

weekly as (
    select counted.*, weekly.open_issues
    from counted
    inner join {{ ref('project_weekly') }} as weekly
        on weekly.source_relation = counted.source_relation
        and weekly.project_id = counted.project_id
        and weekly.week = counted.week
),

daily as (
    select
        daily.source_relation,
        daily.project_id,
        sum(case when daily.is_closed then 0 else 1 end) as open_issues
    from {{ ref('issue_daily') }} as daily
    inner join {{ ref('stg_backlog__spaces') }} as spaces
        on spaces.source_relation = daily.source_relation and spaces.as_of = daily.day
    group by daily.source_relation, daily.project_id
)

select weekly.*
from weekly
left join daily
    on daily.source_relation = weekly.source_relation and daily.project_id = weekly.project_id
where weekly.left_issues <> weekly.open_issues or weekly.open_issues <> coalesce(daily.open_issues, 0)
