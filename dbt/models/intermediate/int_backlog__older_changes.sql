-- What comments know of the time before the updates. They have names, as things were called
-- then; the history has ids.
{%- set text = dbt.type_string() %}
{%- set of_the_space = "('priority', 'resolution', 'assigner')" %}
{%- set named = "('status', 'issueType', 'priority', 'resolution', 'assigner')" %}
{%- set first_statuses = [
    ['未対応', '処理中', '処理済み', '完了'],
    ['Open', 'In Progress', 'Resolved', 'Closed'],
] %}

with since as (
    select spaces.source_relation, coalesce(min(history.changed_at), max(spaces.ends_at)) as known_since
    from {{ ref('stg_backlog__spaces') }} as spaces
    left join {{ ref('stg_backlog__issue_history') }} as history
        on history.source_relation = spaces.source_relation
    group by spaces.source_relation
),

log as (
    select
        source_relation,
        comment_id,
        position,
        issue_id,
        project_id,
        case
            when custom_field_id is null then field
            else concat('customField_', cast(custom_field_id as {{ text }}))
        end as field,
        case when custom_field_id is not null then field end as custom_field_name,
        old_value,
        new_value,
        changed_by_id,
        changed_by_name,
        changed_at
    from {{ ref('stg_backlog__issue_change_log') }}
),

last_statuses as (
    select
        log.source_relation,
        log.project_id,
        log.new_value as item_name,
        cast(issues.status_id as {{ text }}) as item_id,
        row_number() over (
            partition by log.source_relation, log.issue_id
            order by log.changed_at desc, log.comment_id desc, log.position desc
        ) as from_last
    from log
    inner join {{ ref('stg_backlog__issues') }} as issues
        on issues.source_relation = log.source_relation and issues.issue_id = log.issue_id
    where log.field = 'status'
),

projects as (
    select distinct source_relation, project_id
    from log
),

-- Things may have had other names. The last change of an issue led to its status of today,
-- the history has the ids of changes that both know, and each project began with four
-- statuses, in the language of the space.
names as (
    select source_relation, 'status' as field, project_id, item_name, item_id, 1 as place
    from last_statuses
    where from_last = 1
    union all
    select source_relation, field, project_id, item_name, item_id, 1
    from {{ ref('int_backlog__items') }}
    where field in {{ named }}
    {%- for value in ['old_value', 'new_value'] %}
    union all
    select
        log.source_relation,
        log.field,
        case when log.field not in {{ of_the_space }} then log.project_id end,
        log.{{ value }},
        history.{{ value }},
        2
    from log
    inner join {{ ref('stg_backlog__issue_history') }} as history
        on history.source_relation = log.source_relation
        and history.issue_id = log.issue_id
        and history.field = log.field
        and history.changed_at = log.changed_at
    where log.field in {{ named }} and {{ backlog.to_id('history.' ~ value) }} is not null
    {%- endfor %}
    {%- for names in first_statuses %}
    {%- for name in names %}
    union all
    select source_relation, 'status', project_id, '{{ name }}', '{{ loop.index }}', 3
    from projects
    {%- endfor %}
    {%- endfor %}
),

placed as (
    select
        names.*,
        min(place) over (partition by source_relation, field, project_id, item_name) as best_place
    from names
),

ids as (
    select source_relation, field, project_id, item_name, min(item_id) as item_id
    from placed
    where place = best_place
    group by source_relation, field, project_id, item_name
)

select
    log.source_relation,
    log.comment_id - 1000000000000 as activity_id,
    log.position,
    cast(null as {{ dbt.type_bigint() }}) as activity_type,
    log.issue_id,
    log.project_id,
    log.field,
    log.custom_field_name,
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
