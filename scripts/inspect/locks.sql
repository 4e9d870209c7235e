--
-- locks.sql: one sample of who holds and who waits for locks on some tables and all beneath them
-- Needs:   PostgreSQL 14 (waitstart)
-- Locks:   ACCESS SHARE on system catalogs; the lock table's own latches for a moment
-- Expect:  a row a lock; none where nobody has any
--
-- $1, $2: schemas and names of tables, which need not exist. $3: OIDs that count whether or not they are beneath those
-- any more. $4: modes that are left out where they are granted. pg_partition_tree() would lock the tables; this does not.
-- pg_blocking_pids() is asked only about those who wait, since it stops the lock manager for a moment.
--
WITH RECURSIVE watched (oid) AS (
    SELECT oid FROM (
        SELECT c.oid
        FROM unnest($1::text[], $2::text[]) AS wanted (schema, name)
        JOIN pg_namespace n ON n.nspname = wanted.schema
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
        UNION ALL
        SELECT unnest($3::oid[])) AS named
  UNION
    SELECT i.inhrelid FROM watched w JOIN pg_inherits i ON i.inhparent = w.oid
)
SELECT l.pid,
       l.virtualtransaction                                                AS transaction,
       l.relation,
       n.nspname::text                                                     AS schema,
       c.relname::text                                                     AS name,
       l.mode,
       l.granted,
       extract(epoch FROM clock_timestamp() - l.waitstart)::float8         AS waiting,
       coalesce(nullif(a.application_name, ''), a.backend_type, '')        AS application,
       left(coalesce(a.query, ''), 300)                                    AS statement,
       CASE WHEN NOT l.granted THEN (
           SELECT json_agg(json_build_object(
                      'pid', b.pid,
                      'application', coalesce(nullif(b.application_name, ''), b.backend_type, ''),
                      'statement', left(coalesce(b.query, ''), 300)))
           FROM pg_stat_activity b
           WHERE b.pid = ANY (pg_blocking_pids(l.pid))) END                AS blockers
FROM pg_locks l
JOIN watched w ON w.oid = l.relation
JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation'
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND l.pid <> pg_backend_pid()
  AND NOT (l.granted AND l.mode = ANY ($4::text[]));
