--
-- locked_tables.sql: the tables that this transaction has locked, a row a table and mode
-- Needs:   nothing
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  topmost is true for a partitioned table none of whose ancestors is locked; has_read_bounds for a partition
--          whose parent may be locked only because the planner read the partition's own bounds
--
WITH locked AS (
    SELECT l.relation AS oid, l.mode, c.relkind, c.relispartition
    FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation
    WHERE l.locktype = 'relation'
      AND l.pid = pg_backend_pid()
      AND l.granted
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND c.relkind IN ('r', 'p', 'f')
)
SELECT oid,
       mode,
       relkind = 'p' AND NOT EXISTS (
           SELECT FROM pg_partition_ancestors(locked.oid) a
           JOIN locked above ON above.oid = a.relid
           WHERE a.relid <> locked.oid) AS topmost,
       relispartition AND (relkind = 'p' OR current_setting('constraint_exclusion') = 'on') AS has_read_bounds
FROM locked;
