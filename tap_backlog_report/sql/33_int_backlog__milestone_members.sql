-- Which milestones are in each list of milestones that an issue had.
with lists as (
    select distinct source_relation, project_id, milestone_ids
    from marts.int_backlog__issue_states
    where milestone_ids is not null
)
select
    lists.source_relation,
    lists.project_id,
    lists.milestone_ids,
    milestones.milestone_id,
    milestones.milestone_name,
    milestones.display_order
from lists
inner join marts.stg_backlog__milestones as milestones
    on milestones.source_relation = lists.source_relation
    and concat(', ', lists.milestone_ids, ', ') like concat('%, ', cast(milestones.milestone_id as TEXT), ', %')
