with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as activity_id,
        cast("what" as TEXT) as what,
        cast("itemId" as TEXT) as item_id,
        cast("deleted" as timestamp) as deleted_at
    from main.deletions
)
select * from loaded
