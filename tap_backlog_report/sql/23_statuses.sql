select
    statuses.source_relation,
    statuses.project_id,
    projects.project_key,
    statuses.status_id,
    statuses.status_name,
    statuses.status_color,
    statuses.status_order
from marts.stg_backlog__statuses as statuses
left join marts.stg_backlog__projects as projects
    on projects.source_relation = statuses.source_relation and projects.project_id = statuses.project_id
