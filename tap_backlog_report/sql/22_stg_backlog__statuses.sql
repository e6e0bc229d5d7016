with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("projectId" as bigint) as project_id,
        cast("id" as bigint) as status_id,
        cast("name" as TEXT) as status_name,
        cast("color" as TEXT) as status_color,
        cast("displayOrder" as bigint) as status_order
    from main.statuses
)
select * from loaded
