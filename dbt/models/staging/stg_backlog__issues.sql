-- Issues as they are now. Those that were deleted are left out.
with loaded as (
    {{ backlog.loaded('issues', [
        ('issue_id', 'id', 'id'),
        ('issue_key', 'issueKey', 'text'),
        ('project_id', 'projectId', 'id'),
        ('summary', 'summary', 'text'),
        ('issue_type_id', 'issueType.id', 'id'),
        ('issue_type_name', 'issueType.name', 'text'),
        ('status_id', 'status.id', 'id'),
        ('status_name', 'status.name', 'text'),
        ('resolution_id', 'resolution.id', 'id'),
        ('resolution_name', 'resolution.name', 'text'),
        ('priority_id', 'priority.id', 'id'),
        ('priority_name', 'priority.name', 'text'),
        ('assignee_id', 'assignee.id', 'id'),
        ('assignee_name', 'assignee.name', 'text'),
        ('created_by_id', 'createdUser.id', 'id'),
        ('created_by_name', 'createdUser.name', 'text'),
        ('updated_by_id', 'updatedUser.id', 'id'),
        ('updated_by_name', 'updatedUser.name', 'text'),
        ('created_at', 'created', 'moment'),
        ('updated_at', 'updated', 'moment'),
        ('start_at', 'startDate', 'day'),
        ('due_at', 'dueDate', 'day'),
        ('estimated_hours', 'estimatedHours', 'number'),
        ('actual_hours', 'actualHours', 'number'),
        ('parent_issue_id', 'parentIssueId', 'id'),
    ]) }}
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
    {{ backlog.calendar_day('loaded.start_at', 'spaces.time_zone') }} as start_date,
    {{ backlog.calendar_day('loaded.due_at', 'spaces.time_zone') }} as due_date,
    loaded.estimated_hours,
    loaded.actual_hours,
    loaded.parent_issue_id
from loaded
inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = loaded.source_relation
left join {{ ref('stg_backlog__deletions') }} as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'issue'
    and deletions.item_id = cast(loaded.issue_id as {{ dbt.type_string() }})
where deletions.activity_id is null
