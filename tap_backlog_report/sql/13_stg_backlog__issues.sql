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
    from main.issues
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
inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = loaded.source_relation
left join marts.stg_backlog__deletions as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'issue'
    and deletions.item_id = cast(loaded.issue_id as TEXT)
where deletions.activity_id is null
