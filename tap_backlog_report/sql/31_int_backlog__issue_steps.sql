-- What status, assignee, milestones and hours of an issue were from when on: from the day it
-- was added (the value that its first change replaced), from each change, and, if its last
-- change did not lead to what it has today, from its last update. A status with a name that
-- nothing has any more is 0. If the history knows when
-- an issue was added, and no change of its status, it always had the one of today.
with additions as (
    select distinct source_relation, issue_id
    from marts.int_backlog__issue_changes
    where activity_type in (1, 47)
),
present as (
    select
        issues.source_relation,
        issues.issue_id,
        cast('status' as TEXT) as field,
        cast(issues.status_id as TEXT) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from marts.stg_backlog__issues as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
    union all
    select
        issues.source_relation,
        issues.issue_id,
        cast('assigner' as TEXT) as field,
        cast(issues.assignee_id as TEXT) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from marts.stg_backlog__issues as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
    union all
    select
        issues.source_relation,
        issues.issue_id,
        cast('milestone' as TEXT) as field,
        cast(lists.milestone_ids as TEXT) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from marts.stg_backlog__issues as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
    left join marts.int_backlog__issue_lists as lists
        on lists.source_relation = issues.source_relation and lists.issue_id = issues.issue_id
    union all
    select
        issues.source_relation,
        issues.issue_id,
        cast('estimatedHours' as TEXT) as field,
        cast(issues.estimated_hours as TEXT) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from marts.stg_backlog__issues as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
    union all
    select
        issues.source_relation,
        issues.issue_id,
        cast('actualHours' as TEXT) as field,
        cast(issues.actual_hours as TEXT) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from marts.stg_backlog__issues as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
),
changes as (
    select
        changes.source_relation,
        changes.issue_id,
        changes.field,
        changes.changed_at,
        case
            when changes.field = 'milestone' then labels_before.item_ids
            when changes.field in ('estimatedHours', 'actualHours')
                then cast(try_cast(changes.old_value as double) as TEXT)
            when changes.old_value <> '' then coalesce(
                cast(try_cast(changes.old_value as bigint) as TEXT),
                labels_before.item_ids,
                case when changes.field = 'status' then '0' end
            )
        end as old_value,
        case
            when changes.field = 'milestone' then labels_after.item_ids
            when changes.field in ('estimatedHours', 'actualHours')
                then cast(try_cast(changes.new_value as double) as TEXT)
            when changes.new_value <> '' then coalesce(
                cast(try_cast(changes.new_value as bigint) as TEXT),
                labels_after.item_ids,
                case when changes.field = 'status' then '0' end
            )
        end as new_value,
        row_number() over (
            partition by changes.source_relation, changes.issue_id, changes.field
            order by changes.changed_at, changes.activity_id, changes.position
        ) as place,
        row_number() over (
            partition by changes.source_relation, changes.issue_id, changes.field
            order by changes.changed_at desc, changes.activity_id desc, changes.position desc
        ) as from_last
    from marts.int_backlog__issue_changes as changes
    left join marts.int_backlog__value_labels as labels_before
        on labels_before.source_relation = changes.source_relation
        and labels_before.field = changes.field
        and labels_before.project_id = changes.project_id
        and labels_before.told_value = changes.old_value
    left join marts.int_backlog__value_labels as labels_after
        on labels_after.source_relation = changes.source_relation
        and labels_after.field = changes.field
        and labels_after.project_id = changes.project_id
        and labels_after.told_value = changes.new_value
    where
        changes.field in ('status', 'assigner', 'milestone', 'estimatedHours', 'actualHours')
        and (changes.field <> 'status' or changes.new_value <> '')
),
steps as (
    select
        present.source_relation,
        present.issue_id,
        present.field,
        present.created_at as from_at,
        0 as place,
        case
            when first_change.issue_id is not null then first_change.old_value
            when present.field = 'status' and not present.is_whole then '1'
            else present.field_value
        end as field_value,
        false as is_estimated
    from present
    left join changes as first_change
        on first_change.source_relation = present.source_relation
        and first_change.issue_id = present.issue_id
        and first_change.field = present.field
        and first_change.place = 1
    union all
    select
        changes.source_relation,
        changes.issue_id,
        changes.field,
        greatest(changes.changed_at, present.created_at),
        changes.place,
        changes.new_value,
        false
    from changes
    inner join present
        on present.source_relation = changes.source_relation
        and present.issue_id = changes.issue_id
        and present.field = changes.field
    union all
    select
        present.source_relation,
        present.issue_id,
        present.field,
        greatest(present.updated_at, coalesce(last_change.changed_at, present.updated_at)),
        coalesce(last_change.place, 0) + 1,
        present.field_value,
        true
    from present
    left join changes as last_change
        on last_change.source_relation = present.source_relation
        and last_change.issue_id = present.issue_id
        and last_change.field = present.field
        and last_change.from_last = 1
    where
        case
            when last_change.issue_id is not null then coalesce(last_change.new_value, '') <> coalesce(present.field_value, '')
            else present.field = 'status' and not present.is_whole and present.field_value <> '1'
        end
),
compared as (
    select
        steps.*,
        lag(coalesce(field_value, '')) over (
            partition by source_relation, issue_id, field order by place
        ) as value_before
    from steps
)
select source_relation, issue_id, field, from_at, place, field_value, is_estimated
from compared
where place = 0 or coalesce(field_value, '') <> value_before
