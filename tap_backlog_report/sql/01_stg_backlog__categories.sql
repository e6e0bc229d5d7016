with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("projectId" as bigint) as project_id,
        cast("id" as bigint) as category_id,
        cast("name" as TEXT) as category_name,
        cast("displayOrder" as bigint) as display_order
    from main.categories
)
select * from loaded
