with loaded as (
    {{ backlog.loaded('issue_history', [
        ('activity_id', 'activityId', 'id'),
        ('position', 'position', 'id'),
        ('activity_type', 'type', 'id'),
        ('issue_id', 'issueId', 'id'),
        ('project_id', 'projectId', 'id'),
        ('field', 'field', 'text'),
        ('custom_field_name', 'fieldText', 'text'),
        ('old_value', 'oldValue', 'text'),
        ('new_value', 'newValue', 'text'),
        ('changed_by_id', 'changedUser.id', 'id'),
        ('changed_by_name', 'changedUser.name', 'text'),
        ('changed_at', 'changed', 'moment'),
    ]) }}
)

select * from loaded
