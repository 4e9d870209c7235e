--
-- relabels.sql: the casts that change nothing but the name of the types $1 (as format_type prints them)
-- Needs:   nothing
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row a pair of types
--
SELECT format_type(castsource, NULL) AS source, format_type(casttarget, NULL) AS target
FROM pg_cast
WHERE castmethod = 'b' AND format_type(castsource, NULL) = ANY ($1::text[]);
