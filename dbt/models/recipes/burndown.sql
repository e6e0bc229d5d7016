-- Burn-down of a milestone: its open issues at the end of each day, and their hours.
-- SET VARIABLE milestone = 501; chooses one. The default is the one with most issues.
-- SET VARIABLE timezone = 'Asia/Tokyo'; counts days there. The default is the space's own.
with largest as (
    select source_relation, milestone_id, row_number() over (order by issues desc, milestone_id) as place
    from {{ ref('milestones') }}
)

select
    progress.day,
    progress.left_issues as open_issues,
    {{ backlog.rounded('progress.left_hours', 2) }} as open_hours
from {{ ref('milestone_progress') }} as progress
inner join largest
    on largest.source_relation = progress.source_relation
    and largest.milestone_id = progress.milestone_id
where
    case
        when {{ backlog.chosen('milestone', dbt.type_bigint()) }} is null then largest.place = 1
        else largest.milestone_id = {{ backlog.chosen('milestone', dbt.type_bigint()) }}
    end
order by progress.day
