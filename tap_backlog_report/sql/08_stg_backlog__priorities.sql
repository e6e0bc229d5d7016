with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as priority_id,
        cast("name" as TEXT) as priority_name
    from main.priorities
)
select * from loaded
