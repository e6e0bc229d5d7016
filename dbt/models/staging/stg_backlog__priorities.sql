with loaded as (
    {{ backlog.loaded('priorities', [
        ('priority_id', 'id', 'id'),
        ('priority_name', 'name', 'text'),
    ]) }}
)

select * from loaded
