{# What these columns name is a row of another model; a null names nothing. #}
{% test refers_to(model, to, columns) %}
    select child.*
    from {{ model }} as child
    left join {{ to }} as parent
        on {% for column in columns %}parent.{{ column }} = child.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    where
        parent.{{ columns[0] }} is null
        {%- for column in columns %}
        and child.{{ column }} is not null
        {%- endfor %}
{% endtest %}
