--
-- partition_tree.sql: table $1 (an OID) and every partition beneath it, parents first
-- Needs:   PostgreSQL 14 (inhdetachpending)
-- Locks:   ACCESS SHARE on each table for a moment, to read its size
-- Expect:  a row a table; no row when $1 is gone
--
WITH RECURSIVE tree (oid, parent, level, detach_pending) AS (
    SELECT c.oid, NULL::oid, 0, false
    FROM pg_class c
    WHERE c.oid = $1::oid
  UNION ALL
    SELECT i.inhrelid, i.inhparent, t.level + 1, i.inhdetachpending
    FROM tree t
    JOIN pg_partitioned_table p ON p.partrelid = t.oid
    JOIN pg_inherits i ON i.inhparent = t.oid
)
SELECT t.oid,
       t.parent,
       t.level,
       t.detach_pending,
       -- A temporary table's schema has a number in it; EXPLAIN and SQL both say pg_temp.
       CASE WHEN c.relnamespace = pg_my_temp_schema() THEN 'pg_temp'
            ELSE n.nspname::text END                              AS schema,
       c.relname::text                                            AS name,
       p.partstrat::text                                          AS strategy,
       pg_get_partkeydef(t.oid)                                   AS key,
       pg_get_expr(c.relpartbound, c.oid)                         AS bounds,
       c.relkind = 'f'                                            AS is_foreign,
       coalesce(pg_total_relation_size(t.oid), 0)                 AS bytes,
       CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END    AS estimated_rows,
       coalesce((SELECT json_agg(json_build_object(
                            'name', ic.relname,
                            'definition', pg_get_indexdef(x.indexrelid),
                            'valid', x.indisvalid) ORDER BY ic.relname)
                 FROM pg_index x
                 JOIN pg_class ic ON ic.oid = x.indexrelid
                 WHERE x.indrelid = t.oid), '[]')                 AS indexes
FROM tree t
JOIN pg_class c ON c.oid = t.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_partitioned_table p ON p.partrelid = t.oid
ORDER BY t.level;
