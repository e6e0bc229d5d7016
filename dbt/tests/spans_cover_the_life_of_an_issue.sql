-- Spans of an issue follow each other without a gap, from when it was added to now.
with spans as (
    select
        spans.*,
        lag(spans.to_at) over (
            partition by spans.source_relation, spans.issue_id order by spans.span
        ) as ended_at,
        max(spans.span) over (partition by spans.source_relation, spans.issue_id) as last_span
    from {{ ref('issue_status_spans') }} as spans
)

select spans.*
from spans
inner join {{ ref('issues') }} as issues
    on issues.source_relation = spans.source_relation and issues.issue_id = spans.issue_id
where
    (spans.span = 1 and spans.from_at <> issues.created_at)
    or (spans.span > 1 and (spans.ended_at is null or spans.ended_at <> spans.from_at))
    or (spans.to_at < spans.from_at)
    or (spans.span = spans.last_span and (spans.to_at is not null or spans.status_id <> issues.status_id))
