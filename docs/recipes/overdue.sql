-- Overdue: open issues past their due date, by person, the longest wait first.
-- SET VARIABLE today = '2026-01-31'; looks at another day.
WITH today AS (
    SELECT coalesce(getvariable('today')::DATE, current_date) AS day
)
SELECT
    coalesce(issues.assignee ->> 'name', '(nobody)') AS person,
    count(*) AS issues,
    max(today.day - issues.dueDate::DATE) AS days_at_most
FROM issues, today
WHERE (issues.status ->> 'id')::INT <> 4 AND issues.dueDate::DATE < today.day
GROUP BY person
ORDER BY issues DESC, person;
