-- Burn-down of a milestone: its open issues at the end of each day, and their hours.
-- SET VARIABLE milestone = 501; chooses one. The default is the one with most issues.
-- SET VARIABLE timezone = 'Asia/Tokyo'; counts days there. The default is the space's own.
WITH zone AS (
    SELECT coalesce(getvariable('timezone'), (SELECT max(timezone) FROM space), 'UTC') AS name
),
due AS (
    -- The milestones that issues have now: others have an older issueUpdated.
    SELECT issue_milestones.id, issues.id AS issueId
    FROM issue_milestones
    JOIN issues ON issues.id = issue_milestones.issueId
        AND issue_milestones.issueUpdated = issues.updated
),
chosen AS (
    SELECT coalesce(
        getvariable('milestone'),
        (SELECT id FROM due GROUP BY id ORDER BY count(*) DESC, id LIMIT 1)
    ) AS id
),
closings AS (
    -- The last change to "closed", whose id is 4 in every project.
    SELECT issueId, max(changed) AS closed
    FROM issue_history
    WHERE field = 'status' AND newValue = '4'
    GROUP BY issueId
),
work AS (
    SELECT
        issues.id,
        timezone(zone.name, timezone('UTC', issues.created))::DATE AS added,
        coalesce(issues.estimatedHours, 0) AS hours,
        CASE
            WHEN (issues.status ->> 'id')::INT = 4
            THEN timezone(
                zone.name, timezone('UTC', coalesce(closings.closed, issues.updated))
            )::DATE
        END AS closed
    FROM zone, issues
    JOIN due ON due.issueId = issues.id
    JOIN chosen ON chosen.id = due.id
    LEFT JOIN closings ON closings.issueId = issues.id
),
days AS (
    SELECT unnest(generate_series(
        min(added), greatest(max(added), max(closed)), INTERVAL 1 DAY
    ))::DATE AS day
    FROM work
)
SELECT
    days.day,
    count(work.id) AS open_issues,
    round(coalesce(sum(work.hours), 0), 2) AS open_hours
FROM days
LEFT JOIN work ON work.added <= days.day
    AND (work.closed IS NULL OR work.closed > days.day)
GROUP BY days.day
ORDER BY days.day;
