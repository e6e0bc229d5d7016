-- The categories that issues have now: rows of older states have an older issueUpdated.
with loaded as (
    {{ backlog.loaded('issue_categories', [
        ('issue_id', 'issueId', 'id'),
        ('category_id', 'id', 'id'),
        ('category_name', 'name', 'text'),
        ('display_order', 'displayOrder', 'id'),
        ('issue_updated_at', 'issueUpdated', 'moment'),
    ]) }}
)

select
    loaded.source_relation,
    loaded.issue_id,
    loaded.category_id,
    loaded.category_name,
    loaded.display_order
from loaded
inner join {{ ref('stg_backlog__issues') }} as issues
    on issues.source_relation = loaded.source_relation
    and issues.issue_id = loaded.issue_id
    and issues.updated_at = loaded.issue_updated_at
