-- Open issues that have not moved for 30 days or more: no change of status, person,
-- milestone, hours or dates, and no comment that is known.
SELECT
    issue_key,
    summary,
    assignee_name AS person,
    status_name AS status,
    days_without_move
FROM report.issues
WHERE NOT is_closed AND days_without_move >= 30
ORDER BY days_without_move DESC, issue_id;
