--
-- 23_composite_queries.sql: what RANGE (sale_date), then LIST (product_category) lets the planner leave out
-- Needs:   04_composite_partitions.sql, 03_list_partitions.sql
-- Locks:   ACCESS SHARE; ROW EXCLUSIVE in the lessons that write
-- Runs:    each lesson in one transaction that is rolled back
-- Expect:  of sales_data's 7 leaves, as many scanned as each lesson says
--

-- lesson: both-keys
-- title:  One category in one month
-- table:  sales_data
-- expect: scanned 1 of 7, pruned at plan 6
-- why:    sale_date chooses the quarter, product_category the leaf within it: one of seven is left
SELECT product_category, sum(quantity) AS pieces,
       sum(total_amount) AS revenue
FROM public.sales_data
WHERE sale_date >= '2024-02-01' AND sale_date < '2024-03-01'
  AND product_category = 'computers'
GROUP BY product_category;

-- lesson: level-one-only
-- title:  One month, every category
-- table:  sales_data
-- expect: scanned 3 of 7, pruned at plan 4
-- why:    the date leaves one quarter; within it nothing says which category, so its three leaves are scanned
SELECT product_category, sum(total_amount) AS revenue
FROM public.sales_data
WHERE sale_date >= '2024-02-01' AND sale_date < '2024-03-01'
GROUP BY product_category;

-- lesson: level-two-only
-- title:  One category at any time
-- table:  sales_data
-- expect: scanned 3 of 7, pruned at plan 4
-- why:    every quarter is entered, but in each only one leaf lists shoes; sales_default has no second level and has
--         to be scanned too
SELECT sale_date, quantity, total_amount
FROM public.sales_data
WHERE product_category = 'shoes';

-- lesson: two-categories
-- title:  Two categories of one quarter
-- table:  sales_data
-- expect: scanned 2 of 7, pruned at plan 5
-- why:    an IN list is pruned on the second level value by value: electronics and clothing are two leaves
SELECT product_category, avg(total_amount) AS average
FROM public.sales_data
WHERE sale_date BETWEEN '2024-04-01' AND '2024-06-30'
  AND product_category IN ('electronics', 'clothing')
GROUP BY product_category;

-- lesson: other-category
-- title:  A category that nobody listed
-- table:  sales_data
-- expect: scanned 1 of 7, pruned at plan 6
-- why:    books are in no list, so within the quarter they can only be in its DEFAULT, sales_2024_q1_other
SELECT sale_date, quantity, total_amount
FROM public.sales_data
WHERE sale_date >= '2024-01-01' AND sale_date < '2024-04-01'
  AND product_category = 'books';

-- lesson: default-only
-- title:  A year that has no partition of its own
-- table:  sales_data
-- expect: scanned 1 of 7, pruned at plan 6
-- why:    2023 lies outside both quarters, and the DEFAULT quarter is a single leaf whatever the category
SELECT product_category, sum(total_amount) AS revenue
FROM public.sales_data
WHERE sale_date >= '2023-01-01' AND sale_date < '2024-01-01'
GROUP BY product_category;

-- lesson: quarter-boundary
-- title:  Two days on both sides of a boundary
-- table:  sales_data
-- expect: scanned 6 of 7, pruned at plan 1
-- why:    the last of March and the first of April are in different quarters, so the leaves of both are scanned; only
--         the DEFAULT is left out
SELECT sale_date, count(*) AS sales
FROM public.sales_data
WHERE sale_date IN ('2024-03-31', '2024-04-01')
GROUP BY sale_date;

-- lesson: everything
-- title:  All sales by store
-- table:  sales_data
-- expect: scanned 7 of 7
-- why:    neither key is bounded, so every leaf is scanned
SELECT store_id, sum(total_amount) AS revenue
FROM public.sales_data
GROUP BY store_id;

-- lesson: nothing
-- title:  A range that ends before it begins
-- table:  sales_data
-- expect: scanned 0 of 7, pruned at plan 7, rows 0
-- why:    no date is after June and before April at once: nothing is left on the first level
SELECT id, sale_date
FROM public.sales_data
WHERE sale_date >= '2024-07-01' AND sale_date < '2024-04-01';

-- lesson: generic-plan
-- title:  A prepared statement with a generic plan
-- table:  sales_data
-- expect: scanned 1 of 7, pruned at start 6
-- why:    both keys are parameters, so the plan holds all seven leaves; when the executor starts it prunes on both
--         levels and removes six
SET LOCAL plan_cache_mode = force_generic_plan;   -- PostgreSQL may choose one by itself from the sixth execution on
PREPARE sales_on (date, varchar) AS
    SELECT count(*), sum(total_amount) FROM public.sales_data
    WHERE sale_date = $1 AND product_category = $2;
EXECUTE sales_on ('2024-05-10', 'shoes');

-- lesson: plan-and-start
-- title:  One key known, the other a parameter
-- table:  sales_data
-- expect: scanned 1 of 7, pruned at plan 4, pruned at start 2
-- why:    the date is in the text, so the planner discards four leaves; the category comes with EXECUTE, and the
--         executor removes two more
SET LOCAL plan_cache_mode = force_generic_plan;   -- PostgreSQL may choose one by itself from the sixth execution on
PREPARE february_sales (varchar) AS
    SELECT count(*), sum(total_amount) FROM public.sales_data
    WHERE sale_date >= '2024-02-01' AND sale_date < '2024-03-01'
      AND product_category = $1;
EXECUTE february_sales ('computers');

-- lesson: per-day
-- title:  A join that prunes while it runs
-- table:  sales_data
-- expect: scanned 2 of 7, never executed 5
-- why:    each row of the list brings a date and a category and opens the one leaf for both; the other five are in
--         the plan and never executed
SELECT wanted.day, wanted.category, found.revenue
FROM (VALUES
    (date '2024-01-15', 'clothing'),
    ('2024-03-15', 'shoes'),
    ('2024-05-15', 'books')
) AS wanted (day, category)
CROSS JOIN LATERAL (
    SELECT sum(total_amount) AS revenue
    FROM public.sales_data
    WHERE sale_date = wanted.day AND product_category = wanted.category
) AS found;

-- lesson: with-orders
-- title:  A join of two partitioned tables
-- table:  sales_data
-- expect: scanned 1 of 7, pruned at plan 6
-- why:    each table is pruned by its own keys: one leaf of sales, and one partition of orders by region
SELECT s.product_id, s.pieces, o.orders
FROM (
    SELECT product_id, sum(quantity) AS pieces
    FROM public.sales_data
    WHERE sale_date >= '2024-04-01' AND sale_date < '2024-05-01'
      AND product_category = 'electronics'
    GROUP BY product_id
) AS s
LEFT JOIN (
    SELECT product_id, count(*) AS orders
    FROM public.orders_by_region
    WHERE region = 'US'
    GROUP BY product_id
) AS o USING (product_id);

-- lesson: delete-a-leaf
-- title:  DELETE of one category in one quarter
-- table:  sales_data
-- expect: scanned 1 of 7, pruned at plan 6
-- why:    DELETE is pruned on both levels like SELECT: six leaves are neither scanned nor locked for it
DELETE FROM public.sales_data
WHERE sale_date >= '2024-04-01' AND sale_date < '2024-07-01'
  AND product_category = 'toys';
