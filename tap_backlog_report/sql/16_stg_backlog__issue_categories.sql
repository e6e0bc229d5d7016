-- The categories that issues have now: rows of older states have an older issueUpdated.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("issueId" as bigint) as issue_id,
        cast("id" as bigint) as category_id,
        cast("name" as TEXT) as category_name,
        cast("displayOrder" as bigint) as display_order,
        cast("issueUpdated" as timestamp) as issue_updated_at
    from main.issue_categories
)
select
    loaded.source_relation,
    loaded.issue_id,
    loaded.category_id,
    loaded.category_name,
    loaded.display_order
from loaded
inner join marts.stg_backlog__issues as issues
    on issues.source_relation = loaded.source_relation
    and issues.issue_id = loaded.issue_id
    and issues.updated_at = loaded.issue_updated_at
