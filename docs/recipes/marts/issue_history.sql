-- Each change of each issue that exists, with the names that things have today.
with stg_backlog__issue_history as (
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
)
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
    cast(changes.changed_at at time zone 'UTC' at time zone spaces.time_zone as date) as changed_on,
    changes.changed_by_id,
    coalesce(people.person_name, changes.changed_by_name) as changed_by_name,
    changes.is_inferred
from int_backlog__issue_changes as changes
inner join stg_backlog__issues as issues
    on issues.source_relation = changes.source_relation and issues.issue_id = changes.issue_id
inner join stg_backlog__spaces as spaces on spaces.source_relation = changes.source_relation
left join int_backlog__people as people
    on people.source_relation = changes.source_relation and people.person_id = changes.changed_by_id
left join int_backlog__value_labels as labels_before
    on labels_before.source_relation = changes.source_relation
    and labels_before.field = changes.field
    and labels_before.project_id = changes.project_id
    and labels_before.told_value = changes.old_value
left join int_backlog__value_labels as labels_after
    on labels_after.source_relation = changes.source_relation
    and labels_after.field = changes.field
    and labels_after.project_id = changes.project_id
    and labels_after.told_value = changes.new_value;
