--
-- family.sql: the partitions of a split's parent and of its staging table
-- Needs:   $1 the parent, $2 the staging table, $3 the partition that is split, $4 the CHECK that marks the new partitions
-- Locks:   none
-- Runs:    alone
-- Expect:  one row a partition; role: old, new (split off it, wherever they hang) or sibling
--
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       CASE
           WHEN c.oid = $3 THEN 'old'
           WHEN i.inhparent = $2 OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.conname = $4) THEN 'new'
           ELSE 'sibling'
       END AS role
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.inhparent IN ($1, $2)
ORDER BY c.oid
