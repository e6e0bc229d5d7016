-- How long each issue had each status.
SELECT issue_id, status_name, hours FROM report.stays ORDER BY issue_id, status_order, status_name;
