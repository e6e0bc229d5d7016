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

{#
    The custom fields that there are, each with the name of its column. In many spaces, an id
    may be of several fields: one with the same name and type is the same column.
#}
{% macro custom_fields(relation) -%}
    {%- set fields = [] -%}
    {%- if execute and not relation.is_cte and adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
        {%- set rows = run_query(
            'select field_id, field_name, field_type_id, source_relation from '
            ~ relation ~ ' order by field_id, source_relation'
        ) -%}
        {%- set found = {} -%}
        {%- for row in rows -%}
            {%- set name = (row[1] or '').replace('\x00', '') or 'field' -%}
            {%- set field = {'id': row[0] | int, 'name': name, 'type': row[2] | int, 'relations': []} -%}
            {%- set known = found.setdefault((field.id, name, field.type), field) -%}
            {%- do known.relations.append(row[3]) -%}
        {%- endfor -%}
        {%- set names = ['source_relation', 'issue_id'] -%}
        {%- for field in found.values() -%}
            {%- do names.append(backlog._fitting(field.name) | lower) -%}
        {%- endfor -%}
        {%- for field in found.values() -%}
            {%- do field.update({'column': backlog._own_name(field, names)}) -%}
            {%- do fields.append(field) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(fields) }}
{%- endmacro %}

{# The name of a field, with its id, and the first schema that has it, if that takes. #}
{% macro _own_name(field, names) -%}
    {%- set name = backlog._fitting(field.name) -%}
    {%- if names.count(name | lower) == 1 -%}{{ return(name) }}{%- endif -%}
    {%- for end in [' (' ~ field.id ~ ')', ' (' ~ field.id ~ ', ' ~ field.relations[0] ~ ')'] -%}
        {%- set name = backlog._fitting(field.name, end) -%}
        {%- if name | lower not in names -%}
            {%- do names.append(name | lower) -%}
            {{ return(name) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(backlog._fitting(field.name, ' (' ~ field.id ~ ', ' ~ field.type ~ ', ' ~ field.relations[0] ~ ')')) }}
{%- endmacro %}

{# 3 is a number, 4 a day; several chosen items stand in one text. #}
{% macro custom_field_column(field) -%}
    {%- set kind = {3: 'number_value', 4: 'date_value'}.get(field.type) -%}
    {%- set is_field -%}
        field_values.field_id = {{ field.id }}
        {%- if backlog.schemas() | length > 1 %} and field_values.source_relation in ('{{ field.relations | join("', '") }}'){% endif -%}
    {%- endset -%}
    {%- if kind -%}
        max(case when {{ is_field }} then field_values.{{ kind }} end)
    {%- else -%}
        {{ dbt.listagg(
            'case when ' ~ is_field ~ ' then field_values.text_value end',
            "', '", 'order by field_values.item_id'
        ) }}
    {%- endif -%}
{%- endmacro %}

{# A name in quotes, whatever is in it. #}
{% macro in_quotes(name) -%}
    {{ return(adapter.quote(name.replace('"', '""'))) }}
{%- endmacro %}
