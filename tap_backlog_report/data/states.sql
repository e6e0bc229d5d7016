-- What changed from day to day: a row per issue and day from which on something was different.
WITH found AS (
    SELECT *, hash(status_name, is_closed, assignee_id, milestone_ids, estimated_hours) AS state
    FROM report.states
)
SELECT
    issue_id, from_day AS day, status_name, is_closed, assignee_id, assignee_name,
    milestone_ids, estimated_hours
FROM found
QUALIFY state IS DISTINCT FROM lag(state) OVER (PARTITION BY issue_id ORDER BY from_day)
ORDER BY issue_id, day;
