with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("projectId" as bigint) as project_id,
        cast("id" as bigint) as user_id,
        cast("name" as TEXT) as user_name
    from main.project_users
)
select * from loaded
