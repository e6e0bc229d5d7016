-- Issues as they are now, with what their history says of them.
with closings as (
    select
        source_relation,
        issue_id,
        min(case when status_id <> 1 and span > 1 and not is_estimated then from_at end) as started_at,
        max(case when is_closed and to_at is null then from_at end) as closed_at,
        max(case when is_closed and to_at is null and is_estimated then 1 else 0 end) as closed_is_estimated,
        max(case when span = 1 and status_id <> 1 then 1 else 0 end) as start_is_unknown,
        sum(case when is_closed and to_at is not null then 1 else 0 end) as reopened_count,
        max(case when is_closed then to_at end) as last_reopened_at
    from {{ ref('issue_status_spans') }}
    group by source_relation, issue_id
),

moves as (
    select source_relation, issue_id, max(changed_at) as moved_at
    from (
        select source_relation, issue_id, changed_at
        from {{ ref('int_backlog__issue_changes') }}
        where
            field in (
                'status', 'assigner', 'milestone', 'estimatedHours', 'actualHours', 'startDate', 'limitDate'
            )
        union all
        select source_relation, issue_id, created_at
        from {{ ref('stg_backlog__issue_comments') }}
    ) as known
    group by source_relation, issue_id
),

dated as (
    select
        issues.*,
        spaces.as_of,
        issues.status_id = 4 as is_closed,
        case when closings.start_is_unknown = 0 then closings.started_at end as started_at,
        closings.closed_at,
        closings.closed_is_estimated = 1 as closed_is_estimated,
        closings.reopened_count,
        closings.last_reopened_at,
        greatest(coalesce(moves.moved_at, issues.created_at), issues.created_at) as last_moved_at,
        {{ backlog.local_day('issues.created_at', 'spaces.time_zone') }} as created_on,
        {{ backlog.local_day('issues.updated_at', 'spaces.time_zone') }} as updated_on,
        {{ backlog.local_day('closings.closed_at', 'spaces.time_zone') }} as closed_on,
        {{ backlog.local_day('greatest(coalesce(moves.moved_at, issues.created_at), issues.created_at)', 'spaces.time_zone') }} as last_moved_on
    from {{ ref('stg_backlog__issues') }} as issues
    inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = issues.source_relation
    left join closings
        on closings.source_relation = issues.source_relation and closings.issue_id = issues.issue_id
    left join moves
        on moves.source_relation = issues.source_relation and moves.issue_id = issues.issue_id
)

select
    dated.source_relation,
    dated.issue_id,
    dated.issue_key,
    dated.project_id,
    projects.project_key,
    projects.project_name,
    dated.summary,
    dated.issue_type_id,
    coalesce(issue_types.issue_type_name, dated.issue_type_name) as issue_type_name,
    dated.status_id,
    statuses.status_name,
    statuses.status_color,
    statuses.status_order,
    dated.is_closed,
    coalesce(resolutions.resolution_name, dated.resolution_name) as resolution_name,
    dated.priority_id,
    coalesce(priorities.priority_name, dated.priority_name) as priority_name,
    dated.assignee_id,
    coalesce(assignees.person_name, dated.assignee_name) as assignee_name,
    dated.created_by_id,
    coalesce(creators.person_name, dated.created_by_name) as created_by_name,
    dated.created_at,
    dated.created_on,
    dated.updated_at,
    dated.updated_on,
    dated.start_date,
    dated.due_date,
    dated.estimated_hours,
    dated.actual_hours,
    dated.parent_issue_id,
    lists.milestone_ids,
    lists.milestone_names,
    lists.category_names,
    lists.version_names,
    dated.started_at,
    dated.closed_at,
    dated.closed_on,
    dated.closed_is_estimated,
    cast(dated.reopened_count as {{ dbt.type_bigint() }}) as reopened_count,
    dated.last_reopened_at,
    {{ backlog.seconds_between('dated.created_at', 'dated.closed_at') }} / 86400.0 as lead_time_days,
    {{ backlog.seconds_between('dated.started_at', 'dated.closed_at') }} / 86400.0 as cycle_time_days,
    case when not dated.is_closed then greatest({{ backlog.days_between('dated.created_on', 'dated.as_of') }}, 0) end as age_days,
    coalesce(not dated.is_closed and dated.due_date < dated.as_of, false) as is_overdue,
    case
        when not dated.is_closed and dated.due_date < dated.as_of
            then {{ backlog.days_between('dated.due_date', 'dated.as_of') }}
    end as days_overdue,
    dated.last_moved_at,
    case when not dated.is_closed then greatest({{ backlog.days_between('dated.last_moved_on', 'dated.as_of') }}, 0) end as days_without_move
from dated
left join {{ ref('stg_backlog__projects') }} as projects
    on projects.source_relation = dated.source_relation and projects.project_id = dated.project_id
left join {{ ref('stg_backlog__issue_types') }} as issue_types
    on issue_types.source_relation = dated.source_relation and issue_types.issue_type_id = dated.issue_type_id
left join {{ ref('int_backlog__status_names') }} as statuses
    on statuses.source_relation = dated.source_relation
    and statuses.project_id = dated.project_id
    and statuses.status_id = dated.status_id
left join {{ ref('stg_backlog__resolutions') }} as resolutions
    on resolutions.source_relation = dated.source_relation and resolutions.resolution_id = dated.resolution_id
left join {{ ref('stg_backlog__priorities') }} as priorities
    on priorities.source_relation = dated.source_relation and priorities.priority_id = dated.priority_id
left join {{ ref('int_backlog__people') }} as assignees
    on assignees.source_relation = dated.source_relation and assignees.person_id = dated.assignee_id
left join {{ ref('int_backlog__people') }} as creators
    on creators.source_relation = dated.source_relation and creators.person_id = dated.created_by_id
left join {{ ref('int_backlog__issue_lists') }} as lists
    on lists.source_relation = dated.source_relation and lists.issue_id = dated.issue_id
