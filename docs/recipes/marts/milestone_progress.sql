-- Each milestone day by day: what it began with, what came and went, what is done and left.
with  stg_backlog__issue_history as (
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
    from issue_history
)
select * from loaded
),  stg_backlog__spaces as (
-- A table, so that all models of a build see the same day.
with schemas as (
    select cast('main' as TEXT) as source_relation
),
loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("timezone" as TEXT) as timezone
    from space
),
zones as (
    select
        schemas.source_relation,
        coalesce(cast(getvariable('timezone') as TEXT), max(loaded.timezone), 'UTC') as time_zone
    from schemas
    left join loaded on loaded.source_relation = schemas.source_relation
    group by schemas.source_relation
),
chosen as (
    select
        source_relation,
        time_zone,
        cast(getvariable('today') as date) as as_of,
        (current_timestamp at time zone 'UTC') as now
    from zones
)
select
    source_relation,
    time_zone,
    coalesce(as_of, cast(now at time zone 'UTC' at time zone time_zone as date)) as as_of,
    coalesce((cast((as_of + 1) as timestamp) at time zone time_zone at time zone 'UTC'), now) as ends_at
from chosen
),  stg_backlog__issue_change_log as (
with loaded as (
    select
        cast(null as TEXT) as source_relation,
        cast(null as bigint) as comment_id,
        cast(null as bigint) as position,
        cast(null as bigint) as issue_id,
        cast(null as bigint) as project_id,
        cast(null as TEXT) as field,
        cast(null as bigint) as custom_field_id,
        cast(null as TEXT) as old_value,
        cast(null as TEXT) as new_value,
        cast(null as bigint) as changed_by_id,
        cast(null as TEXT) as changed_by_name,
        cast(null as timestamp) as changed_at
    limit 0
)
select * from loaded
),  stg_backlog__deletions as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as activity_id,
        cast("what" as TEXT) as what,
        cast("itemId" as TEXT) as item_id,
        cast("deleted" as timestamp) as deleted_at
    from deletions
)
select * from loaded
),  stg_backlog__issues as (
-- Issues as they are now. Those that were deleted are left out.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as issue_id,
        cast("issueKey" as TEXT) as issue_key,
        cast("projectId" as bigint) as project_id,
        cast("summary" as TEXT) as summary,
        try_cast(("issueType" ->> 'id') as bigint) as issue_type_id,
        cast(("issueType" ->> 'name') as TEXT) as issue_type_name,
        try_cast(("status" ->> 'id') as bigint) as status_id,
        cast(("status" ->> 'name') as TEXT) as status_name,
        try_cast(("resolution" ->> 'id') as bigint) as resolution_id,
        cast(("resolution" ->> 'name') as TEXT) as resolution_name,
        try_cast(("priority" ->> 'id') as bigint) as priority_id,
        cast(("priority" ->> 'name') as TEXT) as priority_name,
        try_cast(("assignee" ->> 'id') as bigint) as assignee_id,
        cast(("assignee" ->> 'name') as TEXT) as assignee_name,
        try_cast(("createdUser" ->> 'id') as bigint) as created_by_id,
        cast(("createdUser" ->> 'name') as TEXT) as created_by_name,
        try_cast(("updatedUser" ->> 'id') as bigint) as updated_by_id,
        cast(("updatedUser" ->> 'name') as TEXT) as updated_by_name,
        cast("created" as timestamp) as created_at,
        cast("updated" as timestamp) as updated_at,
        cast("startDate" as timestamp) as start_at,
        cast("dueDate" as timestamp) as due_at,
        cast("estimatedHours" as float8) as estimated_hours,
        cast("actualHours" as float8) as actual_hours,
        cast("parentIssueId" as bigint) as parent_issue_id
    from issues
)
select
    loaded.source_relation,
    loaded.issue_id,
    loaded.issue_key,
    loaded.project_id,
    loaded.summary,
    loaded.issue_type_id,
    loaded.issue_type_name,
    loaded.status_id,
    loaded.status_name,
    loaded.resolution_id,
    loaded.resolution_name,
    loaded.priority_id,
    loaded.priority_name,
    loaded.assignee_id,
    loaded.assignee_name,
    loaded.created_by_id,
    loaded.created_by_name,
    loaded.updated_by_id,
    loaded.updated_by_name,
    loaded.created_at,
    loaded.updated_at,
    case
        when cast(loaded.start_at as date) = loaded.start_at then cast(loaded.start_at as date)
        else cast(loaded.start_at at time zone 'UTC' at time zone spaces.time_zone as date)
    end as start_date,
    case
        when cast(loaded.due_at as date) = loaded.due_at then cast(loaded.due_at as date)
        else cast(loaded.due_at at time zone 'UTC' at time zone spaces.time_zone as date)
    end as due_date,
    loaded.estimated_hours,
    loaded.actual_hours,
    loaded.parent_issue_id
from loaded
inner join stg_backlog__spaces as spaces on spaces.source_relation = loaded.source_relation
left join stg_backlog__deletions as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'issue'
    and deletions.item_id = cast(loaded.issue_id as TEXT)
where deletions.activity_id is null
),  stg_backlog__statuses as (
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
),  stg_backlog__issue_types as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("projectId" as bigint) as project_id,
        cast("id" as bigint) as issue_type_id,
        cast("name" as TEXT) as issue_type_name,
        cast("displayOrder" as bigint) as display_order
    from issue_types
)
select * from loaded
),  stg_backlog__categories as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("projectId" as bigint) as project_id,
        cast("id" as bigint) as category_id,
        cast("name" as TEXT) as category_name,
        cast("displayOrder" as bigint) as display_order
    from categories
)
select * from loaded
),  stg_backlog__milestones as (
-- Milestones, which are versions too. Those that were deleted are left out.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as milestone_id,
        cast("projectId" as bigint) as project_id,
        cast("name" as TEXT) as milestone_name,
        cast("startDate" as timestamp) as start_at,
        cast("releaseDueDate" as timestamp) as due_at,
        cast("archived" as boolean) as is_archived,
        cast("displayOrder" as bigint) as display_order
    from milestones
)
select
    loaded.source_relation,
    loaded.milestone_id,
    loaded.project_id,
    loaded.milestone_name,
    case
        when cast(loaded.start_at as date) = loaded.start_at then cast(loaded.start_at as date)
        else cast(loaded.start_at at time zone 'UTC' at time zone spaces.time_zone as date)
    end as start_date,
    case
        when cast(loaded.due_at as date) = loaded.due_at then cast(loaded.due_at as date)
        else cast(loaded.due_at at time zone 'UTC' at time zone spaces.time_zone as date)
    end as due_date,
    loaded.is_archived,
    loaded.display_order
from loaded
inner join stg_backlog__spaces as spaces on spaces.source_relation = loaded.source_relation
left join stg_backlog__deletions as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'milestone'
    and deletions.item_id = cast(loaded.milestone_id as TEXT)
where deletions.activity_id is null
),  stg_backlog__priorities as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as priority_id,
        cast("name" as TEXT) as priority_name
    from priorities
)
select * from loaded
),  stg_backlog__resolutions as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as resolution_id,
        cast("name" as TEXT) as resolution_name
    from resolutions
)
select * from loaded
),  stg_backlog__users as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("id" as bigint) as user_id,
        cast("name" as TEXT) as user_name
    from users
)
select * from loaded
),  stg_backlog__project_users as (
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("projectId" as bigint) as project_id,
        cast("id" as bigint) as user_id,
        cast("name" as TEXT) as user_name
    from project_users
)
select * from loaded
),  int_backlog__people as (
-- One name per person: the one in the list of users if it has the person.
with named as (
    select source_relation, user_id as person_id, user_name as person_name, 1 as place
    from stg_backlog__users
    union all
    select source_relation, user_id, user_name, 2
    from stg_backlog__project_users
    union all
    select source_relation, assignee_id, assignee_name, 3
    from stg_backlog__issues
    union all
    select source_relation, created_by_id, created_by_name, 3
    from stg_backlog__issues
    union all
    select source_relation, changed_by_id, changed_by_name, 4
    from stg_backlog__issue_history
    union all
    select source_relation, changed_by_id, changed_by_name, 5
    from stg_backlog__issue_change_log
),
first_place as (
    select source_relation, person_id, min(place) as place
    from named
    where person_id is not null
    group by source_relation, person_id
)
select named.source_relation, named.person_id, min(named.person_name) as person_name
from named
inner join first_place
    on first_place.source_relation = named.source_relation
    and first_place.person_id = named.person_id
    and first_place.place = named.place
group by named.source_relation, named.person_id
),  int_backlog__items as (
-- What a field of an issue can be, by the field's name in the history. An item without a
-- project is one of the whole space.
select
    source_relation,
    cast('status' as TEXT) as field,
    project_id,
    cast(status_id as TEXT) as item_id,
    status_name as item_name,
    status_order as display_order
from stg_backlog__statuses
union all
select source_relation, 'issueType', project_id, cast(issue_type_id as TEXT), issue_type_name, display_order
from stg_backlog__issue_types
union all
select source_relation, 'component', project_id, cast(category_id as TEXT), category_name, display_order
from stg_backlog__categories
union all
select source_relation, 'milestone', project_id, cast(milestone_id as TEXT), milestone_name, display_order
from stg_backlog__milestones
union all
select source_relation, 'version', project_id, cast(milestone_id as TEXT), milestone_name, display_order
from stg_backlog__milestones
union all
select source_relation, 'priority', null, cast(priority_id as TEXT), priority_name, priority_id
from stg_backlog__priorities
union all
select source_relation, 'resolution', null, cast(resolution_id as TEXT), resolution_name, resolution_id
from stg_backlog__resolutions
union all
select source_relation, 'assigner', null, cast(person_id as TEXT), person_name, person_id
from int_backlog__people
),  int_backlog__older_changes as (
-- What comments know of the time before the updates. They have names, as things were called
-- then; the history has ids.
with since as (
    select spaces.source_relation, coalesce(min(history.changed_at), max(spaces.ends_at)) as known_since
    from stg_backlog__spaces as spaces
    left join stg_backlog__issue_history as history
        on history.source_relation = spaces.source_relation
    group by spaces.source_relation
),
log as (
    select
        source_relation,
        comment_id,
        position,
        issue_id,
        project_id,
        case
            when custom_field_id is null then field
            else concat('customField_', cast(custom_field_id as TEXT))
        end as field,
        case when custom_field_id is not null then field end as custom_field_name,
        old_value,
        new_value,
        changed_by_id,
        changed_by_name,
        changed_at
    from stg_backlog__issue_change_log
),
last_statuses as (
    select
        log.source_relation,
        log.project_id,
        log.new_value as item_name,
        cast(issues.status_id as TEXT) as item_id,
        row_number() over (
            partition by log.source_relation, log.issue_id
            order by log.changed_at desc, log.comment_id desc, log.position desc
        ) as from_last
    from log
    inner join stg_backlog__issues as issues
        on issues.source_relation = log.source_relation and issues.issue_id = log.issue_id
    where log.field = 'status'
),
projects as (
    select distinct source_relation, project_id
    from log
),
-- Things may have had other names. The last change of an issue led to its status of today,
-- the history has the ids of changes that both know, and each project began with four
-- statuses, in the language of the space.
names as (
    select source_relation, 'status' as field, project_id, item_name, item_id, 1 as place
    from last_statuses
    where from_last = 1
    union all
    select source_relation, field, project_id, item_name, item_id, 1
    from int_backlog__items
    where field in ('status', 'issueType', 'priority', 'resolution', 'assigner')
    union all
    select
        log.source_relation,
        log.field,
        case when log.field not in ('priority', 'resolution', 'assigner') then log.project_id end,
        log.old_value,
        history.old_value,
        2
    from log
    inner join stg_backlog__issue_history as history
        on history.source_relation = log.source_relation
        and history.issue_id = log.issue_id
        and history.field = log.field
        and history.changed_at = log.changed_at
    where log.field in ('status', 'issueType', 'priority', 'resolution', 'assigner') and try_cast(history.old_value as bigint) is not null
    union all
    select
        log.source_relation,
        log.field,
        case when log.field not in ('priority', 'resolution', 'assigner') then log.project_id end,
        log.new_value,
        history.new_value,
        2
    from log
    inner join stg_backlog__issue_history as history
        on history.source_relation = log.source_relation
        and history.issue_id = log.issue_id
        and history.field = log.field
        and history.changed_at = log.changed_at
    where log.field in ('status', 'issueType', 'priority', 'resolution', 'assigner') and try_cast(history.new_value as bigint) is not null
    union all
    select source_relation, 'status', project_id, '未対応', '1', 3
    from projects
    union all
    select source_relation, 'status', project_id, '処理中', '2', 3
    from projects
    union all
    select source_relation, 'status', project_id, '処理済み', '3', 3
    from projects
    union all
    select source_relation, 'status', project_id, '完了', '4', 3
    from projects
    union all
    select source_relation, 'status', project_id, 'Open', '1', 3
    from projects
    union all
    select source_relation, 'status', project_id, 'In Progress', '2', 3
    from projects
    union all
    select source_relation, 'status', project_id, 'Resolved', '3', 3
    from projects
    union all
    select source_relation, 'status', project_id, 'Closed', '4', 3
    from projects
),
placed as (
    select
        names.*,
        min(place) over (partition by source_relation, field, project_id, item_name) as best_place
    from names
),
ids as (
    select source_relation, field, project_id, item_name, min(item_id) as item_id
    from placed
    where place = best_place
    group by source_relation, field, project_id, item_name
)
select
    log.source_relation,
    log.comment_id - 1000000000000 as activity_id,
    log.position,
    cast(null as bigint) as activity_type,
    log.issue_id,
    log.project_id,
    log.field,
    log.custom_field_name,
    coalesce(before.item_id, log.old_value) as old_value,
    coalesce(after.item_id, log.new_value) as new_value,
    log.changed_by_id,
    log.changed_by_name,
    log.changed_at
from log
inner join since
    on since.source_relation = log.source_relation and log.changed_at < since.known_since
left join ids as before
    on before.source_relation = log.source_relation
    and before.field = log.field
    and before.item_name = log.old_value
    and coalesce(before.project_id, log.project_id) = log.project_id
left join ids as after
    on after.source_relation = log.source_relation
    and after.field = log.field
    and after.item_name = log.new_value
    and coalesce(after.project_id, log.project_id) = log.project_id
),  int_backlog__issue_changes as (
-- The changes of issues that exist. Some do not tell what was before (issues changed
-- together, a status deleted, dates moved): that is what the change before led to. Every
-- issue has a status, so an empty one was not told either.
with told as (
    select * from stg_backlog__issue_history
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
    from int_backlog__older_changes
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
    inner join stg_backlog__issues as issues
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
),  stg_backlog__issue_milestones as (
-- The milestones that issues have now: rows of older states have an older issueUpdated.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("issueId" as bigint) as issue_id,
        cast("id" as bigint) as milestone_id,
        cast("name" as TEXT) as milestone_name,
        cast("displayOrder" as bigint) as display_order,
        cast("issueUpdated" as timestamp) as issue_updated_at
    from issue_milestones
)
select
    loaded.source_relation,
    loaded.issue_id,
    loaded.milestone_id,
    loaded.milestone_name,
    loaded.display_order
from loaded
inner join stg_backlog__issues as issues
    on issues.source_relation = loaded.source_relation
    and issues.issue_id = loaded.issue_id
    and issues.updated_at = loaded.issue_updated_at
left join stg_backlog__deletions as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'milestone'
    and deletions.item_id = cast(loaded.milestone_id as TEXT)
where deletions.activity_id is null
),  stg_backlog__issue_categories as (
-- The categories that issues have now: rows of older states have an older issueUpdated.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("issueId" as bigint) as issue_id,
        cast("id" as bigint) as category_id,
        cast("name" as TEXT) as category_name,
        cast("displayOrder" as bigint) as display_order,
        cast("issueUpdated" as timestamp) as issue_updated_at
    from issue_categories
)
select
    loaded.source_relation,
    loaded.issue_id,
    loaded.category_id,
    loaded.category_name,
    loaded.display_order
from loaded
inner join stg_backlog__issues as issues
    on issues.source_relation = loaded.source_relation
    and issues.issue_id = loaded.issue_id
    and issues.updated_at = loaded.issue_updated_at
),  stg_backlog__issue_versions as (
-- The versions that issues have now: rows of older states have an older issueUpdated.
with loaded as (
    select
        cast('main' as TEXT) as source_relation,
        cast("issueId" as bigint) as issue_id,
        cast("id" as bigint) as version_id,
        cast("name" as TEXT) as version_name,
        cast("displayOrder" as bigint) as display_order,
        cast("issueUpdated" as timestamp) as issue_updated_at
    from issue_versions
)
select
    loaded.source_relation,
    loaded.issue_id,
    loaded.version_id,
    loaded.version_name,
    loaded.display_order
from loaded
inner join stg_backlog__issues as issues
    on issues.source_relation = loaded.source_relation
    and issues.issue_id = loaded.issue_id
    and issues.updated_at = loaded.issue_updated_at
left join stg_backlog__deletions as deletions
    on deletions.source_relation = loaded.source_relation
    and deletions.what = 'milestone'
    and deletions.item_id = cast(loaded.version_id as TEXT)
where deletions.activity_id is null
),  int_backlog__issue_lists as (
-- Milestones, categories and versions of each issue in one text each, by their names of today.
with milestones as (
    select
        parts.source_relation,
        parts.issue_id,
    string_agg(
        cast(parts.milestone_id as TEXT),
        ', '
        order by coalesce(named.display_order, parts.display_order), parts.milestone_id
        ) as milestone_ids,
    string_agg(
        coalesce(named.milestone_name, parts.milestone_name),
        ', '
        order by coalesce(named.display_order, parts.display_order), parts.milestone_id
        ) as milestone_names
    from stg_backlog__issue_milestones as parts
    left join stg_backlog__milestones as named
        on named.source_relation = parts.source_relation and named.milestone_id = parts.milestone_id
    group by parts.source_relation, parts.issue_id
),
categories as (
    select
        parts.source_relation,
        parts.issue_id,
    string_agg(
        coalesce(named.category_name, parts.category_name),
        ', '
        order by coalesce(named.display_order, parts.display_order), parts.category_id
        ) as category_names
    from stg_backlog__issue_categories as parts
    left join stg_backlog__categories as named
        on named.source_relation = parts.source_relation and named.category_id = parts.category_id
    group by parts.source_relation, parts.issue_id
),
versions as (
    select
        parts.source_relation,
        parts.issue_id,
    string_agg(
        coalesce(named.milestone_name, parts.version_name),
        ', '
        order by coalesce(named.display_order, parts.display_order), parts.version_id
        ) as version_names
    from stg_backlog__issue_versions as parts
    left join stg_backlog__milestones as named
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
from stg_backlog__issues as issues
left join milestones
    on milestones.source_relation = issues.source_relation and milestones.issue_id = issues.issue_id
left join categories
    on categories.source_relation = issues.source_relation and categories.issue_id = issues.issue_id
left join versions
    on versions.source_relation = issues.source_relation and versions.issue_id = issues.issue_id
),  int_backlog__value_items as (
-- Which items a value in the history means. It is an id, or several with commas; several
-- things may be names.
with told as (
    select source_relation, field, project_id, old_value as told_value
    from int_backlog__issue_changes
    union all
    select source_relation, field, project_id, new_value
    from int_backlog__issue_changes
),
-- A list as ",1,2," finds an item as ",1,"; names may have spaces of their own.
distinct_values as (
    select distinct
        told.source_relation,
        told.field,
        told.project_id,
        told.told_value,
        concat(',', replace(told.told_value, ', ', ','), ',') as listed
    from told
    where told.told_value is not null and told.told_value <> ''
),
-- Some histories tell names where others tell ids.
single as (
    select
        distinct_values.*,
        items.item_id,
        items.item_name,
        items.display_order,
        case when coalesce(items.project_id, distinct_values.project_id) = distinct_values.project_id then 1 else 2 end as place
    from distinct_values
    inner join int_backlog__items as items
        on items.source_relation = distinct_values.source_relation
        and items.field = distinct_values.field
        and items.item_id = distinct_values.told_value
    where distinct_values.field not in ('milestone', 'version', 'component')
    union all
    select distinct_values.*, items.item_id, items.item_name, items.display_order, 3
    from distinct_values
    inner join int_backlog__items as items
        on items.source_relation = distinct_values.source_relation
        and items.field = distinct_values.field
        and items.item_name = distinct_values.told_value
        and coalesce(items.project_id, distinct_values.project_id) = distinct_values.project_id
    where distinct_values.field not in ('milestone', 'version', 'component')
),
-- A milestone may have had another name: the last change of an issue led to what it has today.
last_changes as (
    select
        source_relation,
        project_id,
        issue_id,
        new_value as item_name,
        row_number() over (
            partition by source_relation, issue_id order by changed_at desc, activity_id desc, position desc
        ) as from_last
    from int_backlog__issue_changes
    where field = 'milestone'
),
only_milestones as (
    select source_relation, issue_id, min(milestone_id) as milestone_id
    from stg_backlog__issue_milestones
    group by source_relation, issue_id
    having count(*) = 1
),
older_names as (
    select
        changes.source_relation,
        changes.project_id,
        changes.item_name,
        cast(min(milestones.milestone_id) as TEXT) as item_id
    from last_changes as changes
    inner join only_milestones as milestones
        on milestones.source_relation = changes.source_relation and milestones.issue_id = changes.issue_id
    left join int_backlog__items as items
        on items.source_relation = changes.source_relation
        and items.field = 'milestone'
        and items.project_id = changes.project_id
        and items.item_name = changes.item_name
    where
        changes.from_last = 1
        and changes.item_name <> ''
        and try_cast(changes.item_name as bigint) is null
        and items.item_id is null
    group by changes.source_relation, changes.project_id, changes.item_name
    having min(milestones.milestone_id) = max(milestones.milestone_id)
),
named as (
    select source_relation, field, project_id, item_id, item_name, display_order, item_name as told_name
    from int_backlog__items
    where field in ('milestone', 'version', 'component')
    union all
    select
        items.source_relation,
        items.field,
        items.project_id,
        items.item_id,
        items.item_name,
        items.display_order,
        older_names.item_name
    from int_backlog__items as items
    inner join older_names
        on older_names.source_relation = items.source_relation
        and older_names.project_id = items.project_id
        and older_names.item_id = items.item_id
    where items.field = 'milestone'
),
multiple as (
    select
        distinct_values.*,
        named.item_id,
        named.item_name,
        named.display_order,
        min(case when distinct_values.listed like concat('%,', named.item_id, ',%') then 1 else 2 end) as place
    from distinct_values
    inner join named
        on named.source_relation = distinct_values.source_relation
        and named.field = distinct_values.field
        and named.project_id = distinct_values.project_id
        and (
            distinct_values.listed like concat('%,', named.item_id, ',%')
            or
    position(
        concat(',', replace(named.told_name, ', ', ','), ',') in distinct_values.listed
    ) > 0
        )
    group by
        distinct_values.source_relation,
        distinct_values.field,
        distinct_values.project_id,
        distinct_values.told_value,
        distinct_values.listed,
        named.item_id,
        named.item_name,
        named.display_order
),
found as (
    select * from single
    union all
    select * from multiple
),
ranked as (
    select
        found.*,
        min(place) over (partition by source_relation, field, project_id, told_value) as best_place,
        row_number() over (
            partition by source_relation, field, project_id, told_value, place
            order by display_order, item_id
        ) as position
    from found
)
select source_relation, field, project_id, told_value, item_id, item_name, display_order
from ranked
where place = best_place and (field in ('milestone', 'version', 'component') or position = 1)
),  int_backlog__value_labels as (
-- The ids and names of what a value in the history means, in one text each, in the order of
-- int_backlog__issue_lists: ids are numbers, so a shorter one is smaller.
select
    source_relation,
    field,
    project_id,
    told_value,
    string_agg(
        item_id,
        ', '
        order by display_order, length(item_id), item_id
        ) as item_ids,
    string_agg(
        item_name,
        ', '
        order by display_order, length(item_id), item_id
        ) as item_names
from int_backlog__value_items
group by source_relation, field, project_id, told_value
),  int_backlog__issue_steps as (
-- What status, assignee, milestones and hours of an issue were from when on: from the day it
-- was added (the value that its first change replaced), from each change, and, if its last
-- change did not lead to what it has today, from its last update. A status with a name that
-- nothing has any more is 0. If the history knows when
-- an issue was added, and no change of its status, it always had the one of today.
with additions as (
    select distinct source_relation, issue_id
    from int_backlog__issue_changes
    where activity_type in (1, 47)
),
present as (
    select
        issues.source_relation,
        issues.issue_id,
        cast('status' as TEXT) as field,
        cast(issues.status_id as TEXT) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from stg_backlog__issues as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
    union all
    select
        issues.source_relation,
        issues.issue_id,
        cast('assigner' as TEXT) as field,
        cast(issues.assignee_id as TEXT) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from stg_backlog__issues as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
    union all
    select
        issues.source_relation,
        issues.issue_id,
        cast('milestone' as TEXT) as field,
        cast(lists.milestone_ids as TEXT) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from stg_backlog__issues as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
    left join int_backlog__issue_lists as lists
        on lists.source_relation = issues.source_relation and lists.issue_id = issues.issue_id
    union all
    select
        issues.source_relation,
        issues.issue_id,
        cast('estimatedHours' as TEXT) as field,
        cast(issues.estimated_hours as TEXT) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from stg_backlog__issues as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
    union all
    select
        issues.source_relation,
        issues.issue_id,
        cast('actualHours' as TEXT) as field,
        cast(issues.actual_hours as TEXT) as field_value,
        issues.created_at,
        issues.updated_at,
        additions.issue_id is not null as is_whole
    from stg_backlog__issues as issues
    left join additions
        on additions.source_relation = issues.source_relation and additions.issue_id = issues.issue_id
),
changes as (
    select
        changes.source_relation,
        changes.issue_id,
        changes.field,
        changes.changed_at,
        case
            when changes.field = 'milestone' then labels_before.item_ids
            when changes.field in ('estimatedHours', 'actualHours')
                then cast(try_cast(changes.old_value as double) as TEXT)
            when changes.old_value <> '' then coalesce(
                cast(try_cast(changes.old_value as bigint) as TEXT),
                labels_before.item_ids,
                case when changes.field = 'status' then '0' end
            )
        end as old_value,
        case
            when changes.field = 'milestone' then labels_after.item_ids
            when changes.field in ('estimatedHours', 'actualHours')
                then cast(try_cast(changes.new_value as double) as TEXT)
            when changes.new_value <> '' then coalesce(
                cast(try_cast(changes.new_value as bigint) as TEXT),
                labels_after.item_ids,
                case when changes.field = 'status' then '0' end
            )
        end as new_value,
        row_number() over (
            partition by changes.source_relation, changes.issue_id, changes.field
            order by changes.changed_at, changes.activity_id, changes.position
        ) as place,
        row_number() over (
            partition by changes.source_relation, changes.issue_id, changes.field
            order by changes.changed_at desc, changes.activity_id desc, changes.position desc
        ) as from_last
    from int_backlog__issue_changes as changes
    left join int_backlog__value_labels as labels_before
        on labels_before.source_relation = changes.source_relation
        and labels_before.field = changes.field
        and labels_before.project_id = changes.project_id
        and labels_before.told_value = changes.old_value
    left join int_backlog__value_labels as labels_after
        on labels_after.source_relation = changes.source_relation
        and labels_after.field = changes.field
        and labels_after.project_id = changes.project_id
        and labels_after.told_value = changes.new_value
    where
        changes.field in ('status', 'assigner', 'milestone', 'estimatedHours', 'actualHours')
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
),  int_backlog__issue_states as (
-- The state of each issue at the end of each day on which it changed, up to the day before it
-- changed again.
with steps as (
    select
        steps.source_relation,
        steps.issue_id,
        steps.field,
        cast(steps.from_at at time zone 'UTC' at time zone spaces.time_zone as date) as day,
        steps.place,
        steps.field_value
    from int_backlog__issue_steps as steps
    inner join stg_backlog__spaces as spaces on spaces.source_relation = steps.source_relation
),
placed as (
    select
        steps.*,
        row_number() over (
            partition by source_relation, issue_id, field, day order by place desc
        ) as from_last
    from steps
),
-- An empty text is a value, null means unchanged.
by_day as (
    select
        source_relation,
        issue_id,
        day,
        max(case when field = 'status' then coalesce(field_value, '') end) as status,
        max(case when field = 'assigner' then coalesce(field_value, '') end) as assigner,
        max(case when field = 'milestone' then coalesce(field_value, '') end) as milestone,
        max(case when field = 'estimatedHours' then coalesce(field_value, '') end) as estimatedhours,
        max(case when field = 'actualHours' then coalesce(field_value, '') end) as actualhours
    from placed
    where from_last = 1
    group by source_relation, issue_id, day
),
runs as (
    select
        by_day.*,
        lead(day) over (partition by source_relation, issue_id order by day) as next_day,
        count(status) over (partition by source_relation, issue_id order by day) as status_run,
        count(assigner) over (partition by source_relation, issue_id order by day) as assigner_run,
        count(milestone) over (partition by source_relation, issue_id order by day) as milestone_run,
        count(estimatedhours) over (partition by source_relation, issue_id order by day) as estimatedhours_run,
        count(actualhours) over (partition by source_relation, issue_id order by day) as actualhours_run
    from by_day
),
filled as (
    select
        source_relation,
        issue_id,
        day,
        next_day,
        nullif(max(status) over (
            partition by source_relation, issue_id, status_run
        ), '') as status,
        nullif(max(assigner) over (
            partition by source_relation, issue_id, assigner_run
        ), '') as assigner,
        nullif(max(milestone) over (
            partition by source_relation, issue_id, milestone_run
        ), '') as milestone,
        nullif(max(estimatedhours) over (
            partition by source_relation, issue_id, estimatedhours_run
        ), '') as estimatedhours,
        nullif(max(actualhours) over (
            partition by source_relation, issue_id, actualhours_run
        ), '') as actualhours
    from runs
)
select
    filled.source_relation,
    filled.issue_id,
    issues.project_id,
    filled.day as from_day,
    coalesce(least((filled.next_day + -1), spaces.as_of), spaces.as_of) as to_day,
    cast(filled.status as bigint) as status_id,
    cast(filled.assigner as bigint) as assignee_id,
    filled.milestone as milestone_ids,
    cast(filled.estimatedhours as float8) as estimated_hours,
    cast(filled.actualhours as float8) as actual_hours
from filled
inner join stg_backlog__spaces as spaces on spaces.source_relation = filled.source_relation
inner join stg_backlog__issues as issues
    on issues.source_relation = filled.source_relation and issues.issue_id = filled.issue_id
where filled.day <= spaces.as_of
),  int_backlog__milestone_members as (
-- Which milestones are in each list of milestones that an issue had.
with lists as (
    select distinct source_relation, project_id, milestone_ids
    from int_backlog__issue_states
    where milestone_ids is not null
)
select
    lists.source_relation,
    lists.project_id,
    lists.milestone_ids,
    milestones.milestone_id,
    milestones.milestone_name,
    milestones.display_order
from lists
inner join stg_backlog__milestones as milestones
    on milestones.source_relation = lists.source_relation
    and concat(', ', lists.milestone_ids, ', ') like concat('%, ', cast(milestones.milestone_id as TEXT), ', %')
),  int_backlog__status_names as (
-- Every status that an issue has or had, by the project of the issue today. An issue that was
-- moved may have had a status of another project.
with used as (
    select source_relation, project_id, status_id, max(status_name) as status_name
    from stg_backlog__issues
    group by source_relation, project_id, status_id
    union all
    select
        steps.source_relation,
        issues.project_id,
        cast(steps.field_value as bigint),
        null
    from int_backlog__issue_steps as steps
    inner join stg_backlog__issues as issues
        on issues.source_relation = steps.source_relation and issues.issue_id = steps.issue_id
    where steps.field = 'status'
    group by steps.source_relation, issues.project_id, steps.field_value
),
anywhere as (
    select source_relation, status_id, min(status_name) as status_name, min(status_color) as status_color, min(status_order) as status_order
    from stg_backlog__statuses
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
    coalesce(statuses.status_name, anywhere.status_name, combined.status_name, cast(combined.status_id as TEXT)) as status_name,
    coalesce(statuses.status_color, anywhere.status_color) as status_color,
    coalesce(statuses.status_order, anywhere.status_order) as status_order
from combined
left join stg_backlog__statuses as statuses
    on statuses.source_relation = combined.source_relation
    and statuses.project_id = combined.project_id
    and statuses.status_id = combined.status_id
left join anywhere
    on anywhere.source_relation = combined.source_relation and anywhere.status_id = combined.status_id
),  issue_daily_mart as (
-- The state of each issue at the end of each day, from the day it was added on.
with milestone_names as (
    select
        source_relation,
        project_id,
        milestone_ids,
    string_agg(
        milestone_name,
        ', '
        order by display_order, milestone_id
        ) as milestone_names
    from int_backlog__milestone_members
    group by source_relation, project_id, milestone_ids
),
states as (
    select
        states.*,
        status_names.status_name,
        status_names.status_order,
        people.person_name as assignee_name,
        milestone_names.milestone_names
    from int_backlog__issue_states as states
    left join int_backlog__status_names as status_names
        on status_names.source_relation = states.source_relation
        and status_names.project_id = states.project_id
        and status_names.status_id = states.status_id
    left join int_backlog__people as people
        on people.source_relation = states.source_relation and people.person_id = states.assignee_id
    left join milestone_names
        on milestone_names.source_relation = states.source_relation
        and milestone_names.project_id = states.project_id
        and milestone_names.milestone_ids = states.milestone_ids
)
select
    states.source_relation,
    days.day,
    states.issue_id,
    states.project_id,
    states.status_id,
    states.status_name,
    states.status_order,
    states.status_id = 4 as is_closed,
    states.assignee_id,
    states.assignee_name,
    states.milestone_ids,
    states.milestone_names,
    states.estimated_hours,
    states.actual_hours
from states
cross join lateral (
        select cast(unnest(generate_series(
            cast(states.from_day as timestamp), cast(states.to_day as timestamp), interval 1 day
        )) as date) as day
    ) as days
),  issue_status_spans_mart as (
-- Which status an issue had from when to when. The present one has no end.
with spans as (
    select
        steps.source_relation,
        steps.issue_id,
        row_number() over (
            partition by steps.source_relation, steps.issue_id order by steps.place
        ) as span,
        cast(steps.field_value as bigint) as status_id,
        steps.from_at,
        lead(steps.from_at) over (
            partition by steps.source_relation, steps.issue_id order by steps.place
        ) as to_at,
        steps.is_estimated
    from int_backlog__issue_steps as steps
    where steps.field = 'status'
),
dated as (
    select
        spans.*,
        spaces.ends_at,
        cast(spans.from_at at time zone 'UTC' at time zone spaces.time_zone as date) as from_day,
        case
            when spans.to_at is null then (spaces.as_of + 1)
            else cast(spans.to_at at time zone 'UTC' at time zone spaces.time_zone as date)
        end as to_day
    from spans
    inner join stg_backlog__spaces as spaces on spaces.source_relation = spans.source_relation
)
select
    dated.source_relation,
    dated.issue_id,
    dated.span,
    issues.project_id,
    dated.status_id,
    names.status_name,
    names.status_order,
    dated.status_id = 4 as is_closed,
    dated.from_at,
    dated.to_at,
    greatest(cast(extract(epoch from (coalesce(dated.to_at, dated.ends_at) - dated.from_at)) as float8) / 3600.0, 0) as hours,
    greatest(cast((5 * floor((dated.to_day - cast('1970-01-05' as date)) / 7.0) + least(5, (dated.to_day - cast('1970-01-05' as date)) - 7 * floor((dated.to_day - cast('1970-01-05' as date)) / 7.0))) - (5 * floor((dated.from_day - cast('1970-01-05' as date)) / 7.0) + least(5, (dated.from_day - cast('1970-01-05' as date)) - 7 * floor((dated.from_day - cast('1970-01-05' as date)) / 7.0))) as integer), 0) as working_days,
    dated.is_estimated
from dated
inner join stg_backlog__issues as issues
    on issues.source_relation = dated.source_relation and issues.issue_id = dated.issue_id
left join int_backlog__status_names as names
    on names.source_relation = dated.source_relation
    and names.project_id = issues.project_id
    and names.status_id = dated.status_id
),  stg_backlog__issue_comments as (
with loaded as (
    select
        cast(null as TEXT) as source_relation,
        cast(null as bigint) as comment_id,
        cast(null as bigint) as issue_id,
        cast(null as timestamp) as created_at
    limit 0
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
),  issues_mart as (
-- Issues as they are now, with what their history says of them.
with closings as (
    select
        source_relation,
        issue_id,
        min(case when status_id <> 1 and span > 1 and not is_estimated then from_at end) as started_at,
        max(case when is_closed and to_at is null then from_at end) as closed_at,
        max(case when is_closed and to_at is null and is_estimated then 1 else 0 end) as closed_is_estimated,
        max(case when span = 1 and status_id <> 1 then 1 else 0 end) as start_is_unknown,
        sum(case when is_closed and to_at is not null then 1 else 0 end) as reopened_count,
        max(case when is_closed then to_at end) as last_reopened_at
    from issue_status_spans_mart
    group by source_relation, issue_id
),
moves as (
    select source_relation, issue_id, max(changed_at) as moved_at
    from (
        select source_relation, issue_id, changed_at
        from int_backlog__issue_changes
        where
            field in (
                'status', 'assigner', 'milestone', 'estimatedHours', 'actualHours', 'startDate', 'limitDate'
            )
        union all
        select source_relation, issue_id, created_at
        from stg_backlog__issue_comments
    ) as known
    group by source_relation, issue_id
),
dated as (
    select
        issues.*,
        spaces.as_of,
        issues.status_id = 4 as is_closed,
        case when closings.start_is_unknown = 0 then closings.started_at end as started_at,
        closings.closed_at,
        closings.closed_is_estimated = 1 as closed_is_estimated,
        closings.reopened_count,
        closings.last_reopened_at,
        greatest(coalesce(moves.moved_at, issues.created_at), issues.created_at) as last_moved_at,
        cast(issues.created_at at time zone 'UTC' at time zone spaces.time_zone as date) as created_on,
        cast(issues.updated_at at time zone 'UTC' at time zone spaces.time_zone as date) as updated_on,
        cast(closings.closed_at at time zone 'UTC' at time zone spaces.time_zone as date) as closed_on,
        cast(greatest(coalesce(moves.moved_at, issues.created_at), issues.created_at) at time zone 'UTC' at time zone spaces.time_zone as date) as last_moved_on
    from stg_backlog__issues as issues
    inner join stg_backlog__spaces as spaces on spaces.source_relation = issues.source_relation
    left join closings
        on closings.source_relation = issues.source_relation and closings.issue_id = issues.issue_id
    left join moves
        on moves.source_relation = issues.source_relation and moves.issue_id = issues.issue_id
)
select
    dated.source_relation,
    dated.issue_id,
    dated.issue_key,
    dated.project_id,
    projects.project_key,
    projects.project_name,
    dated.summary,
    dated.issue_type_id,
    coalesce(issue_types.issue_type_name, dated.issue_type_name) as issue_type_name,
    dated.status_id,
    statuses.status_name,
    statuses.status_color,
    statuses.status_order,
    dated.is_closed,
    coalesce(resolutions.resolution_name, dated.resolution_name) as resolution_name,
    dated.priority_id,
    coalesce(priorities.priority_name, dated.priority_name) as priority_name,
    dated.assignee_id,
    coalesce(assignees.person_name, dated.assignee_name) as assignee_name,
    dated.created_by_id,
    coalesce(creators.person_name, dated.created_by_name) as created_by_name,
    dated.created_at,
    dated.created_on,
    dated.updated_at,
    dated.updated_on,
    dated.start_date,
    dated.due_date,
    dated.estimated_hours,
    dated.actual_hours,
    dated.parent_issue_id,
    lists.milestone_ids,
    lists.milestone_names,
    lists.category_names,
    lists.version_names,
    dated.started_at,
    dated.closed_at,
    dated.closed_on,
    dated.closed_is_estimated,
    cast(dated.reopened_count as bigint) as reopened_count,
    dated.last_reopened_at,
    cast(extract(epoch from (dated.closed_at - dated.created_at)) as float8) / 86400.0 as lead_time_days,
    cast(extract(epoch from (dated.closed_at - dated.started_at)) as float8) / 86400.0 as cycle_time_days,
    case when not dated.is_closed then greatest((dated.as_of - dated.created_on), 0) end as age_days,
    coalesce(not dated.is_closed and dated.due_date < dated.as_of, false) as is_overdue,
    case
        when not dated.is_closed and dated.due_date < dated.as_of
            then (dated.as_of - dated.due_date)
    end as days_overdue,
    dated.last_moved_at,
    case when not dated.is_closed then greatest((dated.as_of - dated.last_moved_on), 0) end as days_without_move
from dated
left join stg_backlog__projects as projects
    on projects.source_relation = dated.source_relation and projects.project_id = dated.project_id
left join stg_backlog__issue_types as issue_types
    on issue_types.source_relation = dated.source_relation and issue_types.issue_type_id = dated.issue_type_id
left join int_backlog__status_names as statuses
    on statuses.source_relation = dated.source_relation
    and statuses.project_id = dated.project_id
    and statuses.status_id = dated.status_id
left join stg_backlog__resolutions as resolutions
    on resolutions.source_relation = dated.source_relation and resolutions.resolution_id = dated.resolution_id
left join stg_backlog__priorities as priorities
    on priorities.source_relation = dated.source_relation and priorities.priority_id = dated.priority_id
left join int_backlog__people as assignees
    on assignees.source_relation = dated.source_relation and assignees.person_id = dated.assignee_id
left join int_backlog__people as creators
    on creators.source_relation = dated.source_relation and creators.person_id = dated.created_by_id
left join int_backlog__issue_lists as lists
    on lists.source_relation = dated.source_relation and lists.issue_id = dated.issue_id
), members as (
    select
        daily.source_relation,
        members.milestone_id,
        daily.day,
        daily.issue_id,
        daily.is_closed,
        coalesce(daily.estimated_hours, 0) as hours
    from issue_daily_mart as daily
    inner join int_backlog__milestone_members as members
        on members.source_relation = daily.source_relation
        and members.project_id = daily.project_id
        and members.milestone_ids = daily.milestone_ids
),
known as (
    select
        members.source_relation,
        members.milestone_id,
        min(members.day) as first_day,
        max(case when issues.closed_on = members.day then members.day end) as last_closed_on,
        sum(case when members.day = spaces.as_of and not members.is_closed then 1 else 0 end) as left_issues
    from members
    inner join stg_backlog__spaces as spaces on spaces.source_relation = members.source_relation
    inner join issues_mart as issues
        on issues.source_relation = members.source_relation and issues.issue_id = members.issue_id
    group by members.source_relation, members.milestone_id
),
-- Without a due date, a milestone goes on while something in it is open.
planned as (
    select
        milestones.source_relation,
        milestones.milestone_id,
        milestones.project_id,
        milestones.milestone_name,
        milestones.start_date,
        milestones.due_date,
        spaces.as_of,
        coalesce(milestones.start_date, known.first_day) as first_day,
        coalesce(
            milestones.due_date,
            case when known.left_issues > 0 then spaces.as_of end,
            known.last_closed_on,
            spaces.as_of
        ) as planned_day,
        known.last_closed_on
    from stg_backlog__milestones as milestones
    inner join stg_backlog__spaces as spaces on spaces.source_relation = milestones.source_relation
    left join known
        on known.source_relation = milestones.source_relation and known.milestone_id = milestones.milestone_id
),
ranges as (
    select
        planned.*,
        least(as_of, greatest(planned_day, coalesce(last_closed_on, planned_day))) as last_day
    from planned
),
calendar as (
    select ranges.*, days.day
    from ranges
    cross join lateral (
        select cast(unnest(generate_series(
            cast(ranges.first_day as timestamp), cast(ranges.last_day as timestamp), interval 1 day
        )) as date) as day
    ) as days
),
committed as (
    select members.source_relation, members.milestone_id, members.issue_id, members.hours
    from members
    inner join ranges
        on ranges.source_relation = members.source_relation
        and ranges.milestone_id = members.milestone_id
        and ranges.first_day = members.day
),
commitments as (
    select source_relation, milestone_id, count(*) as issues, cast(sum(cast(hours as numeric(28,6))) as float8) as hours
    from committed
    group by source_relation, milestone_id
),
daily as (
    select
        members.source_relation,
        members.milestone_id,
        members.day,
        count(*) as issues,
        cast(sum(cast(members.hours as numeric(28,6))) as float8) as hours,
        count(committed.issue_id) as committed_issues,
        sum(case when members.is_closed then 1 else 0 end) as done_issues,
        cast(sum(cast(case when members.is_closed then members.hours else 0 end as numeric(28,6))) as float8) as done_hours
    from members
    left join committed
        on committed.source_relation = members.source_relation
        and committed.milestone_id = members.milestone_id
        and committed.issue_id = members.issue_id
    group by members.source_relation, members.milestone_id, members.day
)
select
    calendar.source_relation,
    calendar.milestone_id,
    calendar.day,
    calendar.project_id,
    calendar.milestone_name,
    calendar.start_date,
    calendar.due_date,
    coalesce(commitments.issues, 0) as committed_issues,
    coalesce(commitments.hours, 0) as committed_hours,
    coalesce(daily.issues - daily.committed_issues, 0) as added_issues,
    coalesce(daily.hours, 0) - coalesce(commitments.hours, 0) as added_hours,
    coalesce(commitments.issues, 0) - coalesce(daily.committed_issues, 0) as removed_issues,
    cast(coalesce(daily.done_issues, 0) as bigint) as done_issues,
    coalesce(daily.done_hours, 0) as done_hours,
    cast(coalesce(daily.issues - daily.done_issues, 0) as bigint) as left_issues,
    coalesce(daily.hours - daily.done_hours, 0) as left_hours,
    coalesce(daily.issues, 0) as scope_issues,
    coalesce(daily.hours, 0) as scope_hours
from calendar
left join commitments
    on commitments.source_relation = calendar.source_relation
    and commitments.milestone_id = calendar.milestone_id
left join daily
    on daily.source_relation = calendar.source_relation
    and daily.milestone_id = calendar.milestone_id
    and daily.day = calendar.day;
