-- One row per issue, as it is now.
SELECT
    issue_id, issue_key, project_key, summary, status_name, is_closed,
    assignee_id, assignee_name, milestone_ids,
    created_on, closed_on, due_date,
    estimated_hours, actual_hours,
    round(lead_time_days, 2) AS lead_time_days,
    round(cycle_time_days, 2) AS cycle_time_days,
    reopened_count, last_reopened_on, days_without_move
FROM report.issues
ORDER BY issue_id;
