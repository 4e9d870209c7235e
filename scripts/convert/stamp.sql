--
-- stamp.sql: a digest that changes with any definition an exchange of tables $1 and $2 (OIDs) is made from
-- Needs:   nothing
-- Locks:   none
-- Runs:    before the definitions are read, and again under the locks: equal, and they still are what was read
-- Expect:  one row; about 3 ms for 1,000 partitions
--
-- Each change of a catalog row leaves a new row version with another xmin (VACUUM and ANALYZE
-- write reltuples and the like in place). Rows are found by index.
--
WITH RECURSIVE root (oid) AS (VALUES ($1::oid), ($2::oid)),
tree (oid) AS (
    SELECT oid FROM root
  UNION ALL
    SELECT i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.oid
),
depends AS (
    SELECT d.classid, d.objid FROM root AS t JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid
),
rewrite AS (
    SELECT r.oid, r.xmin, r.ev_class FROM depends AS d JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
),
version (kind, oid, xmin) AS (
    SELECT 1, t.oid, c.xmin::text FROM tree AS t JOIN pg_class AS c ON c.oid = t.oid
  UNION ALL
    SELECT 2, t.oid, string_agg(a.xmin::text, ',' ORDER BY a.attnum) FROM root AS t JOIN pg_attribute AS a ON a.attrelid = t.oid GROUP BY t.oid
  UNION ALL
    SELECT 3, k.oid, k.xmin::text FROM root AS t JOIN pg_constraint AS k ON k.conrelid = t.oid
  UNION ALL
    SELECT 4, x.indexrelid, concat(x.xmin, ' ', i.xmin) FROM root AS t JOIN pg_index AS x ON x.indrelid = t.oid JOIN pg_class AS i ON i.oid = x.indexrelid
  UNION ALL
    SELECT 5, g.oid, g.xmin::text FROM root AS t JOIN pg_trigger AS g ON g.tgrelid = t.oid
  UNION ALL
    SELECT 6, p.oid, p.xmin::text FROM root AS t JOIN pg_policy AS p ON p.polrelid = t.oid
  UNION ALL
    SELECT 7, r.oid, concat(r.xmin, ' ', c.xmin) FROM rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
  UNION ALL
    SELECT 8, m.oid, m.xmin::text FROM root AS t JOIN pg_publication_rel AS m ON m.prrelid = t.oid
  UNION ALL
    SELECT 9, s.oid, s.xmin::text FROM root AS t JOIN pg_statistic_ext AS s ON s.stxrelid = t.oid
  UNION ALL
    SELECT 10, a.oid, a.xmin::text FROM root AS t JOIN pg_attrdef AS a ON a.adrelid = t.oid
  UNION ALL
    SELECT 11, k.oid, k.xmin::text FROM depends AS d JOIN pg_constraint AS k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
  UNION ALL
    SELECT 12, f.oid, f.xmin::text FROM depends AS d JOIN pg_proc AS f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid
  UNION ALL
    SELECT 13, p.oid, p.xmin::text FROM depends AS d JOIN pg_policy AS p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
)
SELECT md5(string_agg(concat_ws(' ', kind, oid, xmin), E'\n' ORDER BY kind, oid, xmin)) FROM version;
