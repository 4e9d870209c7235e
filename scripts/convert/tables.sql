--
-- tables.sql: the names of tables $1 (OIDs), in their order
-- Needs:   nothing
-- Locks:   none
-- Expect:  one row a table
--
SELECT n.nspname::text, c.relname::text
FROM unnest($1::oid[]) WITH ORDINALITY AS t (oid, at)
JOIN pg_class AS c ON c.oid = t.oid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY t.at;
