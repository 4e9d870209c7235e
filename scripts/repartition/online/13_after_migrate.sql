--
-- 13_after_migrate.sql: what users_by_date gets when the engine has copied it
-- Needs:   02_hash_partitions.sql
-- Locks:   ACCESS EXCLUSIVE on users_by_date, which nobody uses yet
-- Runs:    each statement alone
-- Expect:  the default, comments and statistics that 13_migrate_strategy.sql leaves
--

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

-- Last, for it says that the rest is done. The id comes from the same sequence as in users_distributed, so no two users
-- of either table ever share one.
ALTER TABLE public.users_by_date
    ALTER COLUMN id DROP IDENTITY IF EXISTS,
    ALTER COLUMN id SET DEFAULT nextval('public.users_distributed_id_seq');

ANALYZE public.users_by_date;
