with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as resolution_id,
        cast("name" as TEXT) as resolution_name
    from main.resolutions
)
select * from loaded
