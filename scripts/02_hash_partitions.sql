--
-- 02_hash_partitions.sql: users_distributed by HASH (id)
-- Needs:   00_setup_base_tables.sql
-- Locks:   ACCESS EXCLUSIVE on users_distributed to the end
-- Runs:    in one transaction
-- Expect:  users_distributed with p0 to p3; users_distributed_old with the same rows
--

-- At once and at full strength: no write slips in between the copy and the rename, and no lock is upgraded later.
LOCK TABLE public.users_distributed IN ACCESS EXCLUSIVE MODE;

CREATE TABLE public.users_distributed_partitioned (
    id                int          GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME users_distributed_partitioned_id_seq),
    username          varchar(50)  NOT NULL,
    email             varchar(100) NOT NULL,
    country_code      varchar(2),
    registration_date date         DEFAULT CURRENT_DATE,
    status            varchar(20)  DEFAULT 'active'
) PARTITION BY HASH (id);

-- A row goes where hash(id) mod 4 equals the remainder. Every id has a place, so HASH knows no DEFAULT.
CREATE TABLE public.users_distributed_p0 PARTITION OF public.users_distributed_partitioned FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE public.users_distributed_p1 PARTITION OF public.users_distributed_partitioned FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE public.users_distributed_p2 PARTITION OF public.users_distributed_partitioned FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE public.users_distributed_p3 PARTITION OF public.users_distributed_partitioned FOR VALUES WITH (MODULUS 4, REMAINDER 3);

INSERT INTO public.users_distributed_partitioned (id, username, email, country_code, registration_date, status)
OVERRIDING SYSTEM VALUE
SELECT id, username, email, country_code, registration_date, status
FROM public.users_distributed;

-- The new identity starts at 1. Let it go on where the old one would have, but never at an id that is taken.
SELECT setval(
    pg_get_serial_sequence('public.users_distributed_partitioned', 'id'),
    greatest(old.last_value + old.is_called::int, (SELECT max(id) + 1 FROM public.users_distributed)),
    false)
FROM public.users_distributed_id_seq AS old;

-- Names of indexes and sequences are unique in a schema: the old table gives up the plain ones.
ALTER INDEX public.users_distributed_pkey         RENAME TO users_distributed_old_pkey;
ALTER INDEX public.users_distributed_username_key RENAME TO users_distributed_old_username_key;
ALTER INDEX public.users_distributed_email_idx    RENAME TO users_distributed_old_email_idx;
ALTER SEQUENCE public.users_distributed_id_seq             RENAME TO users_distributed_old_id_seq;
ALTER SEQUENCE public.users_distributed_partitioned_id_seq RENAME TO users_distributed_id_seq;

-- After the copy, because building an index once is cheaper than keeping it up row by row.
ALTER TABLE public.users_distributed_partitioned ADD CONSTRAINT users_distributed_pkey PRIMARY KEY (id);
CREATE INDEX users_distributed_email_idx ON public.users_distributed_partitioned (email);

-- UNIQUE (username) cannot stay. PostgreSQL enforces uniqueness by one index a partition, so a unique key must contain
-- the partition key; UNIQUE (username, id) would be allowed and would forbid nothing, for id is unique already. A plain
-- index still finds a user by name, in all four partitions, but from here on two users may have the same name.
CREATE INDEX users_distributed_username_idx ON public.users_distributed_partitioned (username);

ALTER TABLE public.users_distributed             RENAME TO users_distributed_old;
ALTER TABLE public.users_distributed_partitioned RENAME TO users_distributed;

COMMENT ON TABLE public.users_distributed IS
    'Partition Lab: partitioned by HASH (id) into four equal parts. A username is no longer unique: a unique key must '
    'contain the partition key.';
COMMENT ON TABLE public.users_distributed_p0 IS 'Partition Lab: users whose hashed id leaves 0 in modulus 4, a partition of users_distributed.';
COMMENT ON TABLE public.users_distributed_p1 IS 'Partition Lab: users whose hashed id leaves 1 in modulus 4, a partition of users_distributed.';
COMMENT ON TABLE public.users_distributed_p2 IS 'Partition Lab: users whose hashed id leaves 2 in modulus 4, a partition of users_distributed.';
COMMENT ON TABLE public.users_distributed_p3 IS 'Partition Lab: users whose hashed id leaves 3 in modulus 4, a partition of users_distributed.';
COMMENT ON TABLE public.users_distributed_old IS
    'Partition Lab: users_distributed as it was before 02_hash_partitions.sql, a single table with UNIQUE (username), '
    'kept to compare with. New users do not come here.';

DO $$
DECLARE
    rows_old CONSTANT bigint := (SELECT count(*) FROM public.users_distributed_old);
    rows_new CONSTANT bigint := (SELECT count(*) FROM public.users_distributed);
BEGIN
    IF rows_new <> rows_old THEN
        RAISE EXCEPTION 'users_distributed has % rows but users_distributed_old has %', rows_new, rows_old;
    END IF;
END
$$;

ANALYZE public.users_distributed;
