-- Cumulative flow: how many issues had which status at the end of each day.
SELECT days.day, days.status_name AS status, count(*) AS issues
FROM report.days AS days, report.period AS period
WHERE days.day BETWEEN period.since AND period.until
GROUP BY days.day, days.status_name
ORDER BY days.day, min(days.status_order), days.status_name;
