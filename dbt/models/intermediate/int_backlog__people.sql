-- One name per person: the one in the list of users if it has the person.
with named as (
    select source_relation, user_id as person_id, user_name as person_name, 1 as place
    from {{ ref('stg_backlog__users') }}
    union all
    select source_relation, user_id, user_name, 2
    from {{ ref('stg_backlog__project_users') }}
    union all
    select source_relation, assignee_id, assignee_name, 3
    from {{ ref('stg_backlog__issues') }}
    union all
    select source_relation, created_by_id, created_by_name, 3
    from {{ ref('stg_backlog__issues') }}
    union all
    select source_relation, changed_by_id, changed_by_name, 4
    from {{ ref('stg_backlog__issue_history') }}
    union all
    select source_relation, changed_by_id, changed_by_name, 5
    from {{ ref('stg_backlog__issue_change_log') }}
),

first_place as (
    select source_relation, person_id, min(place) as place
    from named
    where person_id is not null
    group by source_relation, person_id
)

select named.source_relation, named.person_id, min(named.person_name) as person_name
from named
inner join first_place
    on first_place.source_relation = named.source_relation
    and first_place.person_id = named.person_id
    and first_place.place = named.place
group by named.source_relation, named.person_id
