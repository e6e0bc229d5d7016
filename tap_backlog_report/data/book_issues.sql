-- The issues as a sheet has them; custom fields come from book_custom_fields.
SELECT
    issue_id,
    issue_key,
    summary,
    issue_type_name,
    status_name,
    priority_name,
    assignee_name,
    created_by_name,
    created_on,
    start_date,
    due_date,
    closed_on,
    estimated_hours,
    actual_hours,
    milestone_names,
    category_names,
    version_names,
    resolution_name
FROM report.issues
ORDER BY project_key, issue_id;
