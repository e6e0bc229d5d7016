-- The values of custom fields, by name; a name is a number or a date if it is in each project.
WITH kinds AS (
    SELECT
        field_name,
        CASE
            WHEN bool_and(field_type_id = 3) THEN 'number'
            WHEN bool_and(field_type_id = 4) THEN 'date'
            ELSE 'text'
        END AS kind,
        min(field_id) AS place
    FROM marts.int_backlog__custom_fields
    GROUP BY field_name
)
SELECT
    found.issue_id,
    found.field_name,
    kinds.kind,
    string_agg(
        coalesce(found.text_value, found.number_value::VARCHAR, found.date_value::VARCHAR),
        ', ' ORDER BY found.item_id
    ) AS text_value,
    any_value(found.number_value) AS number_value,
    any_value(found.date_value) AS date_value
FROM marts.stg_backlog__custom_field_values AS found
JOIN report.issues USING (issue_id)
JOIN kinds USING (field_name)
GROUP BY found.issue_id, found.field_name, kinds.kind, kinds.place
ORDER BY kinds.place, found.issue_id;
