--
-- find_table.sql: the OID of the table that $1 names
-- Needs:   partition_lab.user_schemas (search_path.rs), else the session's own search_path
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  one row; NULL when there is no such table
--
-- $1 is read as it stands first, so that a name with capitals or spaces needs no quotes, and
-- then by SQL's rules: schema.table, "Quoted", folded to lower case. A name without a schema is looked for
-- in the user's schemas, not in the session's. OFFSET 0 keeps the planner from reading $1 as SQL, which
-- fails on what is none, before the first attempt has failed.
--
WITH visible AS (
    SELECT t.oid, t.relname, path.at
    FROM unnest(coalesce(nullif(current_setting('partition_lab.user_schemas', true), '')::name[], current_schemas(true)))
         WITH ORDINALITY AS path (schema, at)
    JOIN pg_namespace n ON n.nspname = path.schema
    JOIN pg_class t ON t.relnamespace = n.oid
)
SELECT c.oid
FROM (SELECT coalesce(
        (SELECT v.oid FROM visible v WHERE v.relname = wanted.name ORDER BY v.at LIMIT 1),
        CASE WHEN cardinality(parse_ident(wanted.name)) > 1
             THEN to_regclass(wanted.name)::oid
             ELSE (SELECT v.oid FROM visible v
                   WHERE v.relname = (parse_ident(wanted.name))[1]::name ORDER BY v.at LIMIT 1) END) AS oid
      FROM (SELECT $1::text AS name OFFSET 0) wanted
      OFFSET 0) named
LEFT JOIN pg_class c ON c.oid = named.oid AND c.relkind IN ('r', 'p', 'f');
