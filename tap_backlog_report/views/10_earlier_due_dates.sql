-- The due date that each issue had seven days ago: what the first change since then replaced.
WITH later AS (
    SELECT DISTINCT ON (history.source_relation, history.issue_id)
        history.source_relation,
        history.issue_id,
        try_cast(replace(left(history.old_value, 10), '/', '-') AS DATE) AS due_date
    FROM marts.issue_history AS history, report.space AS space
    WHERE history.field = 'limitDate'
        AND timezone(space.timezone, timezone('UTC', history.changed_at))::DATE > as_of - 7
    ORDER BY
        history.source_relation,
        history.issue_id,
        history.changed_at,
        history.activity_id,
        history.position
)
SELECT
    issues.issue_id,
    CASE WHEN later.issue_id IS NULL THEN issues.due_date ELSE later.due_date END
        AS due_date
FROM marts.issues AS issues
LEFT JOIN later USING (source_relation, issue_id)
