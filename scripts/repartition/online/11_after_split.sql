--
-- 11_after_split.sql: what February's weeks get when the engine has split it
-- Needs:   01_range_partitions.sql
-- Locks:   SHARE UPDATE EXCLUSIVE on the weeks
-- Runs:    each statement alone
-- Expect:  the comments and statistics that 11_split_partition.sql leaves
--

COMMENT ON TABLE public.event_logs_2024_02_week1 IS 'Partition Lab: the events of 1 to 7 February 2024, a partition of event_logs.';
COMMENT ON TABLE public.event_logs_2024_02_week2 IS 'Partition Lab: the events of 8 to 14 February 2024, a partition of event_logs.';
COMMENT ON TABLE public.event_logs_2024_02_week3 IS 'Partition Lab: the events of 15 to 21 February 2024, a partition of event_logs.';
COMMENT ON TABLE public.event_logs_2024_02_week4 IS 'Partition Lab: the events of 22 to 29 February 2024, a partition of event_logs.';

ANALYZE public.event_logs_2024_02_week1;
ANALYZE public.event_logs_2024_02_week2;
ANALYZE public.event_logs_2024_02_week3;
ANALYZE public.event_logs_2024_02_week4;
