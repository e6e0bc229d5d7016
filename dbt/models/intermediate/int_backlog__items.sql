-- What a field of an issue can be, by the field's name in the history. An item without a
-- project is one of the whole space.
{%- set text = dbt.type_string() %}

select
    source_relation,
    cast('status' as {{ text }}) as field,
    project_id,
    cast(status_id as {{ text }}) as item_id,
    status_name as item_name,
    status_order as display_order
from {{ ref('stg_backlog__statuses') }}
union all
select source_relation, 'issueType', project_id, cast(issue_type_id as {{ text }}), issue_type_name, display_order
from {{ ref('stg_backlog__issue_types') }}
union all
select source_relation, 'component', project_id, cast(category_id as {{ text }}), category_name, display_order
from {{ ref('stg_backlog__categories') }}
union all
select source_relation, 'milestone', project_id, cast(milestone_id as {{ text }}), milestone_name, display_order
from {{ ref('stg_backlog__milestones') }}
union all
select source_relation, 'version', project_id, cast(milestone_id as {{ text }}), milestone_name, display_order
from {{ ref('stg_backlog__milestones') }}
union all
select source_relation, 'priority', null, cast(priority_id as {{ text }}), priority_name, priority_id
from {{ ref('stg_backlog__priorities') }}
union all
select source_relation, 'resolution', null, cast(resolution_id as {{ text }}), resolution_name, resolution_id
from {{ ref('stg_backlog__resolutions') }}
union all
select source_relation, 'assigner', null, cast(person_id as {{ text }}), person_name, person_id
from {{ ref('int_backlog__people') }}
