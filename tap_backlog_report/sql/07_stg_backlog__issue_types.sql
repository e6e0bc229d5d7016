with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("projectId" as bigint) as project_id,
        cast("id" as bigint) as issue_type_id,
        cast("name" as TEXT) as issue_type_name,
        cast("displayOrder" as bigint) as display_order
    from main.issue_types
)
select * from loaded
