-- Milestones, which are versions too. Those that were deleted are left out.
with loaded as (
    {{ backlog.loaded('milestones', [
        ('milestone_id', 'id', 'id'),
        ('project_id', 'projectId', 'id'),
        ('milestone_name', 'name', 'text'),
        ('start_at', 'startDate', 'day'),
        ('due_at', 'releaseDueDate', 'day'),
        ('is_archived', 'archived', 'yes'),
        ('display_order', 'displayOrder', 'id'),
    ]) }}
)

select
    loaded.source_relation,
    loaded.milestone_id,
    loaded.project_id,
    loaded.milestone_name,
    {{ backlog.calendar_day('loaded.start_at', 'spaces.time_zone') }} as start_date,
    {{ backlog.calendar_day('loaded.due_at', 'spaces.time_zone') }} as due_date,
    loaded.is_archived,
    loaded.display_order
from loaded
inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = loaded.source_relation
left join {{ ref('stg_backlog__deletions') }} as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'milestone'
    and deletions.item_id = cast(loaded.milestone_id as {{ dbt.type_string() }})
where deletions.activity_id is null
