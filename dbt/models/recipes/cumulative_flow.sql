-- Cumulative flow: how many issues had which status at the end of each day, to the last
-- day on which an issue was changed.
-- SET VARIABLE timezone = 'Asia/Tokyo'; counts days there. The default is the space's own.
select
    daily.day,
    daily.status_name as status,
    count(*) as issues,
    min(daily.status_order) as status_order
from {{ ref('issue_daily') }} as daily
where daily.day <= (select max(issues.updated_on) from {{ ref('issues') }} as issues)
group by daily.day, daily.status_name
order by daily.day, status_order, status
