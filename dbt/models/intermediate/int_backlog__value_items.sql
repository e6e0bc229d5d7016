-- Which items a value in the history means. It is an id, or several with commas; several
-- things may be names.
{%- set text = dbt.type_string() %}
{%- set several = "('milestone', 'version', 'component')" %}

with told as (
    select source_relation, field, project_id, old_value as told_value
    from {{ ref('int_backlog__issue_changes') }}
    union all
    select source_relation, field, project_id, new_value
    from {{ ref('int_backlog__issue_changes') }}
),

-- A list as ",1,2," finds an item as ",1,"; names may have spaces of their own.
distinct_values as (
    select distinct
        told.source_relation,
        told.field,
        told.project_id,
        told.told_value,
        concat(',', replace(told.told_value, ', ', ','), ',') as listed
    from told
    where told.told_value is not null and told.told_value <> ''
),

-- Some histories tell names where others tell ids.
single as (
    select
        distinct_values.*,
        items.item_id,
        items.item_name,
        items.display_order,
        case when coalesce(items.project_id, distinct_values.project_id) = distinct_values.project_id then 1 else 2 end as place
    from distinct_values
    inner join {{ ref('int_backlog__items') }} as items
        on items.source_relation = distinct_values.source_relation
        and items.field = distinct_values.field
        and items.item_id = distinct_values.told_value
    where distinct_values.field not in {{ several }}
    union all
    select distinct_values.*, items.item_id, items.item_name, items.display_order, 3
    from distinct_values
    inner join {{ ref('int_backlog__items') }} as items
        on items.source_relation = distinct_values.source_relation
        and items.field = distinct_values.field
        and items.item_name = distinct_values.told_value
        and coalesce(items.project_id, distinct_values.project_id) = distinct_values.project_id
    where distinct_values.field not in {{ several }}
),

-- A milestone may have had another name: the last change of an issue led to what it has today.
last_changes as (
    select
        source_relation,
        project_id,
        issue_id,
        new_value as item_name,
        row_number() over (
            partition by source_relation, issue_id order by changed_at desc, activity_id desc, position desc
        ) as from_last
    from {{ ref('int_backlog__issue_changes') }}
    where field = 'milestone'
),

only_milestones as (
    select source_relation, issue_id, min(milestone_id) as milestone_id
    from {{ ref('stg_backlog__issue_milestones') }}
    group by source_relation, issue_id
    having count(*) = 1
),

older_names as (
    select
        changes.source_relation,
        changes.project_id,
        changes.item_name,
        cast(min(milestones.milestone_id) as {{ text }}) as item_id
    from last_changes as changes
    inner join only_milestones as milestones
        on milestones.source_relation = changes.source_relation and milestones.issue_id = changes.issue_id
    left join {{ ref('int_backlog__items') }} as items
        on items.source_relation = changes.source_relation
        and items.field = 'milestone'
        and items.project_id = changes.project_id
        and items.item_name = changes.item_name
    where
        changes.from_last = 1
        and changes.item_name <> ''
        and {{ backlog.to_id('changes.item_name') }} is null
        and items.item_id is null
    group by changes.source_relation, changes.project_id, changes.item_name
    having min(milestones.milestone_id) = max(milestones.milestone_id)
),

named as (
    select source_relation, field, project_id, item_id, item_name, display_order, item_name as told_name
    from {{ ref('int_backlog__items') }}
    where field in {{ several }}
    union all
    select
        items.source_relation,
        items.field,
        items.project_id,
        items.item_id,
        items.item_name,
        items.display_order,
        older_names.item_name
    from {{ ref('int_backlog__items') }} as items
    inner join older_names
        on older_names.source_relation = items.source_relation
        and older_names.project_id = items.project_id
        and older_names.item_id = items.item_id
    where items.field = 'milestone'
),

multiple as (
    select
        distinct_values.*,
        named.item_id,
        named.item_name,
        named.display_order,
        min(case when distinct_values.listed like concat('%,', named.item_id, ',%') then 1 else 2 end) as place
    from distinct_values
    inner join named
        on named.source_relation = distinct_values.source_relation
        and named.field = distinct_values.field
        and named.project_id = distinct_values.project_id
        and (
            distinct_values.listed like concat('%,', named.item_id, ',%')
            or {{ dbt.position("concat(',', replace(named.told_name, ', ', ','), ',')", 'distinct_values.listed') }} > 0
        )
    group by
        distinct_values.source_relation,
        distinct_values.field,
        distinct_values.project_id,
        distinct_values.told_value,
        distinct_values.listed,
        named.item_id,
        named.item_name,
        named.display_order
),

found as (
    select * from single
    union all
    select * from multiple
),

ranked as (
    select
        found.*,
        min(place) over (partition by source_relation, field, project_id, told_value) as best_place,
        row_number() over (
            partition by source_relation, field, project_id, told_value, place
            order by display_order, item_id
        ) as position
    from found
)

select source_relation, field, project_id, told_value, item_id, item_name, display_order
from ranked
where place = best_place and (field in {{ several }} or position = 1)
