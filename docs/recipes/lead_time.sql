-- Lead time: days from adding an issue to closing it, by the week in which it was closed.
-- SET VARIABLE timezone = 'Asia/Tokyo'; counts days there. The default is the space's own.
WITH zone AS (
    SELECT coalesce(getvariable('timezone'), (SELECT max(timezone) FROM space), 'UTC') AS name
),
closings AS (
    -- The last change to "closed", whose id is 4 in every project.
    SELECT issueId, max(changed) AS closed
    FROM issue_history
    WHERE field = 'status' AND newValue = '4'
    GROUP BY issueId
),
done AS (
    SELECT issues.created, coalesce(closings.closed, issues.updated) AS closed
    FROM issues
    LEFT JOIN closings ON closings.issueId = issues.id
    WHERE (issues.status ->> 'id')::INT = 4
),
spans AS (
    SELECT
        timezone(zone.name, timezone('UTC', closed))::DATE AS day,
        epoch(closed - created) / 86400 AS days
    FROM done, zone
)
SELECT
    date_trunc('week', day)::DATE AS week,
    count(*) AS issues,
    round(median(days), 1) AS median_days,
    round(quantile_cont(days, 0.85), 1) AS days_of_85_percent
FROM spans
GROUP BY week
ORDER BY week;
