-- The last day says what the issues have now.
{{ config(enabled=var('as_of', none) is none) }}

select issues.source_relation, issues.issue_id
from {{ ref('issues') }} as issues
inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = issues.source_relation
left join {{ ref('issue_daily') }} as daily
    on daily.source_relation = issues.source_relation
    and daily.issue_id = issues.issue_id
    and daily.day = spaces.as_of
where
    daily.status_id is null
    or daily.status_id <> issues.status_id
    or coalesce(daily.assignee_id, 0) <> coalesce(issues.assignee_id, 0)
    or coalesce(daily.milestone_ids, '') <> coalesce(issues.milestone_ids, '')
    or coalesce(daily.estimated_hours, -1) <> coalesce(issues.estimated_hours, -1)
    or coalesce(daily.actual_hours, -1) <> coalesce(issues.actual_hours, -1)
