-- Hours by person and month, and the estimates of the issues concerned: each counts in the
-- first month in which the person logged hours for it.
WITH logged AS (
    SELECT
        *,
        date_trunc('month', day)::DATE AS month,
        min(date_trunc('month', day)) OVER (PARTITION BY person_id, issue_id) AS first_month
    FROM report.hours
),
by_issue AS (
    SELECT
        month,
        person_id,
        person_name,
        issue_id,
        sum(hours) AS hours,
        any_value(estimated_hours) FILTER (month = first_month) AS estimated_hours
    FROM logged
    GROUP BY ALL
)
SELECT
    month,
    person_name AS person,
    round(sum(hours), 2) AS hours,
    count(*) AS issues,
    round(coalesce(sum(estimated_hours), 0), 2) AS estimated_hours
FROM by_issue, report.period AS period
WHERE month BETWEEN date_trunc('month', period.since) AND period.until
GROUP BY month, person_id, person_name
ORDER BY month, person_name NULLS LAST, person_id;
