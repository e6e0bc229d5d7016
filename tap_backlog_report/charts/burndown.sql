-- A milestone, day by day: what was in it, and what was open, at the end of each day.
WITH chosen AS (
    FROM report.milestones WHERE milestone_id = getvariable('burndown')
),
days AS (
    SELECT days.*
    FROM report.days AS days, chosen
    WHERE list_contains(
            string_split(coalesce(days.milestone_ids, ''), ', '),
            chosen.milestone_id::VARCHAR
        )
        AND days.day BETWEEN chosen.first_day AND chosen.last_day
),
committed AS (
    SELECT days.issue_id FROM days, chosen WHERE days.day = chosen.first_day
),
calendar AS (
    SELECT unnest(generate_series(first_day, last_day, INTERVAL 1 DAY))::DATE AS day
    FROM chosen
)
SELECT
    calendar.day,
    count(days.issue_id) FILTER (NOT days.is_closed) AS open_issues,
    count(days.issue_id) AS scope_issues,
    count(days.issue_id) FILTER (
        days.issue_id NOT IN (SELECT issue_id FROM committed)
    ) AS added_issues,
    coalesce(sum(days.estimated_hours) FILTER (NOT days.is_closed), 0) AS open_hours,
    coalesce(sum(days.estimated_hours), 0) AS scope_hours
FROM calendar
LEFT JOIN days ON days.day = calendar.day
GROUP BY calendar.day
ORDER BY calendar.day;
