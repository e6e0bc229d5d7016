-- Hours written down, by the person who did; the chosen person is that person here. What an
-- issue had when it was added was written by who added it. The first row of an issue is
-- where its estimate counts.
WITH additions AS (
    SELECT source_relation, issue_id, min_by(changed_by_id, changed_at) AS person_id,
        min(changed_at) AS changed_at
    FROM marts.issue_history
    WHERE activity_type IN (1, 47)
    GROUP BY ALL
),
changes AS (
    SELECT source_relation, issue_id, changed_by_id AS person_id, changed_at, activity_id,
        coalesce(try_cast(old_value AS DOUBLE), 0) AS before,
        coalesce(try_cast(new_value AS DOUBLE), 0) AS after
    FROM marts.issue_history
    WHERE field = 'actualHours'
),
firsts AS (
    SELECT source_relation, issue_id, min_by(before, activity_id) AS hours
    FROM changes
    GROUP BY ALL
),
booked AS (
    SELECT source_relation, issue_id, person_id, changed_at, after - before AS hours
    FROM changes
    UNION ALL
    SELECT source_relation, issue_id, additions.person_id, additions.changed_at,
        coalesce(firsts.hours, issues.actual_hours)
    FROM additions
    JOIN marts.issues AS issues USING (source_relation, issue_id)
    LEFT JOIN firsts USING (source_relation, issue_id)
),
people AS (
    SELECT changed_by_id AS person_id, any_value(changed_by_name) AS person_name
    FROM marts.issue_history
    GROUP BY ALL
)
SELECT
    booked.issue_id,
    timezone(space.timezone, timezone('UTC', booked.changed_at))::DATE AS day,
    booked.person_id,
    coalesce(people.person_name, '#' || booked.person_id) AS person_name,
    booked.hours,
    issues.estimated_hours,
    row_number() OVER (
        PARTITION BY booked.issue_id ORDER BY booked.changed_at, booked.person_id
    ) = 1 AS is_first
FROM booked
JOIN marts.issues AS issues USING (source_relation, issue_id)
LEFT JOIN people USING (person_id)
CROSS JOIN report.space AS space
WHERE booked.hours <> 0
QUALIFY coalesce(list_contains(getvariable('projects'), issues.project_key), true)
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
        OR coalesce(booked.person_id = getvariable('person'), false)
    )
