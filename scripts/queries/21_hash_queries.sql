--
-- 21_hash_queries.sql: what HASH (id) lets the planner leave out: everything, or nothing
-- Needs:   02_hash_partitions.sql, 03_list_partitions.sql
-- Locks:   ACCESS SHARE; ROW EXCLUSIVE in the lessons that write
-- Runs:    each lesson in one transaction that is rolled back
-- Expect:  of users_distributed's 4 partitions, as many scanned as each lesson says
--

-- lesson: one-user
-- title:  One user by id
-- table:  users_distributed
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    the planner hashes 42 as an insert would, and only one remainder of modulus 4 fits
SELECT id, username, email
FROM public.users_distributed
WHERE id = 42;

-- lesson: two-users
-- title:  An IN list of two ids
-- table:  users_distributed
-- expect: scanned 2 of 4, pruned at plan 2
-- why:    each id is hashed by itself; these two leave different remainders
SELECT id, username
FROM public.users_distributed
WHERE id IN (1, 3);

-- lesson: many-users
-- title:  An IN list of many ids
-- table:  users_distributed
-- expect: scanned 4 of 4
-- why:    a hash spreads what lies together: eight neighbouring ids are soon in all four partitions
SELECT id, username
FROM public.users_distributed
WHERE id IN (1, 2, 3, 4, 5, 6, 7, 8);

-- lesson: by-country
-- title:  A filter on another column
-- table:  users_distributed
-- expect: scanned 4 of 4
-- why:    country_code says nothing about hash(id), so every partition may hold a match
SELECT status, count(*) AS users
FROM public.users_distributed
WHERE country_code = 'DE'
GROUP BY status;

-- lesson: nothing
-- title:  Two ids at once
-- table:  users_distributed
-- expect: scanned 0 of 4, pruned at plan 4, rows 0
-- why:    no id is both 1 and 3: the planner sees it, and the plan is a Result that returns nothing
SELECT id, username
FROM public.users_distributed
WHERE id = 1 AND id = 3;

-- lesson: equals-null
-- title:  id = NULL
-- table:  users_distributed
-- expect: scanned 0 of 4, pruned at plan 4, rows 0
-- why:    = NULL is never true, and the planner knows; whoever means an empty value writes IS NULL
SELECT id, username
FROM public.users_distributed
WHERE id = NULL;

-- lesson: generic-plan
-- title:  A prepared statement with a generic plan
-- table:  users_distributed
-- expect: scanned 1 of 4, pruned at start 3
-- why:    the generic plan holds all four partitions; the id arrives with EXECUTE, is hashed when the executor
--         starts, and three subplans are removed
SET LOCAL plan_cache_mode = force_generic_plan;   -- PostgreSQL may choose one by itself from the sixth execution on
PREPARE user_by_id (int) AS
    SELECT username, email FROM public.users_distributed WHERE id = $1;
EXECUTE user_by_id (42);

-- lesson: stable-function
-- title:  The id of a session setting
-- table:  users_distributed
-- expect: scanned 1 of 4, pruned at start 3
-- why:    current_setting() is stable: one value for the whole statement, known when the executor starts
SELECT set_config('partition_lab.user_id', '42', true);
SELECT id, username
FROM public.users_distributed
WHERE id = current_setting('partition_lab.user_id')::int;

-- lesson: nested-loop
-- title:  A join that prunes while it runs
-- table:  users_distributed
-- expect: scanned 2 of 4, never executed 2
-- why:    each id of the list is hashed as it arrives and opens one partition; two partitions never get one
SET LOCAL enable_hashjoin = off;   -- a hash join would read all four partitions before it knows the ids
SET LOCAL enable_mergejoin = off;  -- and so would a merge join
SET LOCAL enable_seqscan = off;    -- on a few rows PostgreSQL would rather read them all once and keep them
SELECT wanted.id, u.username
FROM (VALUES (1), (3), (1)) AS wanted (id)
JOIN public.users_distributed AS u ON u.id = wanted.id;

-- lesson: with-orders
-- title:  A join of two partitioned tables
-- table:  users_distributed
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    u.id = 42 and o.user_id = u.id give o.user_id = 42 too, but orders are listed by region: one partition of
--         users is scanned and all four of orders
SELECT u.username, o.order_number, o.order_total
FROM public.users_distributed AS u
LEFT JOIN public.orders_by_region AS o ON o.user_id = u.id
WHERE u.id = 42;

-- lesson: update-one
-- title:  UPDATE of one user
-- table:  users_distributed
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    the row is found in one partition and stays there, since its id does not change
UPDATE public.users_distributed
SET status = 'inactive'
WHERE id = 42;
