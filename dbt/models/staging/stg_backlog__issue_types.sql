with loaded as (
    {{ backlog.loaded('issue_types', [
        ('project_id', 'projectId', 'id'),
        ('issue_type_id', 'id', 'id'),
        ('issue_type_name', 'name', 'text'),
        ('display_order', 'displayOrder', 'id'),
    ]) }}
)

select * from loaded
