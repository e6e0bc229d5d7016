-- Hours written down, by issue, person and day.
SELECT
    issue_id,
    person_id,
    any_value(person_name) AS person_name,
    day,
    sum(hours) AS hours,
    bool_or(is_first)::INT AS is_first
FROM report.hours
GROUP BY issue_id, person_id, day
ORDER BY issue_id, day, person_id;
