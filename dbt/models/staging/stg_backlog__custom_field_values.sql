-- The values that issues have now: rows of older states have an older issueUpdated.
with loaded as (
    {{ backlog.loaded('issue_custom_field_values', [
        ('issue_id', 'issueId', 'id'),
        ('field_id', 'fieldId', 'id'),
        ('item_id', 'itemId', 'id'),
        ('field_type_id', 'fieldTypeId', 'id'),
        ('field_name', 'name', 'text'),
        ('text_value', 'text', 'text'),
        ('number_value', 'number', 'number'),
        ('date_value', 'date', 'day'),
        ('issue_updated_at', 'issueUpdated', 'moment'),
    ]) }}
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
    {{ backlog.calendar_day('loaded.date_value', 'spaces.time_zone') }} as date_value
from loaded
inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = loaded.source_relation
inner join {{ ref('stg_backlog__issues') }} as issues
    on issues.source_relation = loaded.source_relation
    and issues.issue_id = loaded.issue_id
    and issues.updated_at = loaded.issue_updated_at
