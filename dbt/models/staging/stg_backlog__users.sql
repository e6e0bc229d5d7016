with loaded as (
    {{ backlog.loaded('users', [
        ('user_id', 'id', 'id'),
        ('user_name', 'name', 'text'),
    ]) }}
)

select * from loaded
