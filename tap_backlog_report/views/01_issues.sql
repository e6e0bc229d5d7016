-- The issues of the chosen projects, milestone and person, as they are now.
SELECT
    issues.* REPLACE (coalesce(assignee_name, '#' || assignee_id) AS assignee_name),
    timezone(space.timezone, timezone('UTC', last_reopened_at))::DATE AS last_reopened_on
FROM marts.issues AS issues, report.space AS space
WHERE coalesce(list_contains(getvariable('projects'), project_key), true)
    AND coalesce(project_key = getvariable('project'), true)
    AND (
        getvariable('milestone') IS NULL
        OR list_contains(
            string_split(coalesce(milestone_ids, ''), ', '), getvariable('milestone')::VARCHAR
        )
    )
    AND (getvariable('person') IS NULL OR coalesce(assignee_id = getvariable('person'), false))
