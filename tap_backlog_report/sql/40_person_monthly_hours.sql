-- Hours by the person who wrote them down, from changes of the actual hours. What an issue had
-- when it was added was written by who added it, if the history knows that.
with additions as (
    select
        source_relation,
        issue_id,
        min(changed_by_id) as changed_by_id,
        min(changed_at) as changed_at
    from marts.int_backlog__issue_changes
    where activity_type in (1, 47)
    group by source_relation, issue_id
),
booked as (
    select
        source_relation,
        issue_id,
        changed_by_id as person_id,
        changed_at,
        coalesce(try_cast(new_value as double), 0) - coalesce(try_cast(old_value as double), 0) as hours
    from marts.int_backlog__issue_changes
    where field = 'actualHours'
    union all
    select
        steps.source_relation,
        steps.issue_id,
        additions.changed_by_id,
        additions.changed_at,
        try_cast(steps.field_value as double)
    from marts.int_backlog__issue_steps as steps
    inner join additions
        on additions.source_relation = steps.source_relation and additions.issue_id = steps.issue_id
    where steps.field = 'actualHours' and steps.place = 0 and steps.field_value is not null
),
placed as (
    select
        booked.source_relation,
        issues.project_id,
        booked.issue_id,
        coalesce(booked.person_id, 0) as person_id,
        cast(date_trunc('month', cast(booked.changed_at at time zone 'UTC' at time zone spaces.time_zone as date)) as date) as month,
        booked.hours,
        issues.estimated_hours,
        row_number() over (
            partition by booked.source_relation, booked.issue_id
            order by booked.changed_at, booked.person_id
        ) as place
    from booked
    inner join marts.stg_backlog__issues as issues
        on issues.source_relation = booked.source_relation and issues.issue_id = booked.issue_id
    inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = booked.source_relation
    where booked.hours <> 0
),
summed as (
    select
        source_relation,
        project_id,
        person_id,
        month,
        cast(sum(cast(hours as numeric(28,6))) as float8) as hours,
        count(distinct issue_id) as issues,
        cast(sum(cast(case when place = 1 then coalesce(estimated_hours, 0) else 0 end as numeric(28,6))) as float8) as estimated_hours
    from placed
    group by source_relation, project_id, person_id, month
)
select
    summed.source_relation,
    summed.project_id,
    summed.person_id,
    summed.month,
    projects.project_key,
    projects.project_name,
    people.person_name,
    summed.hours,
    summed.issues,
    summed.estimated_hours
from summed
left join marts.stg_backlog__projects as projects
    on projects.source_relation = summed.source_relation and projects.project_id = summed.project_id
left join marts.int_backlog__people as people
    on people.source_relation = summed.source_relation and people.person_id = summed.person_id
