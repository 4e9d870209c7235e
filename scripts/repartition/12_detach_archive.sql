--
-- 12_detach_archive.sql: January leaves event_logs, and its rows go to an archive
-- Needs:   01_range_partitions.sql
-- Locks:   ACCESS EXCLUSIVE on event_logs while the rows are copied
-- Runs:    in one transaction
-- Expect:  January's rows in event_logs_archive, event_logs_2024_01 gone; later events of January go to the DEFAULT
--

-- The parent before its partitions, as every query does: the other order can deadlock. DETACH … CONCURRENTLY would
-- lock less, but PostgreSQL refuses it in a transaction and while event_logs has a DEFAULT partition.
LOCK TABLE public.event_logs IN ACCESS EXCLUSIVE MODE;

SELECT set_config('partition_lab.rows_before', count(*)::text, true) FROM public.event_logs;

-- From here on the partition is a table like any other, and queries on event_logs no longer see its rows.
ALTER TABLE public.event_logs DETACH PARTITION public.event_logs_2024_01;

-- An archive keeps ids and gives out none: LIKE copies no identity. It says of each row when and why it came.
CREATE TABLE public.event_logs_archive (
    LIKE public.event_logs,
    archived_at    timestamptz NOT NULL DEFAULT now(),
    archive_reason text        NOT NULL
);

INSERT INTO public.event_logs_archive (id, event_type, user_id, event_data, ip_address, created_at, archive_reason)
SELECT id, event_type, user_id, event_data, ip_address, created_at, 'January 2024 detached from event_logs'
FROM public.event_logs_2024_01;

ALTER TABLE public.event_logs_archive ADD CONSTRAINT event_logs_archive_pkey PRIMARY KEY (id, created_at);
CREATE INDEX event_logs_archive_created_at_idx ON public.event_logs_archive (created_at);

COMMENT ON TABLE public.event_logs_archive IS
    'Partition Lab: the events of January 2024, detached from event_logs by 12_detach_archive.sql.';

DO $$
DECLARE
    rows_before   CONSTANT bigint := current_setting('partition_lab.rows_before');
    rows_archived CONSTANT bigint := (SELECT count(*) FROM public.event_logs_archive);
    rows_left     CONSTANT bigint := (SELECT count(*) FROM public.event_logs);
BEGIN
    IF rows_left + rows_archived <> rows_before THEN
        RAISE EXCEPTION 'event_logs had % rows; now it has % and the archive has %',
            rows_before, rows_left, rows_archived;
    END IF;
END
$$;

-- Only now: its rows are known to be in the archive.
DROP TABLE public.event_logs_2024_01;

ANALYZE public.event_logs_archive;
