--
-- foreign_keys.sql: the foreign keys that a partition gets from its parent, and those that point at the parent
-- Needs:   $1 the parent
-- Locks:   none
-- Runs:    alone
-- Expect:  one row a key; outgoing first
--
SELECT k.conrelid = $1 AS outgoing,
       k.conname AS name,
       format('%I.%I', tn.nspname, t.relname) AS "table",
       format('%I.%I', rn.nspname, r.relname) AS "references",
       regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS definition,
       obj_description(k.oid, 'pg_constraint') AS comment,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY u.ord)
        FROM unnest(k.conkey) WITH ORDINALITY u (attnum, ord)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum) AS columns,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY u.ord)
        FROM unnest(k.confkey) WITH ORDINALITY u (attnum, ord)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum) AS referenced_columns
FROM pg_constraint k
JOIN pg_class t ON t.oid = k.conrelid
JOIN pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_class r ON r.oid = k.confrelid
JOIN pg_namespace rn ON rn.oid = r.relnamespace
LEFT JOIN pg_constraint above ON above.oid = k.conparentid
WHERE k.contype = 'f'
  AND (k.conrelid = $1 OR k.confrelid = $1)
  -- A key that points at a partitioned table has a row for each of its partitions too.
  AND (k.conparentid = 0 OR (above.conrelid <> k.conrelid AND k.conrelid = $1))
ORDER BY outgoing DESC, k.oid
