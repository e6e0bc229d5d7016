{# The tables that loaders left, whatever they made of names and nested objects. #}

{# The schemas that hold spaces. #}
{% macro schemas() -%}
    {%- set default = 'main' if target.type == 'duckdb' else 'public' -%}
    {{ return(var('backlog_schemas', none) or [default]) }}
{%- endmacro %}

{# A loaded table, or none. Loaders of Snowflake write names in capitals. #}
{% macro loaded_table(schema, name) -%}
    {%- for written in [(schema, name), (schema | upper, name | upper)] -%}
        {%- set found = adapter.get_relation(target.database, written[0], written[1]) -%}
        {%- if found -%}{{ return(found) }}{%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{# issueType__id, issuetype__id and issue_type__id are one name. #}
{% macro plain_name(name) -%}
    {{ return((name | lower).replace('__', '.').replace('_', '')) }}
{%- endmacro %}

{# The columns of a table by their plain names. #}
{% macro columns_of(relation) -%}
    {%- set found = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do found.update({backlog.plain_name(column.name): column}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#
    One column of a loaded table, as its type: a field (updated), or a field of a nested
    object (assignee.id), which is JSON or a column of its own (assignee__id). Null if the
    table does not have it.
#}
{% macro loaded_column(columns, field, kind) -%}
    {%- set plain = backlog.plain_name(field) -%}
    {%- set parts = field.split('.') -%}
    {%- set whole = backlog.plain_name(parts[0]) -%}
    {%- if plain in columns -%}
        {{ return(backlog.typed(adapter.quote(columns[plain].name), columns[plain].dtype | lower, kind)) }}
    {%- elif parts | length > 1 and whole in columns -%}
        {%- set text = backlog.json_text(adapter.quote(columns[whole].name), parts[1:]) -%}
        {{ return(backlog.typed(text, 'text', kind)) }}
    {%- endif -%}
    {{ return('cast(null as ' ~ backlog.type_of(kind) ~ ')') }}
{%- endmacro %}

{# A day may be midnight in UTC or in the space's zone, so it stays a moment here. #}
{% macro type_of(kind) -%}
    {{ return({
        'id': dbt.type_bigint(),
        'text': dbt.type_string(),
        'number': backlog.type_double(),
        'yes': dbt.type_boolean(),
        'moment': dbt.type_timestamp(),
        'day': dbt.type_timestamp(),
    }[kind]) }}
{%- endmacro %}

{% macro typed(expression, dtype, kind) -%}
    {%- set is_text = 'char' in dtype or 'text' in dtype or 'string' in dtype -%}
    {%- set has_zone = 'with time zone' in dtype or 'tz' in dtype -%}
    {%- if kind in ('moment', 'day') and (is_text or has_zone) and target.type != 'bigquery' -%}
        {{ return(backlog.moment_of_text(expression)) }}
    {%- elif kind == 'id' and is_text -%}
        {{ return(backlog.to_id(expression)) }}
    {%- endif -%}
    {{ return('cast(' ~ expression ~ ' as ' ~ backlog.type_of(kind) ~ ')') }}
{%- endmacro %}

{#
    A table of all spaces, with the columns that are asked for: [name, field, kind].
    A space that did not load it has no rows in it.
#}
{% macro loaded(table, fields) -%}
    {%- do source('backlog', table) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for schema in backlog.schemas() -%}
            {%- set relation = backlog.loaded_table(schema, table) -%}
            {%- if relation -%}{%- do found.append((schema, relation)) -%}{%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for schema, relation in found %}
    {%- set columns = backlog.columns_of(relation) %}
    select
        cast('{{ schema }}' as {{ dbt.type_string() }}) as source_relation
        {%- for name, field, kind in fields %},
        {{ backlog.loaded_column(columns, field, kind) }} as {{ name }}
        {%- endfor %}
    from {{ relation }}
    {%- if 'sdcdeletedat' in columns %}
    where {{ adapter.quote(columns['sdcdeletedat'].name) }} is null
    {%- endif %}
    {% if not loop.last %}union all{% endif %}
    {%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as source_relation
        {%- for name, field, kind in fields %},
        cast(null as {{ backlog.type_of(kind) }}) as {{ name }}
        {%- endfor %}
    limit 0
    {%- endfor %}
{%- endmacro %}

{# The day that Backlog writes as midnight in UTC, or in the space's zone. #}
{% macro calendar_day(moment, zone) -%}
    case
        when cast({{ moment }} as date) = {{ moment }} then cast({{ moment }} as date)
        else {{ backlog.local_day(moment, zone) }}
    end
{%- endmacro %}
