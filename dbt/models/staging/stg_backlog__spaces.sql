-- A table, so that all models of a build see the same day.
{{ config(materialized=var('materialized', none) or 'table') }}

with schemas as (
    {% for schema in backlog.schemas() -%}
    select cast('{{ schema }}' as {{ dbt.type_string() }}) as source_relation
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

loaded as (
    {{ backlog.loaded('space', [('timezone', 'timezone', 'text')]) }}
),

zones as (
    select
        schemas.source_relation,
        coalesce({{ backlog.chosen('timezone', dbt.type_string()) }}, max(loaded.timezone), 'UTC') as time_zone
    from schemas
    left join loaded on loaded.source_relation = schemas.source_relation
    group by schemas.source_relation
),

chosen as (
    select
        source_relation,
        time_zone,
        {{ backlog.chosen('as_of', 'date') }} as as_of,
        {{ backlog.now_in_utc() }} as now
    from zones
)

select
    source_relation,
    time_zone,
    coalesce(as_of, {{ backlog.local_day('now', 'time_zone') }}) as as_of,
    coalesce({{ backlog.beginning_of(backlog.day_after('as_of'), 'time_zone') }}, now) as ends_at
from chosen
