with loaded as (
    {{ backlog.loaded('custom_fields', [
        ('project_id', 'projectId', 'id'),
        ('field_id', 'id', 'id'),
        ('field_type_id', 'typeId', 'id'),
        ('field_name', 'name', 'text'),
        ('display_order', 'displayOrder', 'id'),
    ]) }}
)

select * from loaded
