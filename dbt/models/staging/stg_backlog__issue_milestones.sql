-- The milestones that issues have now: rows of older states have an older issueUpdated.
with loaded as (
    {{ backlog.loaded('issue_milestones', [
        ('issue_id', 'issueId', 'id'),
        ('milestone_id', 'id', 'id'),
        ('milestone_name', 'name', 'text'),
        ('display_order', 'displayOrder', 'id'),
        ('issue_updated_at', 'issueUpdated', 'moment'),
    ]) }}
)

select
    loaded.source_relation,
    loaded.issue_id,
    loaded.milestone_id,
    loaded.milestone_name,
    loaded.display_order
from loaded
inner join {{ ref('stg_backlog__issues') }} as issues
    on issues.source_relation = loaded.source_relation
    and issues.issue_id = loaded.issue_id
    and issues.updated_at = loaded.issue_updated_at
left join {{ ref('stg_backlog__deletions') }} as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'milestone'
    and deletions.item_id = cast(loaded.milestone_id as {{ dbt.type_string() }})
where deletions.activity_id is null
