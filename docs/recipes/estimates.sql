-- Estimated and actual hours, by issue type; only issues that have both.
SELECT
    issueType ->> 'name' AS issue_type,
    count(*) AS issues,
    round(sum(estimatedHours), 2) AS estimated_hours,
    round(sum(actualHours), 2) AS actual_hours,
    round(sum(actualHours) / nullif(sum(estimatedHours), 0), 2) AS actual_by_estimated,
    round(median(actualHours - estimatedHours), 2) AS median_excess
FROM issues
WHERE estimatedHours IS NOT NULL AND actualHours IS NOT NULL
GROUP BY issue_type
ORDER BY issues DESC, issue_type;
