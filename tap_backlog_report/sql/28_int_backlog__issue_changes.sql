-- The changes of issues that exist. Some do not tell what was before (issues changed
-- together, a status deleted, dates moved): that is what the change before led to. Every
-- issue has a status, so an empty one was not told either.
with told as (
    select * from marts.stg_backlog__issue_history
    union all
    select
        source_relation,
        activity_id,
        position,
        activity_type,
        issue_id,
        project_id,
        field,
        custom_field_name,
        old_value,
        new_value,
        changed_by_id,
        changed_by_name,
        changed_at
    from marts.int_backlog__older_changes
),
placed as (
    select
        told.*,
        case
            when told.field = 'status' then coalesce(told.old_value, '') = ''
            else told.old_value is null and coalesce(told.activity_type, 0) in (14, 34, 35)
        end as is_untold,
        row_number() over (
            partition by told.source_relation, told.issue_id, told.field
            order by told.changed_at, told.activity_id, told.position
        ) as place,
        lag(told.new_value) over (
            partition by told.source_relation, told.issue_id, told.field
            order by told.changed_at, told.activity_id, told.position
        ) as value_before
    from told
    inner join marts.stg_backlog__issues as issues
        on issues.source_relation = told.source_relation and issues.issue_id = told.issue_id
)
select
    source_relation,
    activity_id,
    position,
    activity_type,
    issue_id,
    project_id,
    field,
    custom_field_name,
    -- Every new issue has the status 1.
    case
        when not is_untold then old_value
        when field = 'status' then coalesce(value_before, '1')
        else value_before
    end as old_value,
    new_value,
    changed_by_id,
    changed_by_name,
    changed_at,
    is_untold and (place > 1 or field = 'status') as is_inferred
from placed
