{# One column per custom field, named as people named it. #}

{# Longest name of a column, in bytes: that of PostgreSQL. #}
{% macro _longest_name() -%}
    {{ return(63) }}
{%- endmacro %}

{# A name that fits, with something at its end. #}
{% macro _fitting(name, end='') -%}
    {%- set room = backlog._longest_name() - end.encode('utf-8') | length -%}
    {%- set short = namespace(name=name) -%}
    {%- for _ in range(name | length) if short.name.encode('utf-8') | length > room -%}
        {%- set short.name = short.name[:-1] -%}
    {%- endfor -%}
    {{ return(short.name ~ end) }}
{%- endmacro %}

{# The custom fields that there are, each with the name of its column. #}
{% macro custom_fields(relation) -%}
    {%- set fields = [] -%}
    {%- if execute and not relation.is_cte and adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
        {%- set rows = run_query(
            'select field_id, max(field_name) as field_name, max(field_type_id) as field_type_id from '
            ~ relation ~ ' group by field_id order by field_id'
        ) -%}
        {%- set names = ['source_relation', 'issue_id'] -%}
        {%- for row in rows -%}
            {%- do names.append(backlog._fitting(row[1] or 'field') | lower) -%}
        {%- endfor -%}
        {%- for row in rows -%}
            {%- set name = backlog._fitting(row[1] or 'field') -%}
            {%- if names.count(name | lower) > 1 -%}
                {%- set name = backlog._fitting(row[1] or 'field', ' (' ~ (row[0] | int) ~ ')') -%}
            {%- endif -%}
            {%- do fields.append({'id': row[0] | int, 'type': row[2] | int, 'column': name}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(fields) }}
{%- endmacro %}

{# 3 is a number, 4 a day; several chosen items stand in one text. #}
{% macro custom_field_column(field) -%}
    {%- set kind = {3: 'number_value', 4: 'date_value'}.get(field.type) -%}
    {%- if kind -%}
        max(case when field_values.field_id = {{ field.id }} then field_values.{{ kind }} end)
    {%- else -%}
        {{ dbt.listagg(
            'case when field_values.field_id = ' ~ field.id ~ ' then field_values.text_value end',
            "', '", 'order by field_values.item_id'
        ) }}
    {%- endif -%}
{%- endmacro %}
