-- The values of custom fields, by the name that a field has today. Fields of the same name in
-- several projects share a column, in one project each has its own. A column is of numbers or
-- of dates if all its fields are; one that nobody has filled in comes without an issue.
WITH used AS (
    SELECT
        issues.issue_id, issues.project_id, found.field_id, found.item_id,
        fields.field_name, fields.field_type_id,
        found.text_value, found.number_value, found.date_value
    FROM marts.stg_backlog__custom_field_values AS found
    JOIN report.issues AS issues USING (issue_id)
    JOIN marts.int_backlog__custom_fields AS fields USING (field_id)
),
known AS (
    SELECT DISTINCT project_id, field_id, field_name, field_type_id FROM used
    UNION ALL
    SELECT defined.project_id, defined.field_id, defined.field_name, defined.field_type_id
    FROM marts.stg_backlog__custom_fields AS defined
    LEFT JOIN marts.stg_backlog__projects AS projects USING (source_relation, project_id)
    WHERE (
            getvariable('projects') IS NULL
            OR coalesce(list_contains(getvariable('projects'), projects.project_key), false)
        )
        AND NOT EXISTS (
            SELECT 1 FROM used
            WHERE used.project_id = defined.project_id
                AND used.field_name = defined.field_name
        )
),
numbered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY project_id, field_name ORDER BY field_id) AS number
    FROM known
),
headings AS (
    SELECT
        field_name,
        number,
        field_name || CASE WHEN number > 1 THEN ' (' || number || ')' ELSE '' END AS heading,
        CASE
            WHEN bool_and(field_type_id = 3) THEN 'number'
            WHEN bool_and(field_type_id = 4) THEN 'date'
            ELSE 'text'
        END AS kind,
        min(field_id) AS place
    FROM numbered
    GROUP BY field_name, number
)
SELECT
    used.issue_id,
    headings.heading,
    headings.kind,
    string_agg(
        coalesce(used.text_value, used.number_value::VARCHAR, used.date_value::VARCHAR),
        ', ' ORDER BY used.item_id
    ) AS text_value,
    any_value(used.number_value) AS number_value,
    any_value(used.date_value) AS date_value
FROM headings
JOIN numbered USING (field_name, number)
LEFT JOIN used
    ON used.project_id = numbered.project_id AND used.field_id = numbered.field_id
GROUP BY used.issue_id, headings.heading, headings.kind, headings.place
ORDER BY headings.place, headings.heading, used.issue_id;
