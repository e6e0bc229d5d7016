-- Lead time: days from adding to closing, for each issue that was closed in the period.
SELECT issue_key, summary, closed_on, round(lead_time_days, 2) AS lead_time_days
FROM report.issues, report.period AS period
WHERE is_closed AND closed_on BETWEEN period.since AND period.until
    AND lead_time_days IS NOT NULL
ORDER BY closed_on, issue_id;
