-- The state of each issue at the end of each day on which it changed, up to the day before it
-- changed again.
{%- set text = dbt.type_string() %}
{%- set fields = ['status', 'assigner', 'milestone', 'estimatedHours', 'actualHours'] %}

with steps as (
    select
        steps.source_relation,
        steps.issue_id,
        steps.field,
        {{ backlog.local_day('steps.from_at', 'spaces.time_zone') }} as day,
        steps.place,
        steps.field_value
    from {{ ref('int_backlog__issue_steps') }} as steps
    inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = steps.source_relation
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
        day
        {%- for field in fields %},
        max(case when field = '{{ field }}' then coalesce(field_value, '') end) as {{ field | lower }}
        {%- endfor %}
    from placed
    where from_last = 1
    group by source_relation, issue_id, day
),

runs as (
    select
        by_day.*,
        lead(day) over (partition by source_relation, issue_id order by day) as next_day
        {%- for field in fields %},
        count({{ field | lower }}) over (partition by source_relation, issue_id order by day) as {{ field | lower }}_run
        {%- endfor %}
    from by_day
),

filled as (
    select
        source_relation,
        issue_id,
        day,
        next_day
        {%- for field in fields %},
        nullif(max({{ field | lower }}) over (
            partition by source_relation, issue_id, {{ field | lower }}_run
        ), '') as {{ field | lower }}
        {%- endfor %}
    from runs
)

select
    filled.source_relation,
    filled.issue_id,
    issues.project_id,
    filled.day as from_day,
    coalesce(least({{ backlog.day_after('filled.next_day', -1) }}, spaces.as_of), spaces.as_of) as to_day,
    cast(filled.status as {{ dbt.type_bigint() }}) as status_id,
    cast(filled.assigner as {{ dbt.type_bigint() }}) as assignee_id,
    filled.milestone as milestone_ids,
    cast(filled.estimatedhours as {{ backlog.type_double() }}) as estimated_hours,
    cast(filled.actualhours as {{ backlog.type_double() }}) as actual_hours
from filled
inner join {{ ref('stg_backlog__spaces') }} as spaces on spaces.source_relation = filled.source_relation
inner join {{ ref('stg_backlog__issues') }} as issues
    on issues.source_relation = filled.source_relation and issues.issue_id = filled.issue_id
where filled.day <= spaces.as_of
