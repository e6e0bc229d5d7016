with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("projectId" as bigint) as project_id,
        cast("id" as bigint) as field_id,
        cast("typeId" as bigint) as field_type_id,
        cast("name" as TEXT) as field_name,
        cast("displayOrder" as bigint) as display_order
    from main.custom_fields
)
select * from loaded
