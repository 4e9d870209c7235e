--
-- column_type.sql: the type of column $2 of the table that $1, as SQL writes it, names
-- Needs:   partition_lab.query_search_path (search_path.rs): names are printed as the query's plan prints them
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  one row; no row when there is no such column
--
SELECT format_type(a.atttypid, NULL) AS sql_type
FROM pg_attribute a
WHERE (SELECT set_config('search_path', current_setting('partition_lab.query_search_path'), true)) IS NOT NULL
  AND a.attrelid = to_regclass($1::text) AND a.attname = $2::text AND a.attnum > 0 AND NOT a.attisdropped;
