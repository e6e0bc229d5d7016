-- Burn-down of a milestone: its open issues at the end of each day, and their hours.
-- SET VARIABLE milestone = 501; chooses one. The default is the one in which most was closed.
-- SET VARIABLE timezone = 'Asia/Tokyo'; counts days there. The default is the space's own.
with placed as (
    select source_relation, milestone_id, row_number() over (order by closed_issues desc, issues desc, milestone_id) as place
    from {{ ref('milestones') }}
)

select
    progress.day,
    progress.left_issues as open_issues,
    {{ backlog.rounded('progress.left_hours', 2) }} as open_hours
from {{ ref('milestone_progress') }} as progress
inner join placed
    on placed.source_relation = progress.source_relation
    and placed.milestone_id = progress.milestone_id
where
    case
        when {{ backlog.chosen('milestone', dbt.type_bigint()) }} is null then placed.place = 1
        else placed.milestone_id = {{ backlog.chosen('milestone', dbt.type_bigint()) }}
    end
order by progress.day
