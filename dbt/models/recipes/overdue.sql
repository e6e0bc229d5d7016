-- Overdue: open issues past their due date, by person, the longest wait first.
-- SET VARIABLE today = '2026-01-31'; looks at another day.
select
    coalesce(issues.assignee_name, '(nobody)') as person,
    count(*) as issues,
    max(issues.days_overdue) as days_at_most
from {{ ref('issues') }} as issues
where issues.is_overdue
group by coalesce(issues.assignee_name, '(nobody)')
order by issues desc, person
