with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("commentId" as bigint) as comment_id,
        cast("position" as bigint) as position,
        cast("issueId" as bigint) as issue_id,
        cast("projectId" as bigint) as project_id,
        cast("field" as TEXT) as field,
        try_cast(("attributeInfo" ->> 'id') as bigint) as custom_field_id,
        cast("originalValue" as TEXT) as old_value,
        cast("newValue" as TEXT) as new_value,
        try_cast(("createdUser" ->> 'id') as bigint) as changed_by_id,
        cast(("createdUser" ->> 'name') as TEXT) as changed_by_name,
        cast("created" as timestamp) as changed_at
    from main.issue_change_log
)
select * from loaded
