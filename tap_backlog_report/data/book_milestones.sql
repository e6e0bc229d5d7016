-- All milestones, also those without issues.
SELECT
    project_key AS project,
    milestone_name AS milestone,
    start_date,
    due_date,
    is_archived,
    issues,
    closed_issues,
    estimated_hours,
    actual_hours
FROM marts.milestones
WHERE coalesce(list_contains(getvariable('projects'), project_key), true)
ORDER BY project_key, due_date NULLS LAST, milestone_id;
