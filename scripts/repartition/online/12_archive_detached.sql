--
-- 12_archive_detached.sql: January's rows go from the detached table to an archive
-- Needs:   01_range_partitions.sql, and event_logs_2024_01 detached
-- Locks:   SHARE, then ACCESS EXCLUSIVE on event_logs_2024_01, which nobody uses any more
-- Runs:    in one transaction
-- Expect:  January's rows in event_logs_archive, event_logs_2024_01 gone
--

-- From the DETACH on, only a query that names the table itself could still write to it.
LOCK TABLE public.event_logs_2024_01 IN SHARE MODE;

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

-- Of event_logs nothing is said here, where others go on writing.
DO $$
DECLARE
    rows_detached CONSTANT bigint := (SELECT count(*) FROM public.event_logs_2024_01);
    rows_archived CONSTANT bigint := (SELECT count(*) FROM public.event_logs_archive);
BEGIN
    IF rows_archived <> rows_detached THEN
        RAISE EXCEPTION 'event_logs_2024_01 has % rows and the archive has %', rows_detached, rows_archived;
    END IF;
END
$$;

-- Only now: its rows are known to be in the archive.
DROP TABLE public.event_logs_2024_01;

ANALYZE public.event_logs_archive;
