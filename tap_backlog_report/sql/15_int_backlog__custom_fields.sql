-- Custom fields, also those that only values know.
with named as (
    select source_relation, field_id, field_type_id, field_name, 1 as place
    from marts.stg_backlog__custom_fields
    union all
    select distinct source_relation, field_id, field_type_id, field_name, 2
    from marts.stg_backlog__custom_field_values
),
ranked as (
    select
        named.*,
        row_number() over (
            partition by source_relation, field_id order by place, field_name
        ) as position
    from named
)
select source_relation, field_id, field_type_id, field_name
from ranked
where position = 1
