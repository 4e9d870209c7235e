--
-- relabels.sql: the casts that change nothing but the name of the types $1 (as format_type prints them)
-- Needs:   partition_lab.query_search_path (search_path.rs): names are printed as the query's plan prints them
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row a pair of types
--
SELECT format_type(castsource, NULL) AS source, format_type(casttarget, NULL) AS target
FROM pg_cast
WHERE (SELECT set_config('search_path', current_setting('partition_lab.query_search_path'), true)) IS NOT NULL
  AND castmethod = 'b' AND format_type(castsource, NULL) = ANY ($1::text[]);
