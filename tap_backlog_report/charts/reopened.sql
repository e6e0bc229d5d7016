-- Issues that were opened again in the period, the latest first.
SELECT
    issue_key,
    summary,
    assignee_name AS person,
    reopened_count,
    last_reopened_on,
    status_name AS status
FROM report.issues, report.period AS period
WHERE last_reopened_on BETWEEN period.since AND period.until
ORDER BY last_reopened_on DESC, issue_id;
