--
-- 28_dml.sql: what is written where, and what it costs
-- Needs:   01_range_partitions.sql, 03_list_partitions.sql
-- Locks:   ROW EXCLUSIVE; ACCESS EXCLUSIVE on event_logs in the lessons that detach
-- Runs:    each lesson in one transaction that is rolled back
-- Expect:  as many rows written and locks taken as each lesson says
--

-- lesson: a-row-moves
-- title:  UPDATE of the key: one row stays, one moves
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3, updated 1, deleted 1, inserted 1
-- why:    event 2 still fits its month and is updated there; event 1 now belongs to February: deleted in January, inserted
--         in February, with a new entry in every index
UPDATE public.event_logs AS e
SET created_at = created_at + new.later
FROM (VALUES (1, interval '31 days'), (2, '1 hour')) AS new (id, later)
WHERE e.id = new.id
  AND created_at >= '2024-01-01' AND created_at < '2024-02-01';

-- lesson: on-conflict
-- title:  ON CONFLICT: found in the row's own partition
-- table:  orders_by_region
-- expect: scanned 0 of 4, updated 1, inserted 0
-- why:    the region leads the new row to its partition, and that partition's unique index finds order 8; the other three
--         are not looked at
INSERT INTO public.orders_by_region
    (id, order_number, user_id, product_id, region, order_total)
OVERRIDING SYSTEM VALUE
VALUES (8, 'ORD-8', 1, 1, 'UK', 99)
ON CONFLICT (id, region) DO UPDATE SET order_total = excluded.order_total;

-- lesson: no-conflict
-- title:  Trap: the same id in another partition
-- table:  orders_by_region
-- expect: scanned 0 of 4, updated 0, inserted 1
-- why:    order 8 is from the UK; with another region it is no conflict, and there are two orders 8: the unique key is
--         (id, region), and no unique key without the region is possible
INSERT INTO public.orders_by_region
    (id, order_number, user_id, product_id, region, order_total)
OVERRIDING SYSTEM VALUE
VALUES (8, 'ORD-8', 1, 1, 'US', 99)
ON CONFLICT (id, region) DO UPDATE SET order_total = excluded.order_total;

-- lesson: delete-a-month
-- title:  DELETE of a month: a visit to every row
-- table:  event_logs
-- expect: scanned 1 of 4, pruned at plan 3, locked 1, deleted at least 40, buffers at least 40
-- why:    each row is found and marked, so buffers and log grow with the rows, and VACUUM comes after; but only the month
--         is locked, in ROW EXCLUSIVE, and everybody goes on reading and writing
DELETE FROM public.event_logs
WHERE created_at >= '2024-01-01' AND created_at < '2024-02-01';

-- lesson: detach-a-month
-- title:  DETACH of a month: no row is touched
-- table:  event_logs
-- expect: scanned 0 of 4, deleted 0, buffers at most 2000
-- why:    only catalogs change: the buffers are the same for these few rows, where DELETE needs fewer, as for a hundred
--         million; DROP TABLE of the detached month then gives its files back at once
SET LOCAL lock_timeout = '5s';
CREATE FUNCTION pg_temp.detach_january() RETURNS void LANGUAGE sql
AS 'ALTER TABLE public.event_logs DETACH PARTITION public.event_logs_2024_01';   -- EXPLAIN takes no ALTER TABLE by itself
SELECT pg_temp.detach_january();

-- lesson: detach-locks
-- title:  The price of DETACH: three locks
-- table:  event_logs
-- expect: scanned 0 of 4, rows 3
-- why:    the parent, the month and the DEFAULT, whose bounds grow, are locked in ACCESS EXCLUSIVE: nobody reads them until
--         the transaction ends, so end it at once, and set lock_timeout; DROP TABLE of the month locks the same three
SET LOCAL lock_timeout = '5s';
ALTER TABLE public.event_logs DETACH PARTITION public.event_logs_2024_01;
SELECT relation::regclass AS locked
FROM pg_locks
JOIN pg_class ON pg_class.oid = relation
WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock'
  AND relkind IN ('r', 'p') AND relname LIKE 'event_logs%';

-- lesson: merge
-- title:  MERGE, with the key in its condition
-- table:  orders_by_region
-- expect: scanned 1 of 4, pruned at plan 3, targets 1, updated 1, inserted 1
-- why:    one region in ON prunes the target like any WHERE, for what is matched and for what is not; joined by id alone,
--         MERGE would read every partition and lock it for writing
MERGE INTO public.orders_by_region AS o
USING (VALUES (8, 'shipped'), (-1, 'new')) AS new (id, status)
ON o.id = new.id AND o.region = 'UK'
WHEN MATCHED THEN
    UPDATE SET order_status = new.status
WHEN NOT MATCHED THEN
    INSERT (order_number, user_id, product_id, region, order_total)
    VALUES ('ORD-NEW', 1, 1, 'UK', 0);
