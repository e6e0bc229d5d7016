with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("activityId" as bigint) as activity_id,
        cast("position" as bigint) as position,
        cast("type" as bigint) as activity_type,
        cast("issueId" as bigint) as issue_id,
        cast("projectId" as bigint) as project_id,
        cast("field" as TEXT) as field,
        cast("fieldText" as TEXT) as custom_field_name,
        cast("oldValue" as TEXT) as old_value,
        cast("newValue" as TEXT) as new_value,
        try_cast(("changedUser" ->> 'id') as bigint) as changed_by_id,
        cast(("changedUser" ->> 'name') as TEXT) as changed_by_name,
        cast("changed" as timestamp) as changed_at
    from main.issue_history
)
select * from loaded
