with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as user_id,
        cast("name" as TEXT) as user_name
    from main.users
)
select * from loaded
