-- Each milestone day by day: what it began with, what came and went, what is done and left.
with members as (
    select
        daily.source_relation,
        members.milestone_id,
        daily.day,
        daily.issue_id,
        daily.is_closed,
        coalesce(daily.estimated_hours, 0) as hours
    from marts.issue_daily as daily
    inner join marts.int_backlog__milestone_members as members
        on members.source_relation = daily.source_relation
        and members.project_id = daily.project_id
        and members.milestone_ids = daily.milestone_ids
),
known as (
    select
        members.source_relation,
        members.milestone_id,
        min(members.day) as first_day,
        max(case when issues.closed_on = members.day then members.day end) as last_closed_on,
        sum(case when members.day = spaces.as_of and not members.is_closed then 1 else 0 end) as left_issues
    from members
    inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = members.source_relation
    inner join marts.issues as issues
        on issues.source_relation = members.source_relation and issues.issue_id = members.issue_id
    group by members.source_relation, members.milestone_id
),
-- Without a due date, a milestone goes on while something in it is open.
planned as (
    select
        milestones.source_relation,
        milestones.milestone_id,
        milestones.project_id,
        milestones.milestone_name,
        milestones.start_date,
        milestones.due_date,
        spaces.as_of,
        coalesce(milestones.start_date, known.first_day) as first_day,
        coalesce(
            milestones.due_date,
            case when known.left_issues > 0 then spaces.as_of end,
            known.last_closed_on,
            spaces.as_of
        ) as planned_day,
        known.last_closed_on
    from marts.stg_backlog__milestones as milestones
    inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = milestones.source_relation
    left join known
        on known.source_relation = milestones.source_relation and known.milestone_id = milestones.milestone_id
),
ranges as (
    select
        planned.*,
        least(as_of, greatest(planned_day, coalesce(last_closed_on, planned_day))) as last_day
    from planned
),
calendar as (
    select ranges.*, days.day
    from ranges
    cross join lateral (
        select cast(unnest(generate_series(
            cast(ranges.first_day as timestamp), cast(ranges.last_day as timestamp), interval 1 day
        )) as date) as day
    ) as days
),
committed as (
    select members.source_relation, members.milestone_id, members.issue_id, members.hours
    from members
    inner join ranges
        on ranges.source_relation = members.source_relation
        and ranges.milestone_id = members.milestone_id
        and ranges.first_day = members.day
),
commitments as (
    select source_relation, milestone_id, count(*) as issues, cast(sum(cast(hours as numeric(28,6))) as float8) as hours
    from committed
    group by source_relation, milestone_id
),
daily as (
    select
        members.source_relation,
        members.milestone_id,
        members.day,
        count(*) as issues,
        cast(sum(cast(members.hours as numeric(28,6))) as float8) as hours,
        count(committed.issue_id) as committed_issues,
        sum(case when members.is_closed then 1 else 0 end) as done_issues,
        cast(sum(cast(case when members.is_closed then members.hours else 0 end as numeric(28,6))) as float8) as done_hours
    from members
    left join committed
        on committed.source_relation = members.source_relation
        and committed.milestone_id = members.milestone_id
        and committed.issue_id = members.issue_id
    group by members.source_relation, members.milestone_id, members.day
)
select
    calendar.source_relation,
    calendar.milestone_id,
    calendar.day,
    calendar.project_id,
    calendar.milestone_name,
    calendar.start_date,
    calendar.due_date,
    coalesce(commitments.issues, 0) as committed_issues,
    coalesce(commitments.hours, 0) as committed_hours,
    coalesce(daily.issues - daily.committed_issues, 0) as added_issues,
    coalesce(daily.hours, 0) - coalesce(commitments.hours, 0) as added_hours,
    coalesce(commitments.issues, 0) - coalesce(daily.committed_issues, 0) as removed_issues,
    cast(coalesce(daily.done_issues, 0) as bigint) as done_issues,
    coalesce(daily.done_hours, 0) as done_hours,
    cast(coalesce(daily.issues - daily.done_issues, 0) as bigint) as left_issues,
    coalesce(daily.hours - daily.done_hours, 0) as left_hours,
    coalesce(daily.issues, 0) as scope_issues,
    coalesce(daily.hours, 0) as scope_hours
from calendar
left join commitments
    on commitments.source_relation = calendar.source_relation
    and commitments.milestone_id = calendar.milestone_id
left join daily
    on daily.source_relation = calendar.source_relation
    and daily.milestone_id = calendar.milestone_id
    and daily.day = calendar.day
