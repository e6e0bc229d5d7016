-- The hours of people are the changes of actual hours, and what issues had when they were added.
with booked as (
    select source_relation, sum(hours) as hours
    from {{ ref('person_monthly_hours') }}
    group by source_relation
),

told as (
    select
        source_relation,
        sum(coalesce({{ backlog.to_number('new_value') }}, 0) - coalesce({{ backlog.to_number('old_value') }}, 0)) as hours
    from {{ ref('issue_history') }}
    where field = 'actualHours'
    group by source_relation
),

additions as (
    select source_relation, issue_id
    from {{ ref('issue_history') }}
    where activity_type in (1, 47)
    group by source_relation, issue_id
),

at_first as (
    select additions.source_relation, sum(steps.hours) as hours
    from additions
    inner join (
        select source_relation, issue_id, {{ backlog.to_number('field_value') }} as hours
        from {{ ref('int_backlog__issue_steps') }}
        where field = 'actualHours' and place = 0
    ) as steps
        on steps.source_relation = additions.source_relation and steps.issue_id = additions.issue_id
    group by additions.source_relation
)

select spaces.source_relation
from {{ ref('stg_backlog__spaces') }} as spaces
left join booked on booked.source_relation = spaces.source_relation
left join told on told.source_relation = spaces.source_relation
left join at_first on at_first.source_relation = spaces.source_relation
where abs(coalesce(booked.hours, 0) - coalesce(told.hours, 0) - coalesce(at_first.hours, 0)) > 0.001
