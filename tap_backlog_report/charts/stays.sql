-- Time in each status, of the issues that were closed in the period.
SELECT
    status_name AS status,
    count(*) AS issues,
    round(median(hours) / 24, 2) AS median_days,
    round(quantile_cont(hours, 0.85) / 24, 2) AS days_of_85_percent
FROM report.stays
CROSS JOIN report.period AS period
LEFT JOIN report.statuses AS statuses USING (status_name)
WHERE closed_on BETWEEN period.since AND period.until
    AND NOT coalesce(statuses.is_closed, false)
GROUP BY status_name
ORDER BY min(statuses.status_order) NULLS LAST, status_name;
