-- Milestones, categories and versions of each issue in one text each, by their names of today.
{%- set text = dbt.type_string() %}

with milestones as (
    select
        parts.source_relation,
        parts.issue_id,
        {{ dbt.listagg('cast(parts.milestone_id as ' ~ text ~ ')', "', '", 'order by coalesce(named.display_order, parts.display_order), parts.milestone_id') }} as milestone_ids,
        {{ dbt.listagg('coalesce(named.milestone_name, parts.milestone_name)', "', '", 'order by coalesce(named.display_order, parts.display_order), parts.milestone_id') }} as milestone_names
    from {{ ref('stg_backlog__issue_milestones') }} as parts
    left join {{ ref('stg_backlog__milestones') }} as named
        on named.source_relation = parts.source_relation and named.milestone_id = parts.milestone_id
    group by parts.source_relation, parts.issue_id
),

categories as (
    select
        parts.source_relation,
        parts.issue_id,
        {{ dbt.listagg('coalesce(named.category_name, parts.category_name)', "', '", 'order by coalesce(named.display_order, parts.display_order), parts.category_id') }} as category_names
    from {{ ref('stg_backlog__issue_categories') }} as parts
    left join {{ ref('stg_backlog__categories') }} as named
        on named.source_relation = parts.source_relation and named.category_id = parts.category_id
    group by parts.source_relation, parts.issue_id
),

versions as (
    select
        parts.source_relation,
        parts.issue_id,
        {{ dbt.listagg('coalesce(named.milestone_name, parts.version_name)', "', '", 'order by coalesce(named.display_order, parts.display_order), parts.version_id') }} as version_names
    from {{ ref('stg_backlog__issue_versions') }} as parts
    left join {{ ref('stg_backlog__milestones') }} as named
        on named.source_relation = parts.source_relation and named.milestone_id = parts.version_id
    group by parts.source_relation, parts.issue_id
)

select
    issues.source_relation,
    issues.issue_id,
    milestones.milestone_ids,
    milestones.milestone_names,
    categories.category_names,
    versions.version_names
from {{ ref('stg_backlog__issues') }} as issues
left join milestones
    on milestones.source_relation = issues.source_relation and milestones.issue_id = issues.issue_id
left join categories
    on categories.source_relation = issues.source_relation and categories.issue_id = issues.issue_id
left join versions
    on versions.source_relation = issues.source_relation and versions.issue_id = issues.issue_id
