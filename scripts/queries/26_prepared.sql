--
-- 26_prepared.sql: a plan for the values at hand (custom), or one for any values (generic)
-- Needs:   01_range_partitions.sql, 02_hash_partitions.sql, 04_composite_partitions.sql
-- Locks:   ACCESS SHARE; ROW EXCLUSIVE in the lesson that writes
-- Runs:    each lesson in one transaction that is rolled back
-- Expect:  the kind of plan, the pruning and the locks that each lesson says
--

-- lesson: first-execution
-- title:  The first five executions: custom plans
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3, locked 1, custom plan
-- why:    PostgreSQL plans each of the first five executions anew, with the values in place: pruned while planning, and
--         only the partition that is left gets locked
PREPARE events_between (timestamp, timestamp) AS
    SELECT count(*) FROM public.event_logs
    WHERE created_at >= $1 AND created_at < $2;
EXECUTE events_between ('2024-02-01', '2024-03-01');

-- lesson: generic-locks-all
-- title:  A generic plan locks what it does not read
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at start 3, locked 4, generic plan
-- why:    planning is saved, and three partitions are removed at executor start, but only after all four were locked: the
--         lock comes before the pruning, on PostgreSQL 15 to 18 alike; with thousands of partitions it may cost more than
--         planning did, and it waits for whoever alters any of them
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE events_between (timestamp, timestamp) AS
    SELECT count(*) FROM public.event_logs
    WHERE created_at >= $1 AND created_at < $2;
EXECUTE events_between ('2024-02-01', '2024-03-01');

-- lesson: sixth-execution
-- title:  The sixth execution, where nothing can be pruned
-- table:  users_distributed
-- expect: scanned 4 of 4, locked 4, generic plan
-- why:    from the sixth execution on PostgreSQL compares: country_code prunes nothing, the generic plan costs no more than
--         the five custom ones, so it is kept and planning is saved
PREPARE users_of (varchar) AS
    SELECT count(*) FROM public.users_distributed WHERE country_code = $1;
EXECUTE users_of ('DE');
EXECUTE users_of ('DE');
EXECUTE users_of ('DE');
EXECUTE users_of ('DE');
EXECUTE users_of ('DE');
EXECUTE users_of ('DE');

-- lesson: sixth-execution-pruned
-- title:  The sixth execution, where pruning pays
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3, locked 1, custom plan
-- why:    the generic plan is costed with all four partitions, for nobody knows which will be removed; one partition and
--         the planning of it are cheaper, so plans stay custom; of a range in parameters it guesses that half a percent of
--         the rows match, and may choose otherwise
PREPARE events_at (timestamp) AS
    SELECT event_type FROM public.event_logs WHERE created_at = $1;
EXECUTE events_at ('2024-02-14 12:00');
EXECUTE events_at ('2024-02-14 12:00');
EXECUTE events_at ('2024-02-14 12:00');
EXECUTE events_at ('2024-02-14 12:00');
EXECUTE events_at ('2024-02-14 12:00');
EXECUTE events_at ('2024-02-14 12:00');

-- lesson: array-parameter
-- title:  Trap: the values in one array parameter
-- table:  users_distributed
-- expect: scanned 4 of 4, pruned at start 0, locked 4, generic plan
-- why:    a custom plan sees the two ids and prunes; at executor start PostgreSQL does not look into an array, so the
--         generic plan reads every partition; pass a parameter a value, id IN ($1, $2), and two are removed
SET LOCAL plan_cache_mode = force_generic_plan;   -- a driver that prepares once may end up with it
PREPARE users_by_ids (int[]) AS
    SELECT username FROM public.users_distributed WHERE id = ANY ($1);
EXECUTE users_by_ids ('{1,3}');

-- lesson: three-times
-- title:  Pruned at three times in one plan
-- table:  sales_data
-- expect: scanned 1 of 7, pruned at plan 1, pruned at start 3, never executed 2, locked 6, generic plan
-- why:    each condition prunes as soon as its value is known: the literal half-year while planning (DEFAULT), the
--         parameter at executor start (the second quarter), the subquery while running (two categories, never executed);
--         only what planning left out is not locked
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE first_sales (date) AS
    SELECT count(*) FROM public.sales_data
    WHERE sale_date >= '2024-01-01' AND sale_date < '2024-07-01'
      AND sale_date < $1
      AND product_category = (SELECT 'shoes');
EXECUTE first_sales ('2024-04-01');

-- lesson: generic-update
-- title:  A generic UPDATE: what it makes ready
-- table:  users_distributed
-- expect: scanned 1 of 4, pruned at start 3, locked 4, targets 1, generic plan
-- expect (15, 16, 17): scanned 1 of 4, pruned at start 3, locked 4, targets 4, generic plan
-- why:    all versions read one partition; up to PostgreSQL 17 the executor makes every partition ready to be changed
--         (EXPLAIN lists four), since 18 only those that pruning leaves; all four are locked in any case
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE rename_user (int, varchar) AS
    UPDATE public.users_distributed SET username = $2 WHERE id = $1;
EXECUTE rename_user (42, 'zoe');
