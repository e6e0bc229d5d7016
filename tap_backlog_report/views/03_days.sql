-- The end of each day of the chosen issues, from the day on which an issue was added.
SELECT
    states.* EXCLUDE (from_day, to_day),
    unnest(generate_series(from_day, to_day, INTERVAL 1 DAY))::DATE AS day
FROM report.states AS states
