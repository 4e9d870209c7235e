--
-- 27_indexes.sql: an index on the parent is one on each partition, and each partition uses its own
-- Needs:   01_range_partitions.sql, 02_hash_partitions.sql, 03_list_partitions.sql
-- Locks:   SHARE on the tables that get an index
-- Runs:    each lesson in one transaction that is rolled back
-- Expect:  as many index scans and sorts as each lesson says
--

-- lesson: on-the-parent
-- title:  CREATE INDEX on the parent
-- table:  orders_by_region
-- expect: scanned 4 of 4, index scans 4
-- why:    the parent stores nothing: its index is a name for four, one on each partition, made together; with no condition
--         on the key, all four are searched
SET LOCAL enable_seqscan = off;    -- a few rows are read faster without any index
CREATE INDEX orders_product_idx ON public.orders_by_region (product_id);
SELECT id, order_number
FROM public.orders_by_region
WHERE product_id = 88;

-- lesson: on-only
-- title:  CREATE INDEX ON ONLY, and one partition's
-- table:  orders_by_region
-- expect: scanned 4 of 4, index scans 1
-- why:    ON ONLY makes the name and no index, in an instant; then each partition gets its own, CONCURRENTLY where people
--         write, and is attached: one is so far, and three partitions are still read from end to end
SET LOCAL enable_seqscan = off;
SET LOCAL jit = off;               -- compiling would take longer than reading
CREATE INDEX orders_product_idx ON ONLY public.orders_by_region (product_id);
CREATE INDEX orders_europe_product_idx ON public.orders_europe (product_id);
ALTER INDEX public.orders_product_idx ATTACH PARTITION public.orders_europe_product_idx;
SELECT id, order_number
FROM public.orders_by_region
WHERE product_id = 88;

-- lesson: all-attached
-- title:  Valid with the last one attached
-- table:  orders_by_region
-- expect: scanned 0 of 4, rows 1
-- why:    the parent's index is invalid until every partition has its part; from then on, a new partition gets one by itself
CREATE INDEX orders_product_idx ON ONLY public.orders_by_region (product_id);
CREATE INDEX orders_america_product_idx ON public.orders_north_america (product_id);
CREATE INDEX orders_europe_product_idx ON public.orders_europe (product_id);
CREATE INDEX orders_asia_product_idx ON public.orders_asia_pacific (product_id);
CREATE INDEX orders_other_product_idx ON public.orders_other (product_id);
ALTER INDEX public.orders_product_idx ATTACH PARTITION public.orders_america_product_idx;
ALTER INDEX public.orders_product_idx ATTACH PARTITION public.orders_europe_product_idx;
ALTER INDEX public.orders_product_idx ATTACH PARTITION public.orders_asia_product_idx;
ALTER INDEX public.orders_product_idx ATTACH PARTITION public.orders_other_product_idx;
SELECT indexrelid::regclass AS valid
FROM pg_index
WHERE indexrelid = 'public.orders_product_idx'::regclass AND indisvalid;

-- lesson: in-order
-- title:  A quarter in order, and nothing sorted
-- table:  event_logs
-- expect: scanned 3 of 4, pruned at plan 1, index scans 3, sorts 0, merge appends 0
-- why:    every event of January comes before every event of February: Append reads one index after the other, and what
--         comes out is in order
SET LOCAL enable_sort = off;       -- a few hundred rows are sorted as cheaply
SET LOCAL enable_seqscan = off;
SELECT id, created_at
FROM public.event_logs
WHERE created_at >= '2024-01-01' AND created_at < '2024-04-01'
ORDER BY created_at;

-- lesson: default-merges
-- title:  Trap: the DEFAULT in between
-- table:  event_logs
-- expect: scanned 4 of 4, index scans 4, sorts 0, merge appends 1
-- why:    the DEFAULT may hold moments before January and after March, so it has no place in the order: MergeAppend
--         compares the next row of all four indexes, row by row; still nothing is sorted
SET LOCAL enable_sort = off;
SET LOCAL enable_seqscan = off;
SELECT id, created_at
FROM public.event_logs
ORDER BY created_at;

-- lesson: unique-with-key
-- title:  A unique index has to contain the key
-- table:  event_logs
-- expect: scanned 0 of 4, rows 1
-- why:    each partition's index sees its own rows only, so (id) is refused: it could not keep an id from being in two
--         partitions; (id, created_at) can, for equal values are in the same partition
DO $$
BEGIN
    CREATE UNIQUE INDEX event_logs_id_key ON public.event_logs (id);
EXCEPTION WHEN feature_not_supported THEN
    NULL;   -- it must include all partitioning columns
END
$$;
CREATE UNIQUE INDEX event_logs_id_time_key ON public.event_logs (id, created_at);
SELECT indexname
FROM pg_indexes
WHERE indexname IN ('event_logs_id_key', 'event_logs_id_time_key');

-- lesson: needless-join
-- title:  What a unique index spares
-- table:  users_distributed
-- expect: scanned 0 of 4
-- expect (15): scanned 4 of 4
-- why:    nothing of users is asked for, and its unique id says that no order is doubled: since PostgreSQL 16 the planner
--         sees this of a partitioned table too and drops the join; 15 reads all four partitions for nothing
SELECT o.order_number, o.order_total
FROM public.orders_by_region AS o
LEFT JOIN public.users_distributed AS u ON u.id = o.user_id;
