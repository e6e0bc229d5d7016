-- Cumulative flow: how many issues had which status at the end of each day.
SELECT days.day, days.status_name AS status, count(*) AS issues
FROM report.days AS days
CROSS JOIN report.period AS period
LEFT JOIN report.statuses AS statuses USING (status_name, is_closed)
WHERE days.day BETWEEN period.since AND period.until
GROUP BY days.day, days.status_name, days.is_closed, statuses.status_order
ORDER BY days.day, days.is_closed, statuses.status_order NULLS LAST, days.status_name;
