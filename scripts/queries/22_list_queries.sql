--
-- 22_list_queries.sql: what LIST (region) lets the planner leave out
-- Needs:   03_list_partitions.sql, 02_hash_partitions.sql
-- Locks:   ACCESS SHARE; ROW EXCLUSIVE in the lessons that write
-- Runs:    each lesson in one transaction that is rolled back
-- Expect:  of orders_by_region's 4 partitions, as many scanned as each lesson says
--

-- lesson: germany
-- title:  The orders of one region
-- table:  orders_by_region
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    DE stands in the list of orders_europe and in no other, so the planner discards three partitions
SELECT order_status, count(*) AS orders, sum(order_total) AS revenue
FROM public.orders_by_region
WHERE region = 'DE'
GROUP BY order_status;

-- lesson: one-continent
-- title:  An IN list within one partition
-- table:  orders_by_region
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    all three regions stand in the same list
SELECT region, count(*) AS orders
FROM public.orders_by_region
WHERE region IN ('US', 'CA', 'MX')
GROUP BY region;

-- lesson: two-continents
-- title:  An IN list across partitions
-- table:  orders_by_region
-- expect: scanned 2 of 4, pruned at plan 2
-- why:    FR is in orders_europe, JP in orders_asia_pacific; each value is looked up by itself
SELECT region, count(*) AS orders
FROM public.orders_by_region
WHERE region IN ('FR', 'JP')
GROUP BY region;

-- lesson: default-only
-- title:  A region that nobody listed
-- table:  orders_by_region
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    BR is in no list, so it can only be in the DEFAULT, orders_other
SELECT id, order_number, order_total
FROM public.orders_by_region
WHERE region = 'BR';

-- lesson: everywhere-else
-- title:  NOT IN with a whole list
-- table:  orders_by_region
-- expect: scanned 3 of 4, pruned at plan 1
-- why:    the three values excluded are all that orders_north_america may hold, so it is left out; excluding only two
--         of them would leave out nothing
SELECT region, count(*) AS orders
FROM public.orders_by_region
WHERE region NOT IN ('US', 'CA', 'MX')
GROUP BY region;

-- lesson: range-over-a-list
-- title:  A range over listed values
-- table:  orders_by_region
-- expect: scanned 3 of 4, pruned at plan 1
-- why:    the planner compares each listed value: UK and US are in the range, none of Asia and the Pacific is; the
--         DEFAULT may hold anything
SELECT region, count(*) AS orders
FROM public.orders_by_region
WHERE region >= 'UK'
GROUP BY region;

-- lesson: all-regions
-- title:  All orders by region
-- table:  orders_by_region
-- expect: scanned 4 of 4
-- why:    GROUP BY on the key is no filter: every partition is read
SELECT region, count(*) AS orders, round(avg(order_total), 2) AS average
FROM public.orders_by_region
GROUP BY region
ORDER BY orders DESC;

-- lesson: nothing
-- title:  Two regions at once
-- table:  orders_by_region
-- expect: scanned 0 of 4, pruned at plan 4, rows 0
-- why:    no order is from both, the planner sees it, and nothing is read
SELECT id, order_number
FROM public.orders_by_region
WHERE region = 'US' AND region = 'DE';

-- lesson: generic-plan
-- title:  A prepared statement with a generic plan
-- table:  orders_by_region
-- expect: scanned 1 of 4, pruned at start 3
-- why:    the region arrives with EXECUTE, after planning; the executor removes three subplans when it starts
SET LOCAL plan_cache_mode = force_generic_plan;   -- PostgreSQL may choose one by itself from the sixth execution on
PREPARE orders_of (varchar) AS
    SELECT count(*), sum(order_total)
    FROM public.orders_by_region WHERE region = $1;
EXECUTE orders_of ('JP');

-- lesson: per-region
-- title:  A join that prunes while it runs
-- table:  orders_by_region
-- expect: scanned 2 of 4, never executed 2
-- why:    each region of the list opens the partition that it is in; no region is of Asia or outside every list, and
--         those two partitions are never executed
SELECT wanted.region, best.order_number, best.order_total
FROM (VALUES ('US'), ('UK'), ('ES')) AS wanted (region)
LEFT JOIN LATERAL (
    SELECT order_number, order_total
    FROM public.orders_by_region
    WHERE region = wanted.region
    ORDER BY order_total DESC
    LIMIT 3
) AS best ON true;

-- lesson: with-users
-- title:  A join of two partitioned tables
-- table:  orders_by_region
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    each table is pruned by its own key: one partition of orders by region, none of users, who are hashed by id
SELECT o.order_number, o.order_total, u.username
FROM public.orders_by_region AS o
LEFT JOIN public.users_distributed AS u ON u.id = o.user_id
WHERE o.region = 'SG';

-- lesson: update-moves-an-order
-- title:  UPDATE of the partition key
-- table:  orders_by_region
-- expect: scanned 1 of 4, pruned at plan 3
-- why:    only orders_europe is searched; the order found moves to orders_north_america, because its new region is
--         listed there
UPDATE public.orders_by_region
SET region = 'CA'
WHERE region = 'UK' AND order_status = 'pending';
