-- When the chosen issues were opened again.
SELECT
    spans.issue_id,
    timezone(space.timezone, timezone('UTC', spans.from_at))::DATE AS reopened_on
FROM marts.issue_status_spans AS spans
JOIN marts.issue_status_spans AS before
    ON before.source_relation = spans.source_relation
    AND before.issue_id = spans.issue_id
    AND before.span = spans.span - 1
JOIN report.issues AS issues ON issues.issue_id = spans.issue_id
CROSS JOIN report.space AS space
WHERE before.is_closed AND NOT spans.is_closed
