--
-- constraints.sql: the checks, unique keys and foreign keys of table $1 (an OID)
-- Needs:   nothing
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row a constraint; checks (c), unique indexes (u), foreign keys (f)
--
-- columns are numbers. The columns of a unique index's expressions are among its own. A foreign
-- key to a partitioned table has a copy for each partition, which is left out.
--
SELECT 'c' AS kind, c.conname::text AS name, coalesce(c.conkey, '{}')::int[] AS columns,
       pg_get_expr(c.conbin, c.conrelid) AS expression,
       0::oid AS referenced, NULL::text AS referenced_name, NULL::text[] AS referenced_columns
FROM pg_constraint c
WHERE c.conrelid = $1::oid AND c.contype = 'c'
UNION ALL
SELECT 'u', i.relname::text,
       ARRAY(SELECT DISTINCT n FROM (
               SELECT k.n::int FROM unnest((x.indkey::int2[])[0:x.indnkeyatts - 1]) k(n) WHERE k.n > 0
               UNION ALL
               SELECT d.refobjsubid FROM pg_depend d
               WHERE d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid
                 AND d.refobjid = x.indrelid AND d.refobjsubid > 0
                 AND x.indexprs IS NOT NULL) used(n) ORDER BY n),
       NULL, 0, NULL, NULL
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = $1::oid AND x.indisunique
UNION ALL
SELECT 'f', c.conname::text, c.conkey::int[], NULL, c.confrelid,
       format('%I.%I', n.nspname, r.relname),
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(n, at)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.at)
FROM pg_constraint c
JOIN pg_class r ON r.oid = c.confrelid
JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.conrelid = $1::oid AND c.contype = 'f'
  AND NOT EXISTS (SELECT FROM pg_constraint whole
                  WHERE whole.oid = c.conparentid AND whole.conrelid = c.conrelid)
ORDER BY 1, 2;
