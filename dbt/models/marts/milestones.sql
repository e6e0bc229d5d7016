with members as (
    select
        parts.source_relation,
        parts.milestone_id,
        count(*) as issues,
        sum(case when issues.status_id = 4 then 1 else 0 end) as closed_issues,
        {{ backlog.exact_sum('issues.estimated_hours') }} as estimated_hours,
        {{ backlog.exact_sum('issues.actual_hours') }} as actual_hours
    from {{ ref('stg_backlog__issue_milestones') }} as parts
    inner join {{ ref('stg_backlog__issues') }} as issues
        on issues.source_relation = parts.source_relation and issues.issue_id = parts.issue_id
    group by parts.source_relation, parts.milestone_id
)

select
    milestones.source_relation,
    milestones.project_id,
    projects.project_key,
    milestones.milestone_id,
    milestones.milestone_name,
    milestones.start_date,
    milestones.due_date,
    milestones.is_archived,
    milestones.display_order,
    coalesce(members.issues, 0) as issues,
    cast(coalesce(members.closed_issues, 0) as {{ dbt.type_bigint() }}) as closed_issues,
    coalesce(members.estimated_hours, 0) as estimated_hours,
    coalesce(members.actual_hours, 0) as actual_hours
from {{ ref('stg_backlog__milestones') }} as milestones
left join {{ ref('stg_backlog__projects') }} as projects
    on projects.source_relation = milestones.source_relation and projects.project_id = milestones.project_id
left join members
    on members.source_relation = milestones.source_relation and members.milestone_id = milestones.milestone_id
