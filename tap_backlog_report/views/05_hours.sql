-- Changes of actual hours, by the person who made them; person is that person here.
SELECT
    changes.issue_id,
    changes.changed_on AS day,
    changes.changed_by_id AS person_id,
    changes.changed_by_name AS person_name,
    coalesce(try_cast(changes.new_value AS DOUBLE), 0)
        - coalesce(try_cast(changes.old_value AS DOUBLE), 0) AS hours,
    issues.estimated_hours
FROM marts.issue_history AS changes
JOIN marts.issues AS issues USING (source_relation, issue_id)
WHERE changes.field = 'actualHours'
    AND coalesce(list_contains(getvariable('projects'), issues.project_key), true)
    AND coalesce(issues.project_key = getvariable('project'), true)
    AND (
        getvariable('milestone') IS NULL
        OR list_contains(
            string_split(coalesce(issues.milestone_ids, ''), ', '),
            getvariable('milestone')::VARCHAR
        )
    )
    AND (
        getvariable('person') IS NULL
        OR coalesce(changes.changed_by_id = getvariable('person'), false)
    )
