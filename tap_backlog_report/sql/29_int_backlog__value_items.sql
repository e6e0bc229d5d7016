-- Which items a value in the history means. It is an id, or several with commas; several
-- things may be names.
with told as (
    select source_relation, field, project_id, old_value as told_value
    from marts.int_backlog__issue_changes
    union all
    select source_relation, field, project_id, new_value
    from marts.int_backlog__issue_changes
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
    inner join marts.int_backlog__items as items
        on items.source_relation = distinct_values.source_relation
        and items.field = distinct_values.field
        and items.item_id = distinct_values.told_value
    where distinct_values.field not in ('milestone', 'version', 'component')
    union all
    select distinct_values.*, items.item_id, items.item_name, items.display_order, 3
    from distinct_values
    inner join marts.int_backlog__items as items
        on items.source_relation = distinct_values.source_relation
        and items.field = distinct_values.field
        and items.item_name = distinct_values.told_value
        and coalesce(items.project_id, distinct_values.project_id) = distinct_values.project_id
    where distinct_values.field not in ('milestone', 'version', 'component')
),
multiple as (
    select
        distinct_values.*,
        items.item_id,
        items.item_name,
        items.display_order,
        case when distinct_values.listed like concat('%,', items.item_id, ',%') then 1 else 2 end as place
    from distinct_values
    inner join marts.int_backlog__items as items
        on items.source_relation = distinct_values.source_relation
        and items.field = distinct_values.field
        and items.project_id = distinct_values.project_id
        and (
            distinct_values.listed like concat('%,', items.item_id, ',%')
            or
    position(
        concat(',', replace(items.item_name, ', ', ','), ',') in distinct_values.listed
    ) > 0
        )
    where distinct_values.field in ('milestone', 'version', 'component')
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
where place = best_place and (field in ('milestone', 'version', 'component') or position = 1)
