--
-- materialized_view.sql: all that makes materialised view $1 (an OID) what it is, but its query and rows
-- Needs:   a search_path without the user's schemas, so that every name comes qualified
-- Locks:   none
-- Expect:  one row; its JSON has the shape of swap::matview::Portrait in crates/convert
--
-- {view} stands for the view's name, {index N} for that of its N-th index.
--
WITH depends AS MATERIALIZED (
    SELECT DISTINCT r.ev_class AS oid
    FROM pg_depend AS d
    JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND d.deptype = 'n' AND r.ev_class <> $1
      -- Old ones wait there to be dropped.
      AND NOT EXISTS (SELECT FROM pg_class AS v WHERE v.oid = r.ev_class AND v.relnamespace = 'partition_convert'::regnamespace)
),
index AS MATERIALIZED (
    SELECT i.relname, i.oid, x.indisclustered, i.reltablespace,
        row_number() OVER (ORDER BY i.relname) AS at,
        format('CREATE %sINDEX {index %s} ON {view} USING %s',
            CASE WHEN x.indisunique THEN 'UNIQUE ' END, row_number() OVER (ORDER BY i.relname),
            substr(pg_get_indexdef(i.oid), 1 + length(format('CREATE %sINDEX %I ON %I.%I USING ',
                CASE WHEN x.indisunique THEN 'UNIQUE ' END, i.relname, n.nspname, c.relname)))) AS statement
    FROM pg_index AS x
    JOIN pg_class AS i ON i.oid = x.indexrelid
    JOIN pg_class AS c ON c.oid = x.indrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE x.indrelid = $1
)
SELECT jsonb_build_object(
    'owner', pg_get_userbyid(c.relowner),
    'populated', c.relispopulated,
    'tail', coalesce((SELECT format(' USING %I', a.amname) FROM pg_am AS a WHERE a.oid = c.relam), '')
        || coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '')
        || coalesce((SELECT format(' TABLESPACE %I', s.spcname) FROM pg_tablespace AS s WHERE s.oid = c.reltablespace), ''),
    'indexes', (SELECT coalesce(jsonb_agg(i.relname ORDER BY i.at), '[]') FROM index AS i),
    'statements', (
        SELECT coalesce(jsonb_agg(s.statement ORDER BY s.rank, s.statement), '[]')
        FROM (
            SELECT 0, statement FROM index
          UNION ALL
            SELECT 1, format('ALTER INDEX {index %s} SET TABLESPACE %I', i.at, s.spcname)
            FROM index AS i JOIN pg_tablespace AS s ON s.oid = i.reltablespace
          UNION ALL
            SELECT 1, format('COMMENT ON INDEX {index %s} IS %L', at, obj_description(oid, 'pg_class'))
            FROM index WHERE obj_description(oid, 'pg_class') IS NOT NULL
          UNION ALL
            SELECT 1, format('COMMENT ON MATERIALIZED VIEW {view} IS %L', obj_description(c.oid, 'pg_class'))
            WHERE obj_description(c.oid, 'pg_class') IS NOT NULL
          UNION ALL
            SELECT 1, format('COMMENT ON COLUMN {view}.%I IS %L', a.attname, col_description(c.oid, a.attnum))
            FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NOT NULL
          UNION ALL
            SELECT 1, format('ALTER MATERIALIZED VIEW {view} ALTER COLUMN %I SET STATISTICS %s', a.attname, a.attstattarget)
            FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attstattarget >= 0
          UNION ALL
            SELECT 2, format('GRANT %s%s ON {view} TO %s%s', acl.privilege_type, acl.columns,
                CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END,
                CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' END)
            FROM (SELECT NULL, (aclexplode(c.relacl)).*
                UNION ALL
                  SELECT format(' (%I)', a.attname), (aclexplode(a.attacl)).*
                  FROM pg_attribute AS a
                  WHERE a.attrelid = c.oid AND a.attnum > 0) AS acl (columns, grantor, grantee, privilege_type, is_grantable)
            WHERE acl.grantee <> c.relowner) AS s (rank, statement)),
    'clustered', (SELECT i.at FROM index AS i WHERE i.indisclustered),
    'views', (
        SELECT coalesce(jsonb_agg(format('CREATE OR REPLACE VIEW %s%s AS %s', v.oid::regclass,
            ' WITH (' || array_to_string(v.reloptions, ', ') || ')', pg_get_viewdef(v.oid)) ORDER BY v.oid), '[]')
        FROM depends AS d JOIN pg_class AS v ON v.oid = d.oid AND v.relkind = 'v'),
    'materialized', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('kind', 'materialized_view', 'schema', n.nspname, 'name', v.relname,
            'definition', rtrim(btrim(pg_get_viewdef(v.oid), E' \n'), ';')) ORDER BY v.oid), '[]')
        FROM depends AS d
        JOIN pg_class AS v ON v.oid = d.oid AND v.relkind = 'm'
        JOIN pg_namespace AS n ON n.oid = v.relnamespace))
FROM pg_class AS c
WHERE c.oid = $1;
