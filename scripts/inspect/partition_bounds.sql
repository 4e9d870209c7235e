--
-- partition_bounds.sql: the bounds of the partitions directly beneath the tables $1 (OIDs)
-- Needs:   PostgreSQL 14 (inhdetachpending); partition_lab.query_search_path (search_path.rs): names are
--          printed as the query's plan prints them
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row a partition
--
SELECT pg_get_expr(c.relpartbound, c.oid) AS bounds
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
WHERE (SELECT set_config('search_path', current_setting('partition_lab.query_search_path'), true)) IS NOT NULL
  AND i.inhparent = ANY ($1::oid[]) AND NOT i.inhdetachpending
ORDER BY c.relname;
