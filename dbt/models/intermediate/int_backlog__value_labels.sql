-- The ids and names of what a value in the history means, in one text each, in the order of
-- int_backlog__issue_lists: ids are numbers, so a shorter one is smaller.
select
    source_relation,
    field,
    project_id,
    told_value,
    {{ dbt.listagg('item_id', "', '", 'order by display_order, length(item_id), item_id') }} as item_ids,
    {{ dbt.listagg('item_name', "', '", 'order by display_order, length(item_id), item_id') }} as item_names
from {{ ref('int_backlog__value_items') }}
group by source_relation, field, project_id, told_value
