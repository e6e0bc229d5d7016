-- When which issue was opened again.
SELECT issue_id, reopened_on FROM report.reopenings ORDER BY issue_id, reopened_on;
