--
-- 25_joins_and_aggregates.sql: joins and aggregates done partition by partition, and joins that prune
-- Needs:   02_hash_partitions.sql, 03_list_partitions.sql
-- Locks:   ACCESS SHARE
-- Runs:    each lesson in one transaction that is rolled back
-- Expect:  as many joins and aggregates of single partitions as each lesson says
--

-- lesson: one-join
-- title:  Repeat orders of a region, joined as PostgreSQL does it
-- table:  orders_by_region
-- expect: scanned 4 of 4, partition-wise joins 0
-- why:    enable_partitionwise_join is off as delivered, for planning each pair of partitions takes time and memory: all
--         partitions are put together first, on both sides, and joined once
SELECT count(*) AS repeated
FROM public.orders_by_region AS first
JOIN public.orders_by_region AS again
    ON again.region = first.region AND again.user_id = first.user_id
    AND again.id > first.id;

-- lesson: join-by-partition
-- title:  The same, joined partition by partition
-- table:  orders_by_region
-- expect: scanned 4 of 4, partition-wise joins 4
-- why:    equal regions are in partitions of the same bounds, so each partition is joined with its like and with no
--         other: four small hash tables instead of one large one, which may not fit in work_mem
SET LOCAL enable_partitionwise_join = on;
SELECT count(*) AS repeated
FROM public.orders_by_region AS first
JOIN public.orders_by_region AS again
    ON again.region = first.region AND again.user_id = first.user_id
    AND again.id > first.id;

-- lesson: join-without-key
-- title:  Trap: a join that leaves out the key
-- table:  orders_by_region
-- expect: scanned 4 of 4, partition-wise joins 0
-- why:    without region in its condition, a user's orders of one partition may meet those of any other: the setting is
--         on and changes nothing
SET LOCAL enable_partitionwise_join = on;
SELECT count(*) AS repeated
FROM public.orders_by_region AS first
JOIN public.orders_by_region AS again
    ON again.user_id = first.user_id
    AND again.id > first.id;

-- lesson: whole-groups
-- title:  GROUP BY the key: each partition finishes its groups
-- table:  orders_by_region
-- expect: scanned 4 of 4, partition-wise aggregates 4, partial aggregates 0
-- why:    no region is in two partitions, so each partition's groups are final and Append only puts them together; off as
--         delivered, like the join
SET LOCAL enable_partitionwise_aggregate = on;
SELECT region, count(*) AS orders, sum(order_total) AS revenue
FROM public.orders_by_region
GROUP BY region;

-- lesson: partial-groups
-- title:  GROUP BY another column: in two steps
-- table:  orders_by_region
-- expect: scanned 4 of 4, partition-wise aggregates 0, partial aggregates 4
-- why:    a status occurs in every partition: each makes a partial result of its own (Partial), and the last step
--         combines four rows a status instead of all orders (Finalize)
SET LOCAL enable_partitionwise_aggregate = on;
SELECT order_status, count(*) AS orders, sum(order_total) AS revenue
FROM public.orders_by_region
GROUP BY order_status;

-- lesson: distinct-groups
-- title:  Trap: count(DISTINCT …) by another column
-- table:  orders_by_region
-- expect: scanned 4 of 4, partition-wise aggregates 0, partial aggregates 0
-- why:    the users of two partitions cannot be added up, some are the same, so DISTINCT has no partial result; grouped by
--         region, it would be done in each partition, for then nothing has to be combined
SET LOCAL enable_partitionwise_aggregate = on;
SELECT order_status, count(DISTINCT user_id) AS users
FROM public.orders_by_region
GROUP BY order_status;

-- lesson: row-by-row
-- title:  One order and its user: pruned while the join runs
-- table:  users_distributed
-- expect: scanned 1 of 4, never executed 3, partition-wise joins 0
-- why:    a nested loop takes the order's user_id into the partitions of users: the id is hashed, one partition is
--         opened, three never are; a hash or merge join reads all four before it knows any user_id
SET LOCAL enable_hashjoin = off;   -- on a few rows PostgreSQL would rather read them all
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_seqscan = off;
SELECT o.order_number, u.username
FROM public.orders_by_region AS o
JOIN public.users_distributed AS u ON u.id = o.user_id
WHERE o.id = 8 AND o.region = 'UK';
