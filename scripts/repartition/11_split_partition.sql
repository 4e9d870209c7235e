--
-- 11_split_partition.sql: February's partition becomes four weekly ones
-- Needs:   01_range_partitions.sql
-- Locks:   ACCESS EXCLUSIVE on event_logs while the rows are copied
-- Runs:    in one transaction
-- Expect:  the four weeks hold exactly February's rows
--

-- The parent before its partitions, as every query does: the other order can deadlock.
LOCK TABLE public.event_logs IN ACCESS EXCLUSIVE MODE;

SELECT set_config('partition_lab.rows_before', count(*)::text, true) FROM public.event_logs;

CREATE TABLE public.event_logs_2024_02_week1 (LIKE public.event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
CREATE TABLE public.event_logs_2024_02_week2 (LIKE public.event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
CREATE TABLE public.event_logs_2024_02_week3 (LIKE public.event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
CREATE TABLE public.event_logs_2024_02_week4 (LIKE public.event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS);

INSERT INTO public.event_logs_2024_02_week1 (id, event_type, user_id, event_data, ip_address, created_at)
SELECT id, event_type, user_id, event_data, ip_address, created_at
FROM public.event_logs_2024_02
WHERE created_at >= '2024-02-01' AND created_at < '2024-02-08';

INSERT INTO public.event_logs_2024_02_week2 (id, event_type, user_id, event_data, ip_address, created_at)
SELECT id, event_type, user_id, event_data, ip_address, created_at
FROM public.event_logs_2024_02
WHERE created_at >= '2024-02-08' AND created_at < '2024-02-15';

INSERT INTO public.event_logs_2024_02_week3 (id, event_type, user_id, event_data, ip_address, created_at)
SELECT id, event_type, user_id, event_data, ip_address, created_at
FROM public.event_logs_2024_02
WHERE created_at >= '2024-02-15' AND created_at < '2024-02-22';

INSERT INTO public.event_logs_2024_02_week4 (id, event_type, user_id, event_data, ip_address, created_at)
SELECT id, event_type, user_id, event_data, ip_address, created_at
FROM public.event_logs_2024_02
WHERE created_at >= '2024-02-22' AND created_at < '2024-03-01';

-- Bounds must not overlap, so February leaves before its weeks come. Other sessions see neither until the commit.
ALTER TABLE public.event_logs DETACH PARTITION public.event_logs_2024_02;

-- Each builds the primary key and the indexes that event_logs has; the last week is longer and ends with the month.
ALTER TABLE public.event_logs ATTACH PARTITION public.event_logs_2024_02_week1 FOR VALUES FROM ('2024-02-01') TO ('2024-02-08');
ALTER TABLE public.event_logs ATTACH PARTITION public.event_logs_2024_02_week2 FOR VALUES FROM ('2024-02-08') TO ('2024-02-15');
ALTER TABLE public.event_logs ATTACH PARTITION public.event_logs_2024_02_week3 FOR VALUES FROM ('2024-02-15') TO ('2024-02-22');
ALTER TABLE public.event_logs ATTACH PARTITION public.event_logs_2024_02_week4 FOR VALUES FROM ('2024-02-22') TO ('2024-03-01');

COMMENT ON TABLE public.event_logs_2024_02_week1 IS 'Partition Lab: the events of 1 to 7 February 2024, a partition of event_logs.';
COMMENT ON TABLE public.event_logs_2024_02_week2 IS 'Partition Lab: the events of 8 to 14 February 2024, a partition of event_logs.';
COMMENT ON TABLE public.event_logs_2024_02_week3 IS 'Partition Lab: the events of 15 to 21 February 2024, a partition of event_logs.';
COMMENT ON TABLE public.event_logs_2024_02_week4 IS 'Partition Lab: the events of 22 to 29 February 2024, a partition of event_logs.';

DO $$
DECLARE
    rows_before CONSTANT bigint := current_setting('partition_lab.rows_before');
    rows_after  CONSTANT bigint := (SELECT count(*) FROM public.event_logs);
BEGIN
    IF rows_after <> rows_before THEN
        RAISE EXCEPTION 'event_logs had % rows and now has %', rows_before, rows_after;
    END IF;
END
$$;

-- Only now: its rows are known to be in the weeks.
DROP TABLE public.event_logs_2024_02;

ANALYZE public.event_logs_2024_02_week1;
ANALYZE public.event_logs_2024_02_week2;
ANALYZE public.event_logs_2024_02_week3;
ANALYZE public.event_logs_2024_02_week4;
