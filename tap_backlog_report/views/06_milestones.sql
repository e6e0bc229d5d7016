-- The chosen milestones that have ever had an issue, with their first and last day.
SELECT
    milestones.milestone_id,
    milestones.project_key,
    milestones.milestone_name,
    milestones.start_date,
    milestones.due_date,
    milestones.is_archived,
    min(progress.day) AS first_day,
    max(progress.day) AS last_day
FROM marts.milestones AS milestones
JOIN marts.milestone_progress AS progress USING (source_relation, milestone_id)
WHERE coalesce(list_contains(getvariable('projects'), milestones.project_key), true)
    AND coalesce(milestones.project_key = getvariable('project'), true)
    AND coalesce(milestones.milestone_id = getvariable('milestone'), true)
GROUP BY ALL
