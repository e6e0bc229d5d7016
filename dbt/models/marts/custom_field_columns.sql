-- One typed column per custom field, named as people named it.
{{ config(materialized=var('materialized', none) or 'view') }}
{%- set fields = backlog.custom_fields(ref('int_backlog__custom_fields')) %}

select
    issues.source_relation,
    issues.issue_id
    {%- for field in fields %},
    {{ backlog.custom_field_column(field) }} as {{ backlog.in_quotes(field.column) }}
    {%- endfor %}
from {{ ref('stg_backlog__issues') }} as issues
left join {{ ref('stg_backlog__custom_field_values') }} as field_values
    on field_values.source_relation = issues.source_relation and field_values.issue_id = issues.issue_id
group by issues.source_relation, issues.issue_id
