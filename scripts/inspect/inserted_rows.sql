--
-- inserted_rows.sql: rows inserted into each of the tables $1 (OIDs) since their statistics began
-- Needs:   nothing
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row a table; a session's own rows are counted when it has ended
--
SELECT oid, pg_stat_get_tuples_inserted(oid)
FROM unnest($1::oid[]) AS oid;
