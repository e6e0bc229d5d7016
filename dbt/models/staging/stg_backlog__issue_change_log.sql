with loaded as (
    {{ backlog.loaded('issue_change_log', [
        ('comment_id', 'commentId', 'id'),
        ('position', 'position', 'id'),
        ('issue_id', 'issueId', 'id'),
        ('project_id', 'projectId', 'id'),
        ('field', 'field', 'text'),
        ('custom_field_id', 'attributeInfo.id', 'id'),
        ('old_value', 'originalValue', 'text'),
        ('new_value', 'newValue', 'text'),
        ('changed_by_id', 'createdUser.id', 'id'),
        ('changed_by_name', 'createdUser.name', 'text'),
        ('changed_at', 'created', 'moment'),
    ]) }}
)

select * from loaded
