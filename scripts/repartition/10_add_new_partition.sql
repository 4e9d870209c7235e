--
-- 10_add_new_partition.sql: April gets its own partition, and its rows leave the DEFAULT
-- Needs:   01_range_partitions.sql
-- Locks:   SHARE ROW EXCLUSIVE on event_logs (writers wait), ACCESS EXCLUSIVE on event_logs_default
-- Runs:    in one transaction
-- Expect:  event_logs_2024_04 with April's rows, none of them in event_logs_default; same rows in all
--

-- The parent before its partitions, as every query does: the other order can deadlock. ATTACH will need the DEFAULT
-- exclusively; queries on January to March go on meanwhile.
LOCK TABLE ONLY public.event_logs IN SHARE ROW EXCLUSIVE MODE;
LOCK TABLE public.event_logs_default IN ACCESS EXCLUSIVE MODE;

SELECT set_config('partition_lab.rows_before', count(*)::text, true) FROM public.event_logs;

-- Not CREATE TABLE … PARTITION OF, which would lock event_logs against readers too.
CREATE TABLE public.event_logs_2024_04 (LIKE public.event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS);

-- ATTACH refuses a partition while the DEFAULT still holds rows that belong into it.
WITH moved AS (
    DELETE FROM public.event_logs_default
    WHERE created_at >= '2024-04-01' AND created_at < '2024-05-01'
    RETURNING id, event_type, user_id, event_data, ip_address, created_at
)
INSERT INTO public.event_logs_2024_04 (id, event_type, user_id, event_data, ip_address, created_at)
SELECT id, event_type, user_id, event_data, ip_address, created_at FROM moved;

-- Builds the primary key and the indexes that event_logs has, and scans the DEFAULT for rows of April.
ALTER TABLE public.event_logs ATTACH PARTITION public.event_logs_2024_04 FOR VALUES FROM ('2024-04-01') TO ('2024-05-01');

COMMENT ON TABLE public.event_logs_2024_04 IS 'Partition Lab: the events of April 2024, a partition of event_logs.';

DO $$
DECLARE
    rows_before CONSTANT bigint := current_setting('partition_lab.rows_before');
    rows_after  CONSTANT bigint := (SELECT count(*) FROM public.event_logs);
    probe_id    bigint;
    landed_in   regclass;
BEGIN
    IF rows_after <> rows_before THEN
        RAISE EXCEPTION 'event_logs had % rows and now has %', rows_before, rows_after;
    END IF;

    -- The proof: an event of April, sent to the parent, arrives in the new partition. It does not stay.
    INSERT INTO public.event_logs (event_type, user_id, created_at)
    VALUES ('probe', 1, '2024-04-15 12:00')
    RETURNING id, tableoid INTO probe_id, landed_in;

    IF landed_in <> 'public.event_logs_2024_04'::regclass THEN
        RAISE EXCEPTION 'an event of April landed in %, not in event_logs_2024_04', landed_in;
    END IF;

    DELETE FROM public.event_logs WHERE id = probe_id AND created_at = '2024-04-15 12:00';
END
$$;

ANALYZE public.event_logs_2024_04;
