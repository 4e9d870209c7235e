--
-- 20_range_queries.sql: what RANGE (created_at) lets the planner leave out
-- Needs:   01_range_partitions.sql
-- Locks:   ACCESS SHARE; ROW EXCLUSIVE in the lessons that write
-- Runs:    each lesson in one transaction that is rolled back
-- Expect:  of event_logs' 4 partitions, as many scanned as each lesson says
--

-- lesson: february
-- title:  One month of events
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    the WHERE clause bounds created_at on both sides, so the planner discards three partitions before it
--         looks for a plan
SELECT event_type, count(*) AS events
FROM public.event_logs
WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01'
GROUP BY event_type
ORDER BY events DESC;

-- lesson: one-afternoon
-- title:  A few hours of one day
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    a range narrower than a partition finds the one that contains it; inside, its index takes over
SELECT id, event_type, created_at
FROM public.event_logs
WHERE created_at BETWEEN '2024-01-15 12:00' AND '2024-01-15 18:00'
ORDER BY created_at;

-- lesson: across-the-month
-- title:  A week across the end of a month
-- table:  event_logs
-- expect: scanned 2 of 4, pruned at plan 2
-- why:    the range overlaps February and March, so both are scanned; the other two cannot hold a match
SELECT count(*) AS events, count(DISTINCT user_id) AS users
FROM public.event_logs
WHERE created_at >= '2024-02-26' AND created_at < '2024-03-04';

-- lesson: three-moments
-- title:  An IN list of moments
-- table:  event_logs
-- expect: scanned 2 of 4, pruned at plan 2
-- why:    each value of an IN list is pruned by itself: two of these lie in January and one in March
SELECT id, event_type, created_at
FROM public.event_logs
WHERE created_at IN
    ('2024-01-05 10:00', '2024-01-25 10:00', '2024-03-10 10:00');

-- lesson: default-only
-- title:  A month that has no partition of its own
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    July lies in no named bound, so only the DEFAULT can hold it, together with every other month that
--         nobody made a partition for
SELECT event_type, count(*) AS events
FROM public.event_logs
WHERE created_at >= '2024-07-01' AND created_at < '2024-08-01'
GROUP BY event_type;

-- lesson: whole-table
-- title:  Every event there is
-- table:  event_logs
-- expect: scanned 4 of 4
-- why:    nothing bounds created_at, so nothing can be left out; partitioning makes this query no faster
SELECT event_type, count(*) AS events
FROM public.event_logs
GROUP BY event_type
ORDER BY events DESC;

-- lesson: nothing
-- title:  A range that ends before it begins
-- table:  event_logs
-- expect: scanned 0 of 4, pruned at plan 4, rows 0
-- why:    the two bounds contradict each other, so no partition is left and the plan is a Result that returns
--         nothing without reading anything
SELECT id, event_type, created_at
FROM public.event_logs
WHERE created_at >= '2024-03-01' AND created_at < '2024-02-01';

-- lesson: first-five
-- title:  The first events of a quarter, in order
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 1, never executed 2, rows 5
-- why:    range partitions are in order themselves, so an Append over their indexes is sorted already, and LIMIT
--         stops in January: February and March stand in the plan but are never executed
SET LOCAL enable_sort = off;       -- on a few hundred rows sorting would be as cheap, and would hide the point
SET LOCAL enable_seqscan = off;
SELECT id, event_type, created_at
FROM public.event_logs
WHERE created_at >= '2024-01-01' AND created_at < '2024-04-01'
ORDER BY created_at
LIMIT 5;

-- lesson: generic-plan
-- title:  A prepared statement with a generic plan
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at start 3
-- why:    a generic plan is made before the parameters are known, so it contains every partition; the executor
--         removes three of them when it starts (Subplans Removed)
SET LOCAL plan_cache_mode = force_generic_plan;   -- PostgreSQL may choose one by itself from the sixth execution on
PREPARE events_between (timestamp, timestamp) AS
    SELECT count(*) FROM public.event_logs
    WHERE created_at >= $1 AND created_at < $2;
EXECUTE events_between ('2024-02-01', '2024-03-01');

-- lesson: last-hour
-- title:  The last hour, by now()
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at start 3
-- why:    now() is stable: unknown to the planner, but fixed for the statement, so the executor prunes when it
--         starts; today is in none of the three months and only the DEFAULT remains
SELECT count(*) AS events
FROM public.event_logs
WHERE created_at >= now() - interval '1 hour';

-- lesson: days-of-a-list
-- title:  A join that prunes while it runs
-- table:  event_logs
-- expect: scanned 2 of 4, never executed 2
-- why:    the day comes from the other side of the join, so each row of it picks the partition anew; no day of the
--         list is in February or the DEFAULT, and those two are never executed
SELECT wanted.day, found.events
FROM (VALUES (timestamp '2024-01-10'), ('2024-01-20'), ('2024-03-15'))
    AS wanted (day)
CROSS JOIN LATERAL (
    SELECT count(*) AS events
    FROM public.event_logs
    WHERE created_at >= wanted.day
      AND created_at < wanted.day + interval '1 day'
) AS found;

-- lesson: delete-a-day
-- title:  DELETE of one day
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    UPDATE and DELETE are pruned like SELECT; for a whole month, DETACH or DROP of its partition does the same
--         without touching a row
DELETE FROM public.event_logs
WHERE created_at >= '2024-01-31' AND created_at < '2024-02-01';

-- lesson: update-moves-a-row
-- title:  UPDATE of the partition key
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    only February is searched; each row found is deleted there and inserted in March, because the new
--         created_at belongs there
UPDATE public.event_logs
SET created_at = created_at + interval '1 month'
WHERE created_at >= '2024-02-10' AND created_at < '2024-02-11';
