--
-- 01_range_partitions.sql: event_logs by RANGE (created_at)
-- Needs:   00_setup_base_tables.sql
-- Locks:   ACCESS EXCLUSIVE on event_logs to the end
-- Runs:    in one transaction
-- Expect:  event_logs with 3 months and a DEFAULT; event_logs_old with the same rows
--

-- At once and at full strength: no write slips in between the copy and the rename, and no lock is upgraded later.
LOCK TABLE public.event_logs IN ACCESS EXCLUSIVE MODE;

CREATE TABLE public.event_logs_partitioned (
    id         bigint      GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME event_logs_partitioned_id_seq),
    event_type varchar(50) NOT NULL,
    user_id    int         NOT NULL,
    event_data jsonb,
    ip_address inet,
    created_at timestamp   NOT NULL DEFAULT now()
) PARTITION BY RANGE (created_at);

-- The lower bound belongs to the partition, the upper one does not: months meet without gap or overlap.
CREATE TABLE public.event_logs_2024_01 PARTITION OF public.event_logs_partitioned FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE public.event_logs_2024_02 PARTITION OF public.event_logs_partitioned FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE public.event_logs_2024_03 PARTITION OF public.event_logs_partitioned FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');

-- Without it, an event outside the three months would be refused.
CREATE TABLE public.event_logs_default PARTITION OF public.event_logs_partitioned DEFAULT;

INSERT INTO public.event_logs_partitioned (id, event_type, user_id, event_data, ip_address, created_at)
OVERRIDING SYSTEM VALUE
SELECT id, event_type, user_id, event_data, ip_address, created_at
FROM public.event_logs;

-- The new identity starts at 1. Let it go on where the old one would have, but never at an id that is taken.
SELECT setval(
    pg_get_serial_sequence('public.event_logs_partitioned', 'id'),
    greatest(old.last_value + old.is_called::int, (SELECT max(id) + 1 FROM public.event_logs)),
    false)
FROM public.event_logs_id_seq AS old;

-- Names of indexes and sequences are unique in a schema: the old table gives up the plain ones.
ALTER INDEX public.event_logs_pkey           RENAME TO event_logs_old_pkey;
ALTER INDEX public.event_logs_created_at_idx RENAME TO event_logs_old_created_at_idx;
ALTER INDEX public.event_logs_event_type_idx RENAME TO event_logs_old_event_type_idx;
ALTER INDEX public.event_logs_user_id_idx    RENAME TO event_logs_old_user_id_idx;
ALTER SEQUENCE public.event_logs_id_seq             RENAME TO event_logs_old_id_seq;
ALTER SEQUENCE public.event_logs_partitioned_id_seq RENAME TO event_logs_id_seq;

-- After the copy, because building an index once is cheaper than keeping it up row by row. Each of these makes one
-- index on every partition. A primary key must contain the partition key, so id alone is no longer enough.
ALTER TABLE public.event_logs_partitioned ADD CONSTRAINT event_logs_pkey PRIMARY KEY (id, created_at);
CREATE INDEX event_logs_created_at_idx ON public.event_logs_partitioned (created_at);
CREATE INDEX event_logs_event_type_idx ON public.event_logs_partitioned (event_type);
CREATE INDEX event_logs_user_id_idx    ON public.event_logs_partitioned (user_id);

ALTER TABLE public.event_logs             RENAME TO event_logs_old;
ALTER TABLE public.event_logs_partitioned RENAME TO event_logs;

COMMENT ON TABLE public.event_logs IS
    'Partition Lab: partitioned by RANGE (created_at), one partition a month. An old month leaves by DETACH or DROP.';
COMMENT ON TABLE public.event_logs_2024_01 IS 'Partition Lab: the events of January 2024, a partition of event_logs.';
COMMENT ON TABLE public.event_logs_2024_02 IS 'Partition Lab: the events of February 2024, a partition of event_logs.';
COMMENT ON TABLE public.event_logs_2024_03 IS 'Partition Lab: the events of March 2024, a partition of event_logs.';
COMMENT ON TABLE public.event_logs_default IS 'Partition Lab: the events of every other time, the DEFAULT partition of event_logs.';
COMMENT ON TABLE public.event_logs_old IS
    'Partition Lab: event_logs as it was before 01_range_partitions.sql, a single table kept to compare with. '
    'New events do not come here.';

DO $$
DECLARE
    rows_old CONSTANT bigint := (SELECT count(*) FROM public.event_logs_old);
    rows_new CONSTANT bigint := (SELECT count(*) FROM public.event_logs);
BEGIN
    IF rows_new <> rows_old THEN
        RAISE EXCEPTION 'event_logs has % rows but event_logs_old has %', rows_new, rows_old;
    END IF;
END
$$;

ANALYZE public.event_logs;
