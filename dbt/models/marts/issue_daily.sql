-- The state of each issue at the end of each day, from the day it was added on.
with milestone_names as (
    select
        source_relation,
        project_id,
        milestone_ids,
        {{ dbt.listagg('milestone_name', "', '", 'order by display_order, milestone_id') }} as milestone_names
    from {{ ref('int_backlog__milestone_members') }}
    group by source_relation, project_id, milestone_ids
),

states as (
    select
        states.*,
        status_names.status_name,
        status_names.status_order,
        people.person_name as assignee_name,
        milestone_names.milestone_names
    from {{ ref('int_backlog__issue_states') }} as states
    left join {{ ref('int_backlog__status_names') }} as status_names
        on status_names.source_relation = states.source_relation
        and status_names.project_id = states.project_id
        and status_names.status_id = states.status_id
    left join {{ ref('int_backlog__people') }} as people
        on people.source_relation = states.source_relation and people.person_id = states.assignee_id
    left join milestone_names
        on milestone_names.source_relation = states.source_relation
        and milestone_names.project_id = states.project_id
        and milestone_names.milestone_ids = states.milestone_ids
)

select
    states.source_relation,
    days.day,
    states.issue_id,
    states.project_id,
    states.status_id,
    states.status_name,
    states.status_order,
    states.status_id = 4 as is_closed,
    states.assignee_id,
    states.assignee_name,
    states.milestone_ids,
    states.milestone_names,
    states.estimated_hours,
    states.actual_hours
from states
{{ backlog.join_days('states.from_day', 'states.to_day') }}
