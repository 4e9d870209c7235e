--
-- columns.sql: the columns of table $1 (an OID), and who fills in those that are not sent
-- Needs:   PostgreSQL 12 (attgenerated)
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row a column, in their order
--
SELECT a.attnum::int                            AS number,
       a.attname::text                          AS name,
       a.atttypid                               AS type_oid,
       a.atttypmod                              AS modifier,
       format_type(a.atttypid, a.atttypmod)     AS sql_type,
       a.attnotnull                             AS not_null,
       a.attidentity::text                      AS identity,
       a.attgenerated <> ''                     AS is_generated,
       a.atthasdef                              AS has_default,
       (SELECT format('%I.%I', n.nspname, l.collname)
        FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
        WHERE l.oid = a.attcollation AND l.collname <> 'default') AS collation,
       has_column_privilege(a.attrelid, a.attnum, 'INSERT') AS may_insert
FROM pg_attribute a
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;
