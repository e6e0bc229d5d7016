with loaded as (
    {{ backlog.loaded('projects', [
        ('project_id', 'id', 'id'),
        ('project_key', 'projectKey', 'text'),
        ('project_name', 'name', 'text'),
        ('is_archived', 'archived', 'yes'),
        ('display_order', 'displayOrder', 'id'),
    ]) }}
)

select * from loaded
