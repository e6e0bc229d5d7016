-- Lead time: days from adding an issue to closing it, by the week in which it was closed.
WITH closings AS (
    -- The last change to "closed", whose id is 4 in every project.
    SELECT changes.issueId, max(changes.created) AS closed
    FROM issue_change_log AS changes
    JOIN statuses ON statuses.projectId = changes.projectId
        AND statuses.name = changes.newValue
    WHERE changes.field = 'status' AND statuses.id = 4
    GROUP BY changes.issueId
),
done AS (
    SELECT
        coalesce(closings.closed, issues.updated) AS closed,
        epoch(coalesce(closings.closed, issues.updated) - issues.created) / 86400 AS days
    FROM issues
    LEFT JOIN closings ON closings.issueId = issues.id
    WHERE (issues.status ->> 'id')::INT = 4
)
SELECT
    date_trunc('week', closed)::DATE AS week,
    count(*) AS issues,
    round(median(days), 1) AS median_days,
    round(quantile_cont(days, 0.85), 1) AS days_of_85_percent
FROM done
GROUP BY week
ORDER BY week;
