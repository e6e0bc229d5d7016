-- Cumulative flow: how many issues had which status at the end of each day.
-- SET VARIABLE timezone = 'Asia/Tokyo'; counts days there. The default is the space's own.
WITH zone AS (
    SELECT coalesce(getvariable('timezone'), (SELECT max(timezone) FROM space), 'UTC') AS name
),
changes AS (
    SELECT
        issueId,
        changed,
        oldValue,
        newValue,
        row_number() OVER (
            PARTITION BY issueId ORDER BY changed, activityId, position
        ) AS place
    FROM issue_history
    WHERE field = 'status'
),
steps AS (
    -- Before its first change, an issue had the status that this change replaced; if the
    -- change does not tell, that of new issues, whose id is 1 in every project.
    SELECT
        issues.id,
        0 AS place,
        issues.created AS began,
        CASE
            WHEN changes.issueId IS NULL THEN issues.status ->> 'id'
            ELSE coalesce(changes.oldValue, '1')
        END AS status
    FROM issues
    LEFT JOIN changes ON changes.issueId = issues.id AND changes.place = 1
    UNION ALL
    SELECT issueId, place, changed, newValue
    FROM changes
    SEMI JOIN issues ON issues.id = changes.issueId
),
spans AS (
    SELECT
        steps.id,
        steps.status,
        timezone(zone.name, timezone('UTC', began))::DATE AS began,
        timezone(zone.name, timezone('UTC',
            lead(began) OVER (PARTITION BY steps.id ORDER BY place)
        ))::DATE AS ended
    FROM steps, zone
),
named AS (
    -- The names that statuses have today, whatever they were called then.
    SELECT
        spans.began,
        spans.ended,
        coalesce(statuses.name, spans.status) AS status,
        statuses.displayOrder
    FROM spans
    JOIN issues ON issues.id = spans.id
    LEFT JOIN statuses ON statuses.projectId = issues.projectId
        AND statuses.id::VARCHAR = spans.status
),
days AS (
    SELECT unnest(generate_series(
        (SELECT min(began) FROM spans),
        (SELECT max(timezone(zone.name, timezone('UTC', updated)))::DATE FROM issues, zone),
        INTERVAL 1 DAY
    ))::DATE AS day
)
SELECT
    days.day,
    named.status,
    count(*) AS issues,
    min(named.displayOrder) AS status_order
FROM days
JOIN named ON named.began <= days.day AND (named.ended IS NULL OR named.ended > days.day)
GROUP BY days.day, named.status
ORDER BY days.day, status_order, named.status;
