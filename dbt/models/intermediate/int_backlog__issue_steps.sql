-- What status, assignee, milestones and hours of an issue were from when on: from the day it
-- was added (the value that its first change replaced), from each change, and, if its last
-- change did not lead to what it has today, from its last update. A status with a name that
-- nothing has any more is 0. If the history knows when
-- an issue was added, and no change of its status, it always had the one of today.
{%- set text = dbt.type_string() %}
{%- set fields = [
    ('status', 'issues.status_id'),
    ('assigner', 'issues.assignee_id'),
    ('milestone', 'lists.milestone_ids'),
    ('estimatedHours', 'issues.estimated_hours'),
    ('actualHours', 'issues.actual_hours'),
] %}

with additions as (
    select distinct source_relation, issue_id
    from {{ ref('int_backlog__issue_changes') }}
    where activity_type in (1, 47)
),

present as (
    {%- for field, column in fields %}
    select
        issues.source_relation,
        issues.issue_id,
        cast('{{ field }}' as {{ text }}) as field,
        cast({{ column }} as {{ text }}) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from {{ ref('stg_backlog__issues') }} as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
    {%- if field == 'milestone' %}
    left join {{ ref('int_backlog__issue_lists') }} as lists
        on lists.source_relation = issues.source_relation and lists.issue_id = issues.issue_id
    {%- endif %}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

changes as (
    select
        changes.source_relation,
        changes.issue_id,
        changes.field,
        changes.changed_at,
        {%- for value, labels in [('old_value', 'labels_before'), ('new_value', 'labels_after')] %}
        case
            when changes.field = 'milestone' then {{ labels }}.item_ids
            when changes.field in ('estimatedHours', 'actualHours')
                then cast({{ backlog.to_number('changes.' ~ value) }} as {{ text }})
            when changes.{{ value }} <> '' then coalesce(
                cast({{ backlog.to_id('changes.' ~ value) }} as {{ text }}),
                {{ labels }}.item_ids,
                case when changes.field = 'status' then '0' end
            )
        end as {{ value }},
        {%- endfor %}
        row_number() over (
            partition by changes.source_relation, changes.issue_id, changes.field
            order by changes.changed_at, changes.activity_id, changes.position
        ) as place,
        row_number() over (
            partition by changes.source_relation, changes.issue_id, changes.field
            order by changes.changed_at desc, changes.activity_id desc, changes.position desc
        ) as from_last
    from {{ ref('int_backlog__issue_changes') }} as changes
    {%- for value, labels in [('old_value', 'labels_before'), ('new_value', 'labels_after')] %}
    left join {{ ref('int_backlog__value_labels') }} as {{ labels }}
        on {{ labels }}.source_relation = changes.source_relation
        and {{ labels }}.field = changes.field
        and {{ labels }}.project_id = changes.project_id
        and {{ labels }}.told_value = changes.{{ value }}
    {%- endfor %}
    where
        changes.field in ({% for field, _ in fields %}'{{ field }}'{{ ', ' if not loop.last }}{% endfor %})
        and (changes.field <> 'status' or changes.new_value <> '')
),

steps as (
    select
        present.source_relation,
        present.issue_id,
        present.field,
        present.created_at as from_at,
        0 as place,
        case
            when first_change.issue_id is not null then first_change.old_value
            when present.field = 'status' and not present.is_whole then '1'
            else present.field_value
        end as field_value,
        false as is_estimated
    from present
    left join changes as first_change
        on first_change.source_relation = present.source_relation
        and first_change.issue_id = present.issue_id
        and first_change.field = present.field
        and first_change.place = 1
    union all
    select
        changes.source_relation,
        changes.issue_id,
        changes.field,
        greatest(changes.changed_at, present.created_at),
        changes.place,
        changes.new_value,
        false
    from changes
    inner join present
        on present.source_relation = changes.source_relation
        and present.issue_id = changes.issue_id
        and present.field = changes.field
    union all
    select
        present.source_relation,
        present.issue_id,
        present.field,
        greatest(present.updated_at, coalesce(last_change.changed_at, present.updated_at)),
        coalesce(last_change.place, 0) + 1,
        present.field_value,
        true
    from present
    left join changes as last_change
        on last_change.source_relation = present.source_relation
        and last_change.issue_id = present.issue_id
        and last_change.field = present.field
        and last_change.from_last = 1
    where
        case
            when last_change.issue_id is not null then coalesce(last_change.new_value, '') <> coalesce(present.field_value, '')
            else present.field = 'status' and not present.is_whole and present.field_value <> '1'
        end
),

compared as (
    select
        steps.*,
        lag(coalesce(field_value, '')) over (
            partition by source_relation, issue_id, field order by place
        ) as value_before
    from steps
)

select source_relation, issue_id, field, from_at, place, field_value, is_estimated
from compared
where place = 0 or coalesce(field_value, '') <> value_before
