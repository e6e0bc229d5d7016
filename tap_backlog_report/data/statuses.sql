-- Statuses by name, in Backlog's order.
SELECT
    status_name,
    min_by(status_color, project_id) AS color,
    min(status_order) AS status_order,
    bool_or(status_id = 4) AS is_closed
FROM marts.statuses
WHERE coalesce(list_contains(getvariable('projects'), project_key), true)
GROUP BY status_name
ORDER BY status_order, status_name;
