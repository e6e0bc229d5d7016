-- The values that issues have now: rows of older states have an older issueUpdated.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("issueId" as bigint) as issue_id,
        cast("fieldId" as bigint) as field_id,
        cast("itemId" as bigint) as item_id,
        cast("fieldTypeId" as bigint) as field_type_id,
        cast("name" as TEXT) as field_name,
        cast("text" as TEXT) as text_value,
        cast("number" as float8) as number_value,
        cast("date" as timestamp) as date_value,
        cast("issueUpdated" as timestamp) as issue_updated_at
    from main.issue_custom_field_values
)
select
    loaded.source_relation,
    loaded.issue_id,
    loaded.field_id,
    loaded.item_id,
    loaded.field_type_id,
    loaded.field_name,
    loaded.text_value,
    loaded.number_value,
    case
        when cast(loaded.date_value as date) = loaded.date_value then cast(loaded.date_value as date)
        else cast(loaded.date_value at time zone 'UTC' at time zone spaces.time_zone as date)
    end as date_value
from loaded
inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = loaded.source_relation
inner join marts.stg_backlog__issues as issues
    on issues.source_relation = loaded.source_relation
    and issues.issue_id = loaded.issue_id
    and issues.updated_at = loaded.issue_updated_at
