--
-- column_type.sql: the type of column $2 of the table that $1, as SQL writes it, names
-- Needs:   nothing
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  one row; no row when there is no such column
--
SELECT format_type(a.atttypid, NULL) AS sql_type
FROM pg_attribute a
WHERE a.attrelid = to_regclass($1::text) AND a.attname = $2::text AND a.attnum > 0 AND NOT a.attisdropped;
