--
-- 13_migrate_strategy.sql: the users once more, by RANGE (registration_date) instead of HASH (id)
-- Needs:   02_hash_partitions.sql
-- Locks:   SHARE on users_distributed while the rows are copied: writers wait, readers don't
-- Runs:    in one transaction
-- Expect:  users_by_date with 8 quarters and a DEFAULT, and the same rows as users_distributed, which stays as it is
--

-- A strategy cannot be altered: the rows move to a new table. No user may come or go while they are copied.
LOCK TABLE public.users_distributed IN SHARE MODE;

-- The id comes from the same sequence as in users_distributed, so no two users of either table ever share one.
CREATE TABLE public.users_by_date (
    id                int          NOT NULL DEFAULT nextval('public.users_distributed_id_seq'),
    username          varchar(50)  NOT NULL,
    email             varchar(100) NOT NULL,
    country_code      varchar(2),
    registration_date date         DEFAULT CURRENT_DATE,
    status            varchar(20)  DEFAULT 'active'
) PARTITION BY RANGE (registration_date);

CREATE TABLE public.users_by_date_2023_q1 PARTITION OF public.users_by_date FOR VALUES FROM ('2023-01-01') TO ('2023-04-01');
CREATE TABLE public.users_by_date_2023_q2 PARTITION OF public.users_by_date FOR VALUES FROM ('2023-04-01') TO ('2023-07-01');
CREATE TABLE public.users_by_date_2023_q3 PARTITION OF public.users_by_date FOR VALUES FROM ('2023-07-01') TO ('2023-10-01');
CREATE TABLE public.users_by_date_2023_q4 PARTITION OF public.users_by_date FOR VALUES FROM ('2023-10-01') TO ('2024-01-01');
CREATE TABLE public.users_by_date_2024_q1 PARTITION OF public.users_by_date FOR VALUES FROM ('2024-01-01') TO ('2024-04-01');
CREATE TABLE public.users_by_date_2024_q2 PARTITION OF public.users_by_date FOR VALUES FROM ('2024-04-01') TO ('2024-07-01');
CREATE TABLE public.users_by_date_2024_q3 PARTITION OF public.users_by_date FOR VALUES FROM ('2024-07-01') TO ('2024-10-01');
CREATE TABLE public.users_by_date_2024_q4 PARTITION OF public.users_by_date FOR VALUES FROM ('2024-10-01') TO ('2025-01-01');

-- Every other date, and NULL: no range contains NULL, so only a DEFAULT can take a user without a date.
CREATE TABLE public.users_by_date_default PARTITION OF public.users_by_date DEFAULT;

INSERT INTO public.users_by_date (id, username, email, country_code, registration_date, status)
SELECT id, username, email, country_code, registration_date, status
FROM public.users_distributed;

-- There can be no primary key: it would have to contain registration_date, and its columns may not be NULL. This is as
-- near as one comes to it. (Ordinary UNIQUE holds two NULLs for different and would let such a user in twice.)
ALTER TABLE public.users_by_date
    ADD CONSTRAINT users_by_date_id_registration_date_key UNIQUE NULLS NOT DISTINCT (id, registration_date);
CREATE INDEX users_by_date_email_idx    ON public.users_by_date (email);
CREATE INDEX users_by_date_username_idx ON public.users_by_date (username);

COMMENT ON TABLE public.users_by_date IS
    'Partition Lab: users_distributed, copied by 13_migrate_strategy.sql and partitioned by RANGE (registration_date).';
COMMENT ON TABLE public.users_by_date_2023_q1 IS 'Partition Lab: users of January to March 2023, a partition of users_by_date.';
COMMENT ON TABLE public.users_by_date_2023_q2 IS 'Partition Lab: users of April to June 2023, a partition of users_by_date.';
COMMENT ON TABLE public.users_by_date_2023_q3 IS 'Partition Lab: users of July to September 2023, a partition of users_by_date.';
COMMENT ON TABLE public.users_by_date_2023_q4 IS 'Partition Lab: users of October to December 2023, a partition of users_by_date.';
COMMENT ON TABLE public.users_by_date_2024_q1 IS 'Partition Lab: users of January to March 2024, a partition of users_by_date.';
COMMENT ON TABLE public.users_by_date_2024_q2 IS 'Partition Lab: users of April to June 2024, a partition of users_by_date.';
COMMENT ON TABLE public.users_by_date_2024_q3 IS 'Partition Lab: users of July to September 2024, a partition of users_by_date.';
COMMENT ON TABLE public.users_by_date_2024_q4 IS 'Partition Lab: users of October to December 2024, a partition of users_by_date.';
COMMENT ON TABLE public.users_by_date_default IS 'Partition Lab: users of every other date and of none, the DEFAULT partition of users_by_date.';

DO $$
DECLARE
    rows_by_hash CONSTANT bigint := (SELECT count(*) FROM public.users_distributed);
    rows_by_date CONSTANT bigint := (SELECT count(*) FROM public.users_by_date);
BEGIN
    IF rows_by_date <> rows_by_hash THEN
        RAISE EXCEPTION 'users_distributed has % rows but users_by_date has %', rows_by_hash, rows_by_date;
    END IF;
END
$$;

ANALYZE public.users_by_date;
