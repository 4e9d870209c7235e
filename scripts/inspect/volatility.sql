--
-- volatility.sql: whether the functions that $1 names, as EXPLAIN prints them, may change their value
-- Needs:   partition_lab.query_search_path (search_path.rs): names are printed as the query's plan prints them
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row a name that is known; best and worst of its overloads: i(mmutable), s(table), v(olatile);
--          builtin: all of them are PostgreSQL's own
--
-- EXPLAIN leaves the schema away where the search path finds the function without it.
--
SELECT wanted.name,
       min(f.provolatile::text) AS best,
       max(f.provolatile::text) AS worst,
       bool_and(n.nspname = 'pg_catalog') AS builtin
FROM unnest($1::text[]) AS wanted (name)
JOIN pg_proc f ON quote_ident(f.proname) = regexp_replace(wanted.name, '^.*\.', '')
    OR f.proname = regexp_replace(wanted.name, '^.*\.', '')
JOIN pg_namespace n ON n.oid = f.pronamespace
WHERE (SELECT set_config('search_path', current_setting('partition_lab.query_search_path'), true)) IS NOT NULL
  AND CASE WHEN wanted.name LIKE '%.%'
           THEN quote_ident(n.nspname) = regexp_replace(wanted.name, '\.[^.]*$', '')
           ELSE pg_function_is_visible(f.oid) END
GROUP BY wanted.name;
