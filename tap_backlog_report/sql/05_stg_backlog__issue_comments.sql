with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as comment_id,
        cast("issueId" as bigint) as issue_id,
        cast("created" as timestamp) as created_at
    from main.issue_comments
)
select * from loaded
