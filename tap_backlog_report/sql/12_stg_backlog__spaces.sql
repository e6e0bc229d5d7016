-- A table, so that all models of a build see the same day.
with schemas as (
    select cast('main' as TEXT) as source_relation
),
loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("timezone" as TEXT) as timezone
    from main.space
),
zones as (
    select
        schemas.source_relation,
        coalesce(cast(getvariable('timezone') as TEXT), max(loaded.timezone), 'UTC') as time_zone
    from schemas
    left join loaded on loaded.source_relation = schemas.source_relation
    group by schemas.source_relation
),
chosen as (
    select
        source_relation,
        time_zone,
        cast(getvariable('today') as date) as as_of,
        (current_timestamp at time zone 'UTC') as now
    from zones
)
select
    source_relation,
    time_zone,
    coalesce(as_of, cast(now at time zone 'UTC' at time zone time_zone as date)) as as_of,
    coalesce((cast((as_of + 1) as timestamp) at time zone time_zone at time zone 'UTC'), now) as ends_at
from chosen
