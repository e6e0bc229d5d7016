-- Every status that an issue has or had, by the project of the issue today. An issue that was
-- moved may have had a status of another project.
with used as (
    select source_relation, project_id, status_id, max(status_name) as status_name
    from {{ ref('stg_backlog__issues') }}
    group by source_relation, project_id, status_id
    union all
    select
        steps.source_relation,
        issues.project_id,
        cast(steps.field_value as {{ dbt.type_bigint() }}),
        null
    from {{ ref('int_backlog__issue_steps') }} as steps
    inner join {{ ref('stg_backlog__issues') }} as issues
        on issues.source_relation = steps.source_relation and issues.issue_id = steps.issue_id
    where steps.field = 'status'
    group by steps.source_relation, issues.project_id, steps.field_value
),

anywhere as (
    select source_relation, status_id, min(status_name) as status_name, min(status_color) as status_color, min(status_order) as status_order
    from {{ ref('stg_backlog__statuses') }}
    group by source_relation, status_id
),

combined as (
    select source_relation, project_id, status_id, max(status_name) as status_name
    from used
    group by source_relation, project_id, status_id
)

select
    combined.source_relation,
    combined.project_id,
    combined.status_id,
    coalesce(statuses.status_name, anywhere.status_name, combined.status_name, cast(combined.status_id as {{ dbt.type_string() }})) as status_name,
    coalesce(statuses.status_color, anywhere.status_color) as status_color,
    coalesce(statuses.status_order, anywhere.status_order) as status_order
from combined
left join {{ ref('stg_backlog__statuses') }} as statuses
    on statuses.source_relation = combined.source_relation
    and statuses.project_id = combined.project_id
    and statuses.status_id = combined.status_id
left join anywhere
    on anywhere.source_relation = combined.source_relation and anywhere.status_id = combined.status_id
