-- The chosen period, both days included. Without a choice it begins with the first issue.
SELECT
    coalesce(
        getvariable('since')::DATE,
        (
            SELECT min(created_on) FROM marts.issues
            WHERE coalesce(list_contains(getvariable('projects'), project_key), true)
        ),
        as_of
    ) AS since,
    as_of AS until
FROM report.space
