{# Marts have the names of loaded tables: in a schema with both, they would replace them. #}
{% macro refuse_to_replace_what_was_loaded() -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and node.package_name == 'backlog' and node.schema | lower in backlog.schemas() | map('lower') -%}
            {%- do exceptions.raise_compiler_error(
                'The models would be made in the schema "' ~ node.schema ~ '", which holds the loaded tables, '
                ~ 'and replace them. Choose another schema for the models: BACKLOG_MARTS, or "schema" in your profile.'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
