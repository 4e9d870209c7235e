--
-- session_counts.sql: rows that this session wrote, and how its prepared statements were planned
-- Needs:   nothing
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  one row of totals, which only grow within a transaction: take the difference of two readings, since
--          they still hold what earlier transactions did and the server has not yet added to its statistics
--
SELECT *
FROM (
    SELECT coalesce(sum(n_tup_ins), 0)::bigint AS inserted,
           coalesce(sum(n_tup_upd), 0)::bigint AS updated,
           coalesce(sum(n_tup_del), 0)::bigint AS deleted
    FROM pg_stat_xact_user_tables
) AS rows_written
CROSS JOIN (
    SELECT coalesce(sum(custom_plans), 0)::bigint AS custom_plans,
           coalesce(sum(generic_plans), 0)::bigint AS generic_plans
    FROM pg_prepared_statements
    WHERE from_sql                  -- the others are our own client's
) AS plans;
