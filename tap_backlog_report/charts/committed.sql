-- What each milestone of the period began with, and what had become of it at its end.
WITH milestones AS (
    SELECT milestones.*
    FROM report.milestones AS milestones, report.period AS period
    WHERE milestones.last_day >= period.since AND milestones.first_day <= period.until
),
began AS (
    SELECT milestone_id, issue_id
    FROM milestones
    JOIN report.days AS days ON days.day = milestones.first_day
        AND list_contains(string_split(days.milestone_ids, ', '), milestone_id::VARCHAR)
),
ended AS (
    SELECT milestone_id, issue_id, is_closed
    FROM milestones
    JOIN report.days AS days ON days.day = milestones.last_day
        AND list_contains(string_split(days.milestone_ids, ', '), milestone_id::VARCHAR)
),
counted AS (
    SELECT
        milestone_id,
        count(began.issue_id) AS committed_issues,
        count(ended.issue_id) FILTER (began.issue_id IS NULL) AS added_issues,
        count(began.issue_id) FILTER (ended.issue_id IS NULL) AS removed_issues,
        count(ended.issue_id) FILTER (ended.is_closed) AS done_issues,
        count(ended.issue_id) FILTER (NOT ended.is_closed) AS left_issues
    FROM began
    FULL JOIN ended USING (milestone_id, issue_id)
    GROUP BY milestone_id
)
SELECT
    milestones.project_key AS project,
    milestones.milestone_name AS milestone,
    milestones.first_day,
    milestones.due_date,
    counted.* EXCLUDE (milestone_id)
FROM milestones
JOIN counted USING (milestone_id)
ORDER BY milestones.first_day, milestones.milestone_id;
