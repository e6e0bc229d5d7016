{# Sums, and days that count. #}

{# The sum of decimal numbers, whatever their order. #}
{% macro exact_sum(number) -%}
    cast(sum(cast({{ number }} as {{ dbt.type_numeric() }})) as {{ backlog.type_double() }})
{%- endmacro %}

{# Days from Monday to Friday up to a day, itself left out; only differences mean something. #}
{% macro _working_days_before(day) -%}
    {%- set since = backlog.days_between("cast('1970-01-05' as date)", day) -%}
    (5 * floor({{ since }} / 7.0) + least(5, {{ since }} - 7 * floor({{ since }} / 7.0)))
{%- endmacro %}

{# Days from Monday to Friday, from a day (itself included) to a later one (left out). #}
{% macro working_days(begin, end) -%}
    cast({{ backlog._working_days_before(end) }} - {{ backlog._working_days_before(begin) }} as {{ dbt.type_int() }})
{%- endmacro %}
