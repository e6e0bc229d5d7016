-- The colour and place that each project gives to a status.
SELECT project_key, status_name, status_id = 4 AS is_closed, status_order, status_color AS color
FROM marts.statuses
WHERE coalesce(list_contains(getvariable('projects'), project_key), true)
ORDER BY project_key, status_order, status_id;
