with loaded as (
    {{ backlog.loaded('resolutions', [
        ('resolution_id', 'id', 'id'),
        ('resolution_name', 'name', 'text'),
    ]) }}
)

select * from loaded
