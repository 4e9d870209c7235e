--
-- operator_families.sql: the comparisons that the operator families $1 (OIDs) know
-- Needs:   partition_lab.query_search_path (search_path.rs): names are printed as the query's plan prints them
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row an operator and pair of types
--
SELECT o.amopfamily                          AS family,
       op.oprname::text                      AS operator,
       format_type(o.amoplefttype, NULL)     AS left_type,
       format_type(o.amoprighttype, NULL)    AS right_type,
       f.provolatile = 'i'                   AS immutable
FROM pg_amop o
JOIN pg_operator op ON op.oid = o.amopopr
JOIN pg_proc f ON f.oid = op.oprcode
WHERE (SELECT set_config('search_path', current_setting('partition_lab.query_search_path'), true)) IS NOT NULL
  AND o.amopfamily = ANY ($1::oid[]) AND o.amoppurpose = 's';
