-- Estimated and actual hours, by issue type; only issues that have both.
select
    issues.issue_type_name as issue_type,
    count(*) as issues,
    {{ backlog.rounded('sum(issues.estimated_hours)', 2) }} as estimated_hours,
    {{ backlog.rounded('sum(issues.actual_hours)', 2) }} as actual_hours,
    {{ backlog.rounded('sum(issues.actual_hours) / nullif(sum(issues.estimated_hours), 0)', 2) }} as actual_by_estimated,
    {{ backlog.rounded(backlog.quantile('issues.actual_hours - issues.estimated_hours', 0.5), 2) }} as median_excess
from {{ ref('issues') }} as issues
where issues.estimated_hours is not null and issues.actual_hours is not null
group by issues.issue_type_name
order by issues desc, issue_type
