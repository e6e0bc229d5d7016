with loaded as (
    {{ backlog.loaded('categories', [
        ('project_id', 'projectId', 'id'),
        ('category_id', 'id', 'id'),
        ('category_name', 'name', 'text'),
        ('display_order', 'displayOrder', 'id'),
    ]) }}
)

select * from loaded
