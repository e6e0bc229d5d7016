with loaded as (
    {{ backlog.loaded('statuses', [
        ('project_id', 'projectId', 'id'),
        ('status_id', 'id', 'id'),
        ('status_name', 'name', 'text'),
        ('status_color', 'color', 'text'),
        ('status_order', 'displayOrder', 'id'),
    ]) }}
)

select * from loaded
