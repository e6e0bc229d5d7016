-- The state of each issue at the end of each day on which it changed, up to the day before it
-- changed again.
with steps as (
    select
        steps.source_relation,
        steps.issue_id,
        steps.field,
        cast(steps.from_at at time zone 'UTC' at time zone spaces.time_zone as date) as day,
        steps.place,
        steps.field_value
    from marts.int_backlog__issue_steps as steps
    inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = steps.source_relation
),
placed as (
    select
        steps.*,
        row_number() over (
            partition by source_relation, issue_id, field, day order by place desc
        ) as from_last
    from steps
),
-- An empty text is a value, null means unchanged.
by_day as (
    select
        source_relation,
        issue_id,
        day,
        max(case when field = 'status' then coalesce(field_value, '') end) as status,
        max(case when field = 'assigner' then coalesce(field_value, '') end) as assigner,
        max(case when field = 'milestone' then coalesce(field_value, '') end) as milestone,
        max(case when field = 'estimatedHours' then coalesce(field_value, '') end) as estimatedhours,
        max(case when field = 'actualHours' then coalesce(field_value, '') end) as actualhours
    from placed
    where from_last = 1
    group by source_relation, issue_id, day
),
runs as (
    select
        by_day.*,
        lead(day) over (partition by source_relation, issue_id order by day) as next_day,
        count(status) over (partition by source_relation, issue_id order by day) as status_run,
        count(assigner) over (partition by source_relation, issue_id order by day) as assigner_run,
        count(milestone) over (partition by source_relation, issue_id order by day) as milestone_run,
        count(estimatedhours) over (partition by source_relation, issue_id order by day) as estimatedhours_run,
        count(actualhours) over (partition by source_relation, issue_id order by day) as actualhours_run
    from by_day
),
filled as (
    select
        source_relation,
        issue_id,
        day,
        next_day,
        nullif(max(status) over (
            partition by source_relation, issue_id, status_run
        ), '') as status,
        nullif(max(assigner) over (
            partition by source_relation, issue_id, assigner_run
        ), '') as assigner,
        nullif(max(milestone) over (
            partition by source_relation, issue_id, milestone_run
        ), '') as milestone,
        nullif(max(estimatedhours) over (
            partition by source_relation, issue_id, estimatedhours_run
        ), '') as estimatedhours,
        nullif(max(actualhours) over (
            partition by source_relation, issue_id, actualhours_run
        ), '') as actualhours
    from runs
)
select
    filled.source_relation,
    filled.issue_id,
    issues.project_id,
    filled.day as from_day,
    coalesce(least((filled.next_day + -1), spaces.as_of), spaces.as_of) as to_day,
    cast(filled.status as bigint) as status_id,
    cast(filled.assigner as bigint) as assignee_id,
    filled.milestone as milestone_ids,
    cast(filled.estimatedhours as float8) as estimated_hours,
    cast(filled.actualhours as float8) as actual_hours
from filled
inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = filled.source_relation
inner join marts.stg_backlog__issues as issues
    on issues.source_relation = filled.source_relation and issues.issue_id = filled.issue_id
where filled.day <= spaces.as_of
