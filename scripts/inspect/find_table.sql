--
-- find_table.sql: the OID of the table that $1 names
-- Needs:   nothing
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  one row; NULL when there is no such table
--
-- $1 is read as it stands first, so that a name with capitals or spaces needs no quotes, and
-- then by SQL's rules: schema.table, "Quoted", folded to lower case. OFFSET 0 keeps the planner
-- from evaluating to_regclass, which fails on what is no SQL, before the first attempt has failed.
--
SELECT c.oid
FROM (SELECT coalesce(
        (SELECT t.oid FROM pg_class t
         WHERE t.relname = $1::text AND pg_table_is_visible(t.oid)),
        to_regclass($1::text)::oid) AS oid
      OFFSET 0) named
LEFT JOIN pg_class c ON c.oid = named.oid AND c.relkind IN ('r', 'p', 'f');
