-- One row per issue, as it is now.
SELECT
    issue_id, issue_key, project_key, summary, status_name, is_closed,
    assignee_id, assignee_name, milestone_ids,
    created_on, closed_on, issues.due_date, earlier.due_date AS earlier_due_date,
    estimated_hours, actual_hours,
    round(lead_time_days, 2) AS lead_time_days,
    round(cycle_time_days, 2) AS cycle_time_days,
    reopened_count, last_reopened_on, days_without_move
FROM report.issues AS issues
JOIN report.earlier_due_dates AS earlier USING (issue_id)
ORDER BY issue_id;
