-- The end of each day of the chosen issues: project, milestone and person of that day.
SELECT days.* REPLACE (
    coalesce(days.assignee_name, '#' || days.assignee_id) AS assignee_name
)
FROM marts.issue_daily AS days
JOIN marts.issues AS issues USING (source_relation, issue_id)
WHERE coalesce(list_contains(getvariable('projects'), issues.project_key), true)
    AND coalesce(issues.project_key = getvariable('project'), true)
    AND (
        getvariable('milestone') IS NULL
        OR list_contains(
            string_split(coalesce(days.milestone_ids, ''), ', '),
            getvariable('milestone')::VARCHAR
        )
    )
    AND (
        getvariable('person') IS NULL
        OR coalesce(days.assignee_id = getvariable('person'), false)
    )
