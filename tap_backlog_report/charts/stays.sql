-- Time in each status, of the issues that were closed in the period.
SELECT
    stays.status_name AS status,
    count(*) AS issues,
    round(median(hours) / 24, 2) AS median_days,
    round(quantile_cont(hours, 0.85) / 24, 2) AS days_of_85_percent
FROM report.stays AS stays
CROSS JOIN report.period AS period
LEFT JOIN report.statuses AS statuses
    ON statuses.status_name = stays.status_name AND NOT statuses.is_closed
WHERE closed_on BETWEEN period.since AND period.until
GROUP BY stays.status_name
ORDER BY min(statuses.status_order) NULLS LAST, stays.status_name;
