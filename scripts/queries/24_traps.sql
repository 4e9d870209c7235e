--
-- 24_traps.sql: queries that look as if they pruned, and what to write instead
-- Needs:   01_range_partitions.sql, 02_hash_partitions.sql, 03_list_partitions.sql, 04_composite_partitions.sql
-- Locks:   ACCESS SHARE; ROW EXCLUSIVE in the lesson that writes
-- Runs:    each lesson in one transaction that is rolled back
-- Expect:  as many partitions scanned as each lesson says: too many in a trap, few in its `-fixed` sibling
--

-- lesson: function-on-the-key
-- title:  Trap: date_trunc on the key
-- table:  event_logs
-- expect: scanned 4 of 4
-- why:    the bounds are about created_at, and the planner cannot see through date_trunc(); the next lesson says the
--         same with a range
SELECT count(*) AS events
FROM public.event_logs
WHERE date_trunc('month', created_at) = '2024-02-01';

-- lesson: function-on-the-key-fixed
-- title:  Instead: a range on the bare column
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    the same month as two comparisons with the column itself
SELECT count(*) AS events
FROM public.event_logs
WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01';

-- lesson: cast-to-date
-- title:  Trap: created_at::date
-- table:  event_logs
-- expect: scanned 4 of 4
-- why:    a cast is a function as well; write created_at >= '2024-02-14' AND created_at < '2024-02-15'
SELECT count(*) AS events
FROM public.event_logs
WHERE created_at::date = '2024-02-14';

-- lesson: cast-to-text
-- title:  Trap: the key as text
-- table:  users_distributed
-- expect: scanned 4 of 4
-- why:    the hash of the text '42' is not the hash of the number 42, so nothing is known; cast the value, not the
--         column: id = '42'::int
SELECT id, username
FROM public.users_distributed
WHERE id::text = '42';

-- lesson: wrong-type
-- title:  Trap: a number of another type
-- table:  users_distributed
-- expect: scanned 4 of 4
-- why:    42.0 is numeric, so PostgreSQL casts id to numeric, and the key is inside a cast; a driver that sends
--         decimals for integers does this unseen
SELECT id, username
FROM public.users_distributed
WHERE id = 42.0;

-- lesson: wrong-type-fixed
-- title:  Instead: an integer of any width
-- table:  users_distributed
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    int and bigint are of one operator family and hash alike, so this comparison needs no cast
SELECT id, username
FROM public.users_distributed
WHERE id = 42::bigint;

-- lesson: timestamptz
-- title:  Trap: a time zone in the value
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at start 3
-- why:    comparing timestamp with timestamptz depends on the session's TimeZone, so the planner must not decide: it
--         plans for four partitions and the executor prunes; a timestamp without zone is pruned at plan time
SELECT count(*) AS events
FROM public.event_logs
WHERE created_at >= timestamptz '2024-02-10 00:00+00'
  AND created_at < timestamptz '2024-02-20 00:00+00';

-- lesson: range-on-a-hash
-- title:  Trap: a range of a hash key
-- table:  users_distributed
-- expect: scanned 4 of 4
-- why:    neighbours are scattered on purpose, so a range tells nothing; if ranges are what you ask for, partition by
--         RANGE
SELECT id, username
FROM public.users_distributed
WHERE id BETWEEN 12 AND 14;

-- lesson: range-on-a-hash-fixed
-- title:  Instead: the ids one by one
-- table:  users_distributed
-- expect: scanned 2 of 4, pruned at plan 2
-- why:    an IN list is hashed value by value: 12 and 14 happen to share a partition, 13 is in another; a long list
--         would soon need them all
SELECT id, username
FROM public.users_distributed
WHERE id IN (12, 13, 14);

-- lesson: or-another-column
-- title:  Trap: OR with another column
-- table:  event_logs
-- expect: scanned 4 of 4
-- why:    an event of user 7 may be in any month, so the OR opens them all
SELECT count(*) AS events
FROM public.event_logs
WHERE (created_at >= '2024-02-01' AND created_at < '2024-03-01')
   OR user_id = 7;

-- lesson: or-another-column-fixed
-- title:  Instead: bound the key in each branch
-- table:  event_logs
-- expect: scanned 2 of 4, pruned at plan 2
-- why:    when every branch of the OR bounds the key, the partitions of the branches add up: February and March
SELECT count(*) AS events
FROM public.event_logs
WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01'
   OR (created_at >= '2024-03-01' AND created_at < '2024-04-01'
       AND user_id = 7);

-- lesson: no-key
-- title:  Trap: no key at all
-- table:  event_logs
-- expect: scanned 4 of 4
-- why:    an index on user_id helps, but there is one a partition, and each is searched: with a thousand partitions a
--         thousand times
SELECT id, event_type, created_at
FROM public.event_logs
WHERE user_id = 7;

-- lesson: no-key-fixed
-- title:  Instead: say when
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    most questions about a user are about a time too; say it, even roughly
SELECT id, event_type, created_at
FROM public.event_logs
WHERE user_id = 7 AND created_at >= '2024-03-01'
  AND created_at < '2024-04-01';

-- lesson: open-ended
-- title:  Trap: a range without an end
-- table:  event_logs
-- expect: scanned 2 of 4, pruned at plan 2
-- why:    everything since March includes times that no partition has a bound for, so the DEFAULT, here the largest
--         of all, is scanned too
SELECT count(*) AS events
FROM public.event_logs
WHERE created_at >= '2024-03-01';

-- lesson: open-ended-fixed
-- title:  Instead: close the range
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    with an upper bound inside the named partitions the DEFAULT cannot hold a match
SELECT count(*) AS events
FROM public.event_logs
WHERE created_at >= '2024-03-01' AND created_at < '2024-04-01';

-- lesson: default-on-each-level
-- title:  Trap: the DEFAULT of the first level
-- table:  sales_data
-- expect: scanned 3 of 7, pruned at plan 4
-- why:    books are one leaf in each quarter, but the DEFAULT quarter has no second level and is scanned for any
--         category, even while it is empty; a closed range of sale_date leaves it out
SELECT count(*) AS sales
FROM public.sales_data
WHERE product_category = 'books';

-- lesson: lost-unique-key
-- title:  Trap: the unique key that is gone
-- table:  users_distributed
-- expect: scanned 4 of 4, rows 2
-- why:    users_distributed_old has UNIQUE (username) and refuses the second; hashed by id the key cannot exist, and
--         ON CONFLICT sees no conflict: two users have one name, and finding them takes all four partitions
INSERT INTO public.users_distributed (username, email)
VALUES ('twin', 'first@example.com') ON CONFLICT DO NOTHING;
INSERT INTO public.users_distributed (username, email)
VALUES ('twin', 'second@example.com') ON CONFLICT DO NOTHING;
SELECT id, username, email
FROM public.users_distributed
WHERE username = 'twin';

-- lesson: volatile-function
-- title:  Trap: clock_timestamp()
-- table:  event_logs
-- expect: scanned 4 of 4
-- why:    it is volatile, another value for each row, so it can prune neither when planning nor when executing; now()
--         can
SELECT count(*) AS events
FROM public.event_logs
WHERE created_at >= clock_timestamp() - interval '1 hour';

-- lesson: volatile-function-fixed
-- title:  Instead: evaluate it once
-- table:  event_logs
-- expect: scanned 1 of 4, never executed 3
-- why:    in a scalar subquery it becomes one value, computed before the scan; the plan holds all four partitions and
--         the executor opens only the DEFAULT
SELECT count(*) AS events
FROM public.event_logs
WHERE created_at >=
    (SELECT clock_timestamp()::timestamp - interval '1 hour');

-- lesson: arithmetic-on-the-key
-- title:  Trap: id + 0
-- table:  users_distributed
-- expect: scanned 4 of 4
-- why:    the planner does no algebra: id + 0 is an expression, not the key; move the arithmetic to the other side
SELECT id, username
FROM public.users_distributed
WHERE id + 0 = 5;

-- lesson: arithmetic-on-the-key-fixed
-- title:  Instead: arithmetic on the constant
-- table:  users_distributed
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    5 - 0 is computed before planning, and what is left is the bare key and a constant
SELECT id, username
FROM public.users_distributed
WHERE id = 5 - 0;

-- lesson: like-a-prefix
-- title:  Trap: LIKE on a listed key
-- table:  orders_by_region
-- expect: scanned 4 of 4
-- why:    LIKE is no comparison that partitions are ordered by; an index may use the prefix, pruning does not
SELECT region, count(*) AS orders
FROM public.orders_by_region
WHERE region LIKE 'U%'
GROUP BY region;

-- lesson: like-a-prefix-fixed
-- title:  Instead: name the values
-- table:  orders_by_region
-- expect: scanned 2 of 4, pruned at plan 2
-- why:    a list partition is found by the values themselves
SELECT region, count(*) AS orders
FROM public.orders_by_region
WHERE region IN ('US', 'UK')
GROUP BY region;

-- lesson: lower-case
-- title:  Trap: lower() on a listed key
-- table:  orders_by_region
-- expect: scanned 4 of 4
-- why:    a function on the key once more; store the key in one form and compare with that: region = upper('de')
SELECT count(*) AS orders
FROM public.orders_by_region
WHERE lower(region) = 'de';

-- lesson: subquery
-- title:  Trap: a subquery instead of a constant
-- table:  event_logs
-- expect: scanned 1 of 4, never executed 3
-- why:    the planner doesn't run subqueries, so all four partitions are planned and locked; the executor has the
--         value before it scans and skips three
SELECT count(*) AS events
FROM public.event_logs
WHERE created_at = (SELECT timestamp '2024-02-14 12:00');

-- lesson: materialized-cte
-- title:  Trap: a filter outside a materialized CTE
-- table:  event_logs
-- expect: scanned 4 of 4
-- why:    MATERIALIZED is a fence: the CTE is computed whole before the filter applies; so is one that is used twice
WITH events AS MATERIALIZED (SELECT created_at, event_type FROM public.event_logs)
SELECT count(*) AS events
FROM events
WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01';

-- lesson: materialized-cte-fixed
-- title:  Instead: let the filter in
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    without the fence the filter moves into the CTE and prunes there
WITH events AS NOT MATERIALIZED (
    SELECT created_at, event_type FROM public.event_logs
)
SELECT count(*) AS events
FROM events
WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01';
