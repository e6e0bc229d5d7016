-- Open issues by person and by when they are due, with the estimated hours that are left.
SELECT
    assignee_name AS person,
    count(*) FILTER (due_date < as_of) AS overdue_issues,
    count(*) FILTER (due_date BETWEEN as_of AND as_of + 7) AS soon_issues,
    count(*) FILTER (due_date > as_of + 7) AS later_issues,
    count(*) FILTER (due_date IS NULL) AS undated_issues,
    round(sum(greatest(coalesce(estimated_hours, 0) - coalesce(actual_hours, 0), 0)), 2)
        AS hours_left
FROM report.issues, report.space
WHERE NOT is_closed
GROUP BY assignee_id, assignee_name
ORDER BY count(*) DESC, assignee_name NULLS LAST, assignee_id;
