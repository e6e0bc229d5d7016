-- Milestones, which are versions too. Those that were deleted are left out.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as milestone_id,
        cast("projectId" as bigint) as project_id,
        cast("name" as TEXT) as milestone_name,
        cast("startDate" as timestamp) as start_at,
        cast("releaseDueDate" as timestamp) as due_at,
        cast("archived" as boolean) as is_archived,
        cast("displayOrder" as bigint) as display_order
    from main.milestones
)
select
    loaded.source_relation,
    loaded.milestone_id,
    loaded.project_id,
    loaded.milestone_name,
    case
        when cast(loaded.start_at as date) = loaded.start_at then cast(loaded.start_at as date)
        else cast(loaded.start_at at time zone 'UTC' at time zone spaces.time_zone as date)
    end as start_date,
    case
        when cast(loaded.due_at as date) = loaded.due_at then cast(loaded.due_at as date)
        else cast(loaded.due_at at time zone 'UTC' at time zone spaces.time_zone as date)
    end as due_date,
    loaded.is_archived,
    loaded.display_order
from loaded
inner join marts.stg_backlog__spaces as spaces on spaces.source_relation = loaded.source_relation
left join marts.stg_backlog__deletions as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'milestone'
    and deletions.item_id = cast(loaded.milestone_id as TEXT)
where deletions.activity_id is null
