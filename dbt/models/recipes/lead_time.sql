-- Lead time: days from adding an issue to closing it, by the week in which it was closed.
-- SET VARIABLE timezone = 'Asia/Tokyo'; counts days there. The default is the space's own.
select
    {{ backlog.first_day('week', 'issues.closed_on') }} as week,
    count(*) as issues,
    {{ backlog.rounded(backlog.quantile('issues.lead_time_days', 0.5), 1) }} as median_days,
    {{ backlog.rounded(backlog.quantile('issues.lead_time_days', 0.85), 1) }} as days_of_85_percent
from {{ ref('issues') }} as issues
where issues.is_closed
group by {{ backlog.first_day('week', 'issues.closed_on') }}
order by week
