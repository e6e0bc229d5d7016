with loaded as (
    {{ backlog.loaded('deletions', [
        ('activity_id', 'id', 'id'),
        ('what', 'what', 'text'),
        ('item_id', 'itemId', 'text'),
        ('deleted_at', 'deleted', 'moment'),
    ]) }}
)

select * from loaded
