-- Cumulative flow: how many issues had which status at the end of each day.
WITH changes AS (
    SELECT
        issueId,
        created,
        originalValue,
        newValue,
        row_number() OVER (
            PARTITION BY issueId ORDER BY created, commentId, position
        ) AS place
    FROM issue_change_log
    WHERE field = 'status'
),
steps AS (
    -- Before its first change, an issue had the status that this change replaced.
    SELECT
        issues.id,
        0 AS place,
        issues.created AS began,
        coalesce(changes.originalValue, issues.status ->> 'name') AS status
    FROM issues
    LEFT JOIN changes ON changes.issueId = issues.id AND changes.place = 1
    UNION ALL
    SELECT issueId, place, created, newValue
    FROM changes
    SEMI JOIN issues ON issues.id = changes.issueId
),
spans AS (
    SELECT *, lead(began) OVER (PARTITION BY id ORDER BY place) AS ended FROM steps
),
days AS (
    SELECT unnest(generate_series(
        min(created)::DATE, max(updated)::DATE, INTERVAL 1 DAY
    ))::DATE AS day
    FROM issues
)
SELECT
    days.day,
    spans.status,
    count(*) AS issues,
    (
        SELECT min(displayOrder) FROM statuses WHERE statuses.name = spans.status
    ) AS status_order
FROM days
JOIN spans ON spans.began < days.day + 1
    AND (spans.ended IS NULL OR spans.ended >= days.day + 1)
GROUP BY days.day, spans.status
ORDER BY days.day, status_order, spans.status;
