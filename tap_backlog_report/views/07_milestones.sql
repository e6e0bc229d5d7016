-- The chosen milestones that have ever had an issue, with the days that they are drawn for:
-- from the start to the due date or the last closing, whichever is later.
WITH members AS (
    SELECT states.*, members.milestone_id
    FROM marts.int_backlog__issue_states AS states
    JOIN marts.int_backlog__milestone_members AS members
        USING (source_relation, project_id, milestone_ids)
),
known AS (
    SELECT
        members.milestone_id,
        min(members.from_day) AS first_day,
        max(issues.closed_on) FILTER (
            issues.closed_on BETWEEN members.from_day AND members.to_day
        ) AS last_closed_on
    FROM members
    JOIN marts.issues AS issues USING (source_relation, issue_id)
    GROUP BY members.milestone_id
)
SELECT
    milestones.milestone_id,
    milestones.project_key,
    milestones.milestone_name,
    milestones.start_date,
    milestones.due_date,
    milestones.is_archived,
    coalesce(milestones.start_date, known.first_day) AS first_day,
    least(
        space.as_of,
        coalesce(greatest(milestones.due_date, known.last_closed_on), space.as_of)
    ) AS last_day
FROM marts.milestones AS milestones
JOIN known USING (milestone_id)
CROSS JOIN report.space AS space
WHERE coalesce(list_contains(getvariable('projects'), milestones.project_key), true)
    AND coalesce(milestones.project_key = getvariable('project'), true)
    AND coalesce(milestones.milestone_id = getvariable('milestone'), true)
