{# What databases say in different words: a macro per question, a version per database. #}

{% macro json_text(column, keys) -%}
    {{ return(adapter.dispatch('json_text', 'backlog')(column, keys)) }}
{%- endmacro %}

{% macro default__json_text(column, keys) -%}
    ({{ column }}{% for key in keys %} {{ '->>' if loop.last else '->' }} '{{ key }}'{% endfor %})
{%- endmacro %}

{% macro postgres__json_text(column, keys) -%}
    (cast({{ column }} as jsonb){% for key in keys %} {{ '->>' if loop.last else '->' }} '{{ key }}'{% endfor %})
{%- endmacro %}

{% macro bigquery__json_text(column, keys) -%}
    json_value({{ column }}, '$.{{ keys | join('.') }}')
{%- endmacro %}

{% macro snowflake__json_text(column, keys) -%}
    cast(get_path(parse_json(cast({{ column }} as varchar)), '{{ keys | join('.') }}') as varchar)
{%- endmacro %}


{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'backlog')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    {{ return('float8') }}
{%- endmacro %}

{% macro bigquery__type_double() -%}
    {{ return('float64') }}
{%- endmacro %}


{# Text that may not be a number. #}
{% macro to_number(text) -%}
    {{ return(adapter.dispatch('to_number', 'backlog')(text)) }}
{%- endmacro %}

{% macro default__to_number(text) -%}
    try_cast({{ text }} as double)
{%- endmacro %}

{% macro postgres__to_number(text) -%}
    case when {{ text }} ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$' then cast({{ text }} as double precision) end
{%- endmacro %}

{% macro bigquery__to_number(text) -%}
    safe_cast({{ text }} as float64)
{%- endmacro %}

{% macro snowflake__to_number(text) -%}
    try_to_double({{ text }})
{%- endmacro %}


{# Text that may not be an id. #}
{% macro to_id(text) -%}
    {{ return(adapter.dispatch('to_id', 'backlog')(text)) }}
{%- endmacro %}

{% macro default__to_id(text) -%}
    try_cast({{ text }} as bigint)
{%- endmacro %}

{% macro postgres__to_id(text) -%}
    case when {{ text }} ~ '^-?[0-9]{1,18}([.]0*)?$' then cast(cast({{ text }} as numeric) as bigint) end
{%- endmacro %}

{% macro bigquery__to_id(text) -%}
    safe_cast({{ text }} as int64)
{%- endmacro %}

{% macro snowflake__to_id(text) -%}
    try_to_number({{ text }})
{%- endmacro %}


{# A moment in UTC, of a column that is a text or has a time zone. #}
{% macro moment_of_text(column) -%}
    {{ return(adapter.dispatch('moment_of_text', 'backlog')(column)) }}
{%- endmacro %}

{% macro default__moment_of_text(column) -%}
    (cast({{ column }} as timestamp with time zone) at time zone 'UTC')
{%- endmacro %}

{% macro bigquery__moment_of_text(column) -%}
    cast({{ column }} as timestamp)
{%- endmacro %}

{% macro snowflake__moment_of_text(column) -%}
    cast(convert_timezone('UTC', cast({{ column }} as timestamp_tz)) as timestamp_ntz)
{%- endmacro %}


{# The day on which a moment (in UTC) was, in a time zone. #}
{% macro local_day(moment, zone) -%}
    {{ return(adapter.dispatch('local_day', 'backlog')(moment, zone)) }}
{%- endmacro %}

{% macro default__local_day(moment, zone) -%}
    cast({{ moment }} at time zone 'UTC' at time zone {{ zone }} as date)
{%- endmacro %}

{% macro bigquery__local_day(moment, zone) -%}
    date({{ moment }}, {{ zone }})
{%- endmacro %}

{% macro snowflake__local_day(moment, zone) -%}
    cast(convert_timezone('UTC', {{ zone }}, {{ moment }}) as date)
{%- endmacro %}


{# The moment (in UTC) at which a day begins in a time zone. #}
{% macro beginning_of(day, zone) -%}
    {{ return(adapter.dispatch('beginning_of', 'backlog')(day, zone)) }}
{%- endmacro %}

{% macro default__beginning_of(day, zone) -%}
    (cast({{ day }} as timestamp) at time zone {{ zone }} at time zone 'UTC')
{%- endmacro %}

{% macro bigquery__beginning_of(day, zone) -%}
    timestamp({{ day }}, {{ zone }})
{%- endmacro %}

{% macro snowflake__beginning_of(day, zone) -%}
    convert_timezone({{ zone }}, 'UTC', cast({{ day }} as timestamp_ntz))
{%- endmacro %}


{% macro now_in_utc() -%}
    {{ return(adapter.dispatch('now_in_utc', 'backlog')()) }}
{%- endmacro %}

{% macro default__now_in_utc() -%}
    (current_timestamp at time zone 'UTC')
{%- endmacro %}

{% macro bigquery__now_in_utc() -%}
    current_timestamp()
{%- endmacro %}

{% macro snowflake__now_in_utc() -%}
    cast(convert_timezone('UTC', current_timestamp()) as timestamp_ntz)
{%- endmacro %}


{# Seconds from one moment to a later one. #}
{% macro seconds_between(begin, end) -%}
    {{ return(adapter.dispatch('seconds_between', 'backlog')(begin, end)) }}
{%- endmacro %}

{% macro default__seconds_between(begin, end) -%}
    cast(extract(epoch from ({{ end }} - {{ begin }})) as {{ backlog.type_double() }})
{%- endmacro %}

{% macro bigquery__seconds_between(begin, end) -%}
    timestamp_diff({{ end }}, {{ begin }}, second)
{%- endmacro %}

{% macro snowflake__seconds_between(begin, end) -%}
    datediff(second, {{ begin }}, {{ end }})
{%- endmacro %}


{# Days from one day to a later one. #}
{% macro days_between(begin, end) -%}
    {{ return(adapter.dispatch('days_between', 'backlog')(begin, end)) }}
{%- endmacro %}

{% macro default__days_between(begin, end) -%}
    ({{ end }} - {{ begin }})
{%- endmacro %}

{% macro bigquery__days_between(begin, end) -%}
    date_diff({{ end }}, {{ begin }}, day)
{%- endmacro %}

{% macro snowflake__days_between(begin, end) -%}
    datediff(day, {{ begin }}, {{ end }})
{%- endmacro %}


{% macro day_after(day, days=1) -%}
    {{ return(adapter.dispatch('day_after', 'backlog')(day, days)) }}
{%- endmacro %}

{% macro default__day_after(day, days) -%}
    ({{ day }} + {{ days }})
{%- endmacro %}

{% macro bigquery__day_after(day, days) -%}
    date_add({{ day }}, interval {{ days }} day)
{%- endmacro %}

{% macro snowflake__day_after(day, days) -%}
    dateadd(day, {{ days }}, {{ day }})
{%- endmacro %}


{# The first day of a week (Monday) or month. #}
{% macro first_day(period, day) -%}
    {{ return(adapter.dispatch('first_day', 'backlog')(period, day)) }}
{%- endmacro %}

{% macro default__first_day(period, day) -%}
    cast(date_trunc('{{ period }}', {{ day }}) as date)
{%- endmacro %}

{% macro bigquery__first_day(period, day) -%}
    date_trunc({{ day }}, {{ 'isoweek' if period == 'week' else period }})
{%- endmacro %}


{# Joins each row with its days, from one to another, as days.day; every so many days. #}
{% macro join_days(begin, end, step=1) -%}
    {{ return(adapter.dispatch('join_days', 'backlog')(begin, end, step)) }}
{%- endmacro %}

{% macro default__join_days(begin, end, step) -%}
    cross join lateral (
        select cast(each_day.moment as date) as day
        from generate_series(
            cast({{ begin }} as timestamp), cast({{ end }} as timestamp), interval '{{ step }} day'
        ) as each_day (moment)
    ) as days
{%- endmacro %}

{% macro duckdb__join_days(begin, end, step) -%}
    cross join lateral (
        select cast(unnest(generate_series(
            cast({{ begin }} as timestamp), cast({{ end }} as timestamp), interval {{ step }} day
        )) as date) as day
    ) as days
{%- endmacro %}

{% macro bigquery__join_days(begin, end, step) -%}
    cross join (
        select day from unnest(generate_date_array({{ begin }}, {{ end }}, interval {{ step }} day)) as day
    ) as days
{%- endmacro %}

{% macro snowflake__join_days(begin, end, step) -%}
    cross join lateral (
        select dateadd(day, cast(number.value as integer), {{ begin }}) as day
        from table(flatten(array_generate_range(0, datediff(day, {{ begin }}, {{ end }}) + 1, {{ step }}))) as number
    ) as days
{%- endmacro %}


{# The value below which a share of all values lies. #}
{% macro quantile(value, share) -%}
    {{ return(adapter.dispatch('quantile', 'backlog')(value, share)) }}
{%- endmacro %}

{% macro default__quantile(value, share) -%}
    percentile_cont({{ share }}) within group (order by {{ value }})
{%- endmacro %}

{% macro duckdb__quantile(value, share) -%}
    quantile_cont({{ value }}, {{ share }})
{%- endmacro %}

{% macro bigquery__quantile(value, share) -%}
    approx_quantiles({{ value }}, 100)[offset({{ (share * 100) | int }})]
{%- endmacro %}


{# A value that the user chose for a query; null if there is none. #}
{% macro chosen(name, type) -%}
    {{ return(adapter.dispatch('chosen', 'backlog')(name, type)) }}
{%- endmacro %}

{% macro default__chosen(name, type) -%}
    cast({{ "'" ~ var(name) ~ "'" if var(name, none) is not none else 'null' }} as {{ type }})
{%- endmacro %}

{# SET VARIABLE in DuckDB chooses, too. #}
{% macro duckdb__chosen(name, type) -%}
    {%- if var(name, none) is not none -%}
        {{ backlog.default__chosen(name, type) }}
    {%- else -%}
        cast(getvariable('{{ 'today' if name == 'as_of' else name }}') as {{ type }})
    {%- endif -%}
{%- endmacro %}


{% macro rounded(number, digits) -%}
    cast(round(cast({{ number }} as numeric(28, 6)), {{ digits }}) as {{ backlog.type_double() }})
{%- endmacro %}
