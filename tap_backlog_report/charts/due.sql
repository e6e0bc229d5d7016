-- Open issues that are overdue, or due within the next seven days.
SELECT
    assignee_name AS person,
    issue_key,
    summary,
    due_date,
    as_of - due_date AS days_overdue,
    status_name AS status
FROM report.issues, report.space
WHERE NOT is_closed AND due_date <= as_of + 7
ORDER BY assignee_name NULLS LAST, due_date, issue_id;
