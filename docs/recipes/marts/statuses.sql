with stg_backlog__statuses as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("projectId" as bigint) as project_id,
        cast("id" as bigint) as status_id,
        cast("name" as TEXT) as status_name,
        cast("color" as TEXT) as status_color,
        cast("displayOrder" as bigint) as status_order
    from statuses
)
select * from loaded
),  stg_backlog__projects as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as project_id,
        cast("projectKey" as TEXT) as project_key,
        cast("name" as TEXT) as project_name,
        cast("archived" as boolean) as is_archived,
        cast("displayOrder" as bigint) as display_order
    from projects
)
select * from loaded
) select
    statuses.source_relation,
    statuses.project_id,
    projects.project_key,
    statuses.status_id,
    statuses.status_name,
    statuses.status_color,
    statuses.status_order
from stg_backlog__statuses as statuses
left join stg_backlog__projects as projects
    on projects.source_relation = statuses.source_relation and projects.project_id = statuses.project_id;
