-- The milestones that have ever had an issue.
SELECT * FROM report.milestones ORDER BY due_date NULLS LAST, first_day, milestone_id;
