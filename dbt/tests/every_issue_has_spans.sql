select issues.source_relation, issues.issue_id
from {{ ref('issues') }} as issues
left join {{ ref('issue_status_spans') }} as spans
    on spans.source_relation = issues.source_relation and spans.issue_id = issues.issue_id
where spans.issue_id is null
