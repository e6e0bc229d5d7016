-- How long the chosen issues had each status, without "closed".
SELECT
    spans.issue_id,
    issues.closed_on,
    spans.status_name,
    min(spans.status_order) AS status_order,
    round(sum(spans.hours), 1) AS hours
FROM marts.issue_status_spans AS spans
JOIN report.issues AS issues USING (source_relation, issue_id)
WHERE NOT spans.is_closed
GROUP BY spans.issue_id, issues.closed_on, spans.status_name
