--
-- partition_steps.sql: how the server finds each leaf beneath table $1 (an OID)
-- Needs:   PostgreSQL 14 (inhdetachpending)
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row a step: from a partitioned table (parent) to one partition of it, from the top
--
-- Steps above $1 are among them, for rows that are inserted into a partition must fit those too.
-- In columns, NULL stands for an expression. Partitions pending detach take no rows.
--
WITH RECURSIVE beneath (oid) AS (
    SELECT $1::oid
  UNION ALL
    SELECT i.inhrelid
    FROM beneath b
    JOIN pg_partitioned_table p ON p.partrelid = b.oid
    JOIN pg_inherits i ON i.inhparent = b.oid AND NOT i.inhdetachpending
), tables (oid) AS (
    SELECT oid FROM beneath
  UNION
    SELECT a.relid::oid FROM pg_partition_ancestors($1::oid) a
)
SELECT i.inhrelid                             AS oid,
       i.inhparent                            AS parent,
       p.partstrat::text                      AS strategy,
       pg_get_partkeydef(p.partrelid)         AS key,
       pg_get_expr(c.relpartbound, c.oid)     AS bounds,
       ARRAY(SELECT a.attname::text
             FROM unnest(p.partattrs::int2[]) WITH ORDINALITY k(n, at)
             LEFT JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = k.n AND k.n > 0
             ORDER BY k.at)                   AS columns
FROM tables t
JOIN pg_class c ON c.oid = t.oid
JOIN pg_inherits i ON i.inhrelid = c.oid
JOIN pg_partitioned_table p ON p.partrelid = i.inhparent
WHERE c.relispartition;
