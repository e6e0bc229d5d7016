-- What comments know of the time before the updates. They have names, as things were called
-- then; the history has ids.
with since as (
    select spaces.source_relation, coalesce(min(history.changed_at), max(spaces.ends_at)) as known_since
    from marts.stg_backlog__spaces as spaces
    left join marts.stg_backlog__issue_history as history
        on history.source_relation = spaces.source_relation
    group by spaces.source_relation
),
log as (
    select
        change_log.*,
        row_number() over (
            partition by change_log.source_relation, change_log.issue_id, change_log.field
            order by change_log.changed_at desc, change_log.comment_id desc, change_log.position desc
        ) as from_last
    from marts.stg_backlog__issue_change_log as change_log
),
-- A status may have had another name: the last change of an issue led to its status of today.
names as (
    select log.source_relation, log.field, log.project_id, log.new_value as item_name, cast(issues.status_id as TEXT) as item_id
    from log
    inner join marts.stg_backlog__issues as issues
        on issues.source_relation = log.source_relation and issues.issue_id = log.issue_id
    where log.field = 'status' and log.from_last = 1
    union all
    select source_relation, field, project_id, item_name, item_id
    from marts.int_backlog__items
    where field in ('status', 'issueType', 'priority', 'resolution', 'assigner')
),
ids as (
    select source_relation, field, project_id, item_name, min(item_id) as item_id
    from names
    group by source_relation, field, project_id, item_name
)
select
    log.source_relation,
    log.comment_id - 1000000000000 as activity_id,
    log.position,
    cast(null as bigint) as activity_type,
    log.issue_id,
    log.project_id,
    case
        when log.custom_field_id is null then log.field
        else concat('customField_', cast(log.custom_field_id as TEXT))
    end as field,
    case when log.custom_field_id is not null then log.field end as custom_field_name,
    coalesce(before.item_id, log.old_value) as old_value,
    coalesce(after.item_id, log.new_value) as new_value,
    log.changed_by_id,
    log.changed_by_name,
    log.changed_at
from log
inner join since
    on since.source_relation = log.source_relation and log.changed_at < since.known_since
left join ids as before
    on before.source_relation = log.source_relation
    and before.field = log.field
    and before.item_name = log.old_value
    and coalesce(before.project_id, log.project_id) = log.project_id
left join ids as after
    on after.source_relation = log.source_relation
    and after.field = log.field
    and after.item_name = log.new_value
    and coalesce(after.project_id, log.project_id) = log.project_id
