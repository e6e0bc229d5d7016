-- What changed from day to day: a row per issue and day on which something was different.
WITH ends AS (
    SELECT
        issue_id, day, status_name, is_closed, assignee_id, assignee_name,
        milestone_ids, estimated_hours,
        hash(status_name, is_closed, assignee_id, milestone_ids, estimated_hours) AS state
    FROM report.days
)
SELECT * EXCLUDE (state)
FROM ends
QUALIFY state IS DISTINCT FROM lag(state) OVER (PARTITION BY issue_id ORDER BY day)
ORDER BY issue_id, day;
