-- Hours by person and month, and the estimates of the issues concerned: each counts once,
-- with the person and month that wrote down its first hours.
SELECT
    date_trunc('month', day)::DATE AS month,
    person_name AS person,
    round(sum(hours), 2) AS hours,
    count(DISTINCT issue_id) AS issues,
    round(coalesce(sum(estimated_hours) FILTER (is_first), 0), 2) AS estimated_hours
FROM report.hours, report.period AS period
WHERE date_trunc('month', day) BETWEEN date_trunc('month', period.since) AND period.until
GROUP BY month, person_id, person_name
ORDER BY month, person_name NULLS LAST, person_id;
