-- What the chosen issues were from day to day: a row per stretch of days without a change.
-- Project, milestone and person are those of that time.
SELECT
    states.issue_id,
    states.from_day,
    states.to_day,
    names.status_name,
    names.status_order,
    states.status_id = 4 AS is_closed,
    states.assignee_id,
    coalesce(people.person_name, '#' || states.assignee_id) AS assignee_name,
    states.milestone_ids,
    states.estimated_hours
FROM marts.int_backlog__issue_states AS states
JOIN marts.issues AS issues USING (source_relation, issue_id)
LEFT JOIN marts.int_backlog__status_names AS names
    ON names.source_relation = states.source_relation
    AND names.project_id = states.project_id
    AND names.status_id = states.status_id
LEFT JOIN marts.int_backlog__people AS people
    ON people.source_relation = states.source_relation
    AND people.person_id = states.assignee_id
WHERE coalesce(list_contains(getvariable('projects'), issues.project_key), true)
    AND coalesce(issues.project_key = getvariable('project'), true)
    AND (
        getvariable('milestone') IS NULL
        OR list_contains(
            string_split(coalesce(states.milestone_ids, ''), ', '),
            getvariable('milestone')::VARCHAR
        )
    )
    AND (
        getvariable('person') IS NULL
        OR coalesce(states.assignee_id = getvariable('person'), false)
    )
