with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as project_id,
        cast("projectKey" as TEXT) as project_key,
        cast("name" as TEXT) as project_name,
        cast("archived" as boolean) as is_archived,
        cast("displayOrder" as bigint) as display_order
    from main.projects
)
select * from loaded
