-- Statuses by name, in Backlog's order.
SELECT status_name, is_closed, status_order, color
FROM report.statuses
ORDER BY is_closed, status_order, status_name;
