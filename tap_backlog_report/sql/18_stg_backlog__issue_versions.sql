-- The versions that issues have now: rows of older states have an older issueUpdated.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("issueId" as bigint) as issue_id,
        cast("id" as bigint) as version_id,
        cast("name" as TEXT) as version_name,
        cast("displayOrder" as bigint) as display_order,
        cast("issueUpdated" as timestamp) as issue_updated_at
    from main.issue_versions
)
select
    loaded.source_relation,
    loaded.issue_id,
    loaded.version_id,
    loaded.version_name,
    loaded.display_order
from loaded
inner join marts.stg_backlog__issues as issues
    on issues.source_relation = loaded.source_relation
    and issues.issue_id = loaded.issue_id
    and issues.updated_at = loaded.issue_updated_at
left join marts.stg_backlog__deletions as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'milestone'
    and deletions.item_id = cast(loaded.version_id as TEXT)
where deletions.activity_id is null
