-- Issues added and closed, by week from Monday on.
WITH weeks AS (
    SELECT unnest(generate_series(
        date_trunc('week', since), date_trunc('week', until), INTERVAL 7 DAYS
    ))::DATE AS week
    FROM report.period
),
events AS (
    SELECT created_on AS day, 1 AS added, 0 AS closed FROM report.issues
    UNION ALL
    SELECT closed_on, 0, 1 FROM report.issues WHERE is_closed
)
SELECT
    weeks.week,
    coalesce(sum(events.added), 0) AS added_issues,
    coalesce(sum(events.closed), 0) AS closed_issues
FROM weeks
LEFT JOIN events ON date_trunc('week', events.day) = weeks.week
GROUP BY weeks.week
ORDER BY weeks.week;
