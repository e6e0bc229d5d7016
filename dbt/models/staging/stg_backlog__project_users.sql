with loaded as (
    {{ backlog.loaded('project_users', [
        ('project_id', 'projectId', 'id'),
        ('user_id', 'id', 'id'),
        ('user_name', 'name', 'text'),
    ]) }}
)

select * from loaded
