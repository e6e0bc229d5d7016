with loaded as (
    {{ backlog.loaded('issue_comments', [
        ('comment_id', 'id', 'id'),
        ('issue_id', 'issueId', 'id'),
        ('created_at', 'created', 'moment'),
    ]) }}
)

select * from loaded
