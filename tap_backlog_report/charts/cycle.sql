-- Cycle time: days from the first change of status to closing, for each issue closed.
SELECT issue_key, summary, closed_on, round(cycle_time_days, 2) AS cycle_time_days
FROM report.issues, report.period AS period
WHERE is_closed AND closed_on BETWEEN period.since AND period.until
    AND cycle_time_days IS NOT NULL
ORDER BY closed_on, issue_id;
