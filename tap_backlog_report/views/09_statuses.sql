-- The statuses of the chosen projects by name, in Backlog's order, with its colours. "Closed"
-- comes last: projects with more statuses count further.
SELECT
    status_name,
    status_id = 4 AS is_closed,
    min(status_order) AS status_order,
    min_by(status_color, project_id) AS color
FROM marts.statuses
WHERE coalesce(list_contains(getvariable('projects'), project_key), true)
    AND coalesce(project_key = getvariable('project'), true)
GROUP BY status_name, status_id = 4
