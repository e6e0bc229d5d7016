-- Each change of each issue that exists, with the names that things have today.
select
    changes.source_relation,
    changes.activity_id,
    changes.position,
    changes.activity_type,
    changes.issue_id,
    issues.issue_key,
    issues.project_id,
    changes.field,
    changes.custom_field_name,
    changes.old_value,
    changes.new_value,
    coalesce(labels_before.item_names, changes.old_value) as old_name,
    coalesce(labels_after.item_names, changes.new_value) as new_name,
    changes.changed_at,
    {{ backlog.local_day('changes.changed_at', 'spaces.time_zone') }} as changed_on,
    changes.changed_by_id,
    coalesce(people.person_name, changes.changed_by_name) as changed_by_name,
    changes.is_inferred
from {{ ref('int_backlog__issue_changes') }} as changes
inner join {{ ref('stg_backlog__issues') }} as issues
    on issues.source_relation = changes.source_relation and issues.issue_id = changes.issue_id
inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = changes.source_relation
left join {{ ref('int_backlog__people') }} as people
    on people.source_relation = changes.source_relation and people.person_id = changes.changed_by_id
{%- for value, labels in [('old_value', 'labels_before'), ('new_value', 'labels_after')] %}
left join {{ ref('int_backlog__value_labels') }} as {{ labels }}
    on {{ labels }}.source_relation = changes.source_relation
    and {{ labels }}.field = changes.field
    and {{ labels }}.project_id = changes.project_id
    and {{ labels }}.told_value = changes.{{ value }}
{%- endfor %}
