--
-- 10_after_add.sql: what April's partition gets when the engine has taken it out of the DEFAULT
-- Needs:   01_range_partitions.sql
-- Locks:   SHARE UPDATE EXCLUSIVE on the two partitions
-- Runs:    each statement alone
-- Expect:  the comments and statistics that 10_add_new_partition.sql leaves
--

COMMENT ON TABLE public.event_logs_2024_04 IS 'Partition Lab: the events of April 2024, a partition of event_logs.';

-- What is left of the DEFAULT is a new table, too.
COMMENT ON TABLE public.event_logs_default IS 'Partition Lab: the events of every other time, the DEFAULT partition of event_logs.';

ANALYZE public.event_logs_2024_04;
