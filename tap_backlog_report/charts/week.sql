-- The last seven days beside the seven days before.
WITH weeks AS (
    SELECT 'this' AS name, as_of - 6 AS first, as_of AS last FROM report.space
    UNION ALL
    SELECT 'before', as_of - 13, as_of - 7 FROM report.space
),
events AS (
    SELECT 1 AS place, 'added' AS figure, created_on AS day, 1 AS value FROM report.issues
    UNION ALL
    SELECT 2, 'closed', closed_on, 1 FROM report.issues WHERE is_closed
    UNION ALL
    SELECT 3, 'reopened', reopened_on, 1 FROM report.reopenings
    UNION ALL
    SELECT 6, 'hours', day, hours FROM report.hours
),
happened AS (
    SELECT
        place,
        figure,
        coalesce(sum(value) FILTER (weeks.name = 'this'), 0) AS this_week,
        coalesce(sum(value) FILTER (weeks.name = 'before'), 0) AS week_before
    FROM events
    LEFT JOIN weeks ON events.day BETWEEN weeks.first AND weeks.last
    GROUP BY place, figure
),
stood AS (
    SELECT
        4 AS place,
        'open' AS figure,
        count(*) FILTER (weeks.name = 'this') AS this_week,
        count(*) FILTER (weeks.name = 'before') AS week_before
    FROM report.days AS days
    JOIN weeks ON weeks.last = days.day
    WHERE NOT days.is_closed
    UNION ALL
    SELECT
        5,
        'overdue',
        count(*) FILTER (weeks.name = 'this' AND issues.due_date < weeks.last),
        count(*) FILTER (weeks.name = 'before' AND earlier.due_date < weeks.last)
    FROM report.days AS days
    JOIN weeks ON weeks.last = days.day
    JOIN marts.issues AS issues USING (issue_id)
    JOIN report.earlier_due_dates AS earlier USING (issue_id)
    WHERE NOT days.is_closed
)
SELECT
    figures.figure,
    round(coalesce(found.this_week, 0), 2) AS this_week,
    round(coalesce(found.week_before, 0), 2) AS week_before
FROM (
    VALUES (1, 'added'), (2, 'closed'), (3, 'reopened'), (4, 'open'), (5, 'overdue'),
    (6, 'hours')
) AS figures (place, figure)
LEFT JOIN (FROM happened UNION ALL FROM stood) AS found USING (place)
ORDER BY figures.place;
