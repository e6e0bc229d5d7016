select *
from {{ ref('milestone_progress') }}
where
    scope_issues <> committed_issues + added_issues - removed_issues
    or scope_issues <> done_issues + left_issues
    or abs(scope_hours - committed_hours - added_hours) > 0.001
    or abs(scope_hours - done_hours - left_hours) > 0.001
