with  stg_backlog__spaces as (
-- A table, so that all models of a build see the same day.
with schemas as (
    select cast('main' as TEXT) as source_relation
),
loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("timezone" as TEXT) as timezone
    from space
),
zones as (
    select
        schemas.source_relation,
        coalesce(cast(getvariable('timezone') as TEXT), max(loaded.timezone), 'UTC') as time_zone
    from schemas
    left join loaded on loaded.source_relation = schemas.source_relation
    group by schemas.source_relation
),
chosen as (
    select
        source_relation,
        time_zone,
        cast(getvariable('today') as date) as as_of,
        (current_timestamp at time zone 'UTC') as now
    from zones
)
select
    source_relation,
    time_zone,
    coalesce(as_of, cast(now at time zone 'UTC' at time zone time_zone as date)) as as_of,
    coalesce((cast((as_of + 1) as timestamp) at time zone time_zone at time zone 'UTC'), now) as ends_at
from chosen
),  stg_backlog__deletions as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as activity_id,
        cast("what" as TEXT) as what,
        cast("itemId" as TEXT) as item_id,
        cast("deleted" as timestamp) as deleted_at
    from deletions
)
select * from loaded
),  stg_backlog__issues as (
-- Issues as they are now. Those that were deleted are left out.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as issue_id,
        cast("issueKey" as TEXT) as issue_key,
        cast("projectId" as bigint) as project_id,
        cast("summary" as TEXT) as summary,
        try_cast(("issueType" ->> 'id') as bigint) as issue_type_id,
        cast(("issueType" ->> 'name') as TEXT) as issue_type_name,
        try_cast(("status" ->> 'id') as bigint) as status_id,
        cast(("status" ->> 'name') as TEXT) as status_name,
        try_cast(("resolution" ->> 'id') as bigint) as resolution_id,
        cast(("resolution" ->> 'name') as TEXT) as resolution_name,
        try_cast(("priority" ->> 'id') as bigint) as priority_id,
        cast(("priority" ->> 'name') as TEXT) as priority_name,
        try_cast(("assignee" ->> 'id') as bigint) as assignee_id,
        cast(("assignee" ->> 'name') as TEXT) as assignee_name,
        try_cast(("createdUser" ->> 'id') as bigint) as created_by_id,
        cast(("createdUser" ->> 'name') as TEXT) as created_by_name,
        try_cast(("updatedUser" ->> 'id') as bigint) as updated_by_id,
        cast(("updatedUser" ->> 'name') as TEXT) as updated_by_name,
        cast("created" as timestamp) as created_at,
        cast("updated" as timestamp) as updated_at,
        cast("startDate" as timestamp) as start_at,
        cast("dueDate" as timestamp) as due_at,
        cast("estimatedHours" as float8) as estimated_hours,
        cast("actualHours" as float8) as actual_hours,
        cast("parentIssueId" as bigint) as parent_issue_id
    from issues
)
select
    loaded.source_relation,
    loaded.issue_id,
    loaded.issue_key,
    loaded.project_id,
    loaded.summary,
    loaded.issue_type_id,
    loaded.issue_type_name,
    loaded.status_id,
    loaded.status_name,
    loaded.resolution_id,
    loaded.resolution_name,
    loaded.priority_id,
    loaded.priority_name,
    loaded.assignee_id,
    loaded.assignee_name,
    loaded.created_by_id,
    loaded.created_by_name,
    loaded.updated_by_id,
    loaded.updated_by_name,
    loaded.created_at,
    loaded.updated_at,
    case
        when cast(loaded.start_at as date) = loaded.start_at then cast(loaded.start_at as date)
        else cast(loaded.start_at at time zone 'UTC' at time zone spaces.time_zone as date)
    end as start_date,
    case
        when cast(loaded.due_at as date) = loaded.due_at then cast(loaded.due_at as date)
        else cast(loaded.due_at at time zone 'UTC' at time zone spaces.time_zone as date)
    end as due_date,
    loaded.estimated_hours,
    loaded.actual_hours,
    loaded.parent_issue_id
from loaded
inner join stg_backlog__spaces as spaces on spaces.source_relation = loaded.source_relation
left join stg_backlog__deletions as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'issue'
    and deletions.item_id = cast(loaded.issue_id as TEXT)
where deletions.activity_id is null
),  stg_backlog__issue_milestones as (
-- The milestones that issues have now: rows of older states have an older issueUpdated.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("issueId" as bigint) as issue_id,
        cast("id" as bigint) as milestone_id,
        cast("name" as TEXT) as milestone_name,
        cast("displayOrder" as bigint) as display_order,
        cast("issueUpdated" as timestamp) as issue_updated_at
    from issue_milestones
)
select
    loaded.source_relation,
    loaded.issue_id,
    loaded.milestone_id,
    loaded.milestone_name,
    loaded.display_order
from loaded
inner join stg_backlog__issues as issues
    on issues.source_relation = loaded.source_relation
    and issues.issue_id = loaded.issue_id
    and issues.updated_at = loaded.issue_updated_at
left join stg_backlog__deletions as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'milestone'
    and deletions.item_id = cast(loaded.milestone_id as TEXT)
where deletions.activity_id is null
),  stg_backlog__milestones as (
-- Milestones, which are versions too. Those that were deleted are left out.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as milestone_id,
        cast("projectId" as bigint) as project_id,
        cast("name" as TEXT) as milestone_name,
        cast("startDate" as timestamp) as start_at,
        cast("releaseDueDate" as timestamp) as due_at,
        cast("archived" as boolean) as is_archived,
        cast("displayOrder" as bigint) as display_order
    from milestones
)
select
    loaded.source_relation,
    loaded.milestone_id,
    loaded.project_id,
    loaded.milestone_name,
    case
        when cast(loaded.start_at as date) = loaded.start_at then cast(loaded.start_at as date)
        else cast(loaded.start_at at time zone 'UTC' at time zone spaces.time_zone as date)
    end as start_date,
    case
        when cast(loaded.due_at as date) = loaded.due_at then cast(loaded.due_at as date)
        else cast(loaded.due_at at time zone 'UTC' at time zone spaces.time_zone as date)
    end as due_date,
    loaded.is_archived,
    loaded.display_order
from loaded
inner join stg_backlog__spaces as spaces on spaces.source_relation = loaded.source_relation
left join stg_backlog__deletions as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'milestone'
    and deletions.item_id = cast(loaded.milestone_id as TEXT)
where deletions.activity_id is null
),  stg_backlog__projects as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as project_id,
        cast("projectKey" as TEXT) as project_key,
        cast("name" as TEXT) as project_name,
        cast("archived" as boolean) as is_archived,
        cast("displayOrder" as bigint) as display_order
    from projects
)
select * from loaded
), members as (
    select
        parts.source_relation,
        parts.milestone_id,
        count(*) as issues,
        sum(case when issues.status_id = 4 then 1 else 0 end) as closed_issues,
        cast(sum(cast(issues.estimated_hours as numeric(28,6))) as float8) as estimated_hours,
        cast(sum(cast(issues.actual_hours as numeric(28,6))) as float8) as actual_hours
    from stg_backlog__issue_milestones as parts
    inner join stg_backlog__issues as issues
        on issues.source_relation = parts.source_relation and issues.issue_id = parts.issue_id
    group by parts.source_relation, parts.milestone_id
)
select
    milestones.source_relation,
    milestones.project_id,
    projects.project_key,
    milestones.milestone_id,
    milestones.milestone_name,
    milestones.start_date,
    milestones.due_date,
    milestones.is_archived,
    milestones.display_order,
    coalesce(members.issues, 0) as issues,
    cast(coalesce(members.closed_issues, 0) as bigint) as closed_issues,
    coalesce(members.estimated_hours, 0) as estimated_hours,
    coalesce(members.actual_hours, 0) as actual_hours
from stg_backlog__milestones as milestones
left join stg_backlog__projects as projects
    on projects.source_relation = milestones.source_relation and projects.project_id = milestones.project_id
left join members
    on members.source_relation = milestones.source_relation and members.milestone_id = milestones.milestone_id;
