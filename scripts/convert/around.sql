--
-- around.sql: what names table $1 (an OID) and is bound to that OID, as far as portrait.sql has it not
-- Needs:   a search_path without the user's schemas, so that every name comes qualified
-- Locks:   none
-- Expect:  one row; its JSON has the shape of moves::Around in crates/convert
--
WITH depends AS MATERIALIZED (
    SELECT DISTINCT d.classid, d.objid
    FROM pg_depend AS d
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND d.deptype = 'n'
),
policy AS (
    SELECT p.*
    FROM depends AS d
    JOIN pg_policy AS p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid AND p.polrelid <> $1
),
rule AS (
    SELECT r.*
    FROM depends AS d
    JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
                        AND r.rulename <> '_RETURN' AND r.ev_class <> $1
),
sequence AS (
    SELECT c.oid, c.relacl, c.relowner
    FROM pg_depend AS d
    JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.refobjid = $1 AND d.deptype = 'i'
)
SELECT jsonb_build_object(
    'owners', (
        SELECT coalesce(jsonb_object_agg(v.oid::bigint, pg_get_userbyid(v.relowner)), '{}')
        FROM depends AS d
        JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        JOIN pg_class AS v ON v.oid = r.ev_class AND v.relkind = 'v'),
    'leaves', (
        SELECT coalesce(jsonb_object_agg(k.conrelid::regclass::text, (
            SELECT jsonb_agg(t.relid::text ORDER BY t.relid)
            FROM pg_partition_tree(k.conrelid) AS t
            WHERE t.isleaf)), '{}')
        FROM pg_constraint AS k
        JOIN pg_class AS c ON c.oid = k.conrelid AND c.relkind = 'p'
        WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = $1 AND k.conrelid <> $1),
    'tables', (
        SELECT coalesce(jsonb_agg(DISTINCT o.oid::regclass::text), '[]')
        FROM (SELECT polrelid FROM policy UNION SELECT ev_class FROM rule) AS o (oid)
        -- LOCK TABLE would lock what is beneath a view as well.
        JOIN pg_class AS c ON c.oid = o.oid AND c.relkind IN ('r', 'p')),
    'replace', (
        SELECT coalesce(jsonb_agg(s.statement ORDER BY s.statement), '[]')
        FROM (
            SELECT pg_get_functiondef(f.oid)
            FROM depends AS d
            JOIN pg_proc AS f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid AND f.prosqlbody IS NOT NULL
          UNION ALL
            SELECT regexp_replace(pg_get_ruledef(oid), '^CREATE RULE', 'CREATE OR REPLACE RULE')
            FROM rule
          UNION ALL
            SELECT format('ALTER POLICY %I ON %s', polname, polrelid::regclass)
                || coalesce(' USING (' || pg_get_expr(polqual, polrelid) || ')', '')
                || coalesce(' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')', '')
            FROM policy) AS s (statement)),
    'comments', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('index', o.index, 'constraint', o.is_constraint, 'statement', o.statement)), '[]')
        FROM (
            SELECT (SELECT relname FROM pg_class WHERE oid = k.conindid), k.conindid <> 0,
                format('COMMENT ON CONSTRAINT %I ON {table} IS %L', k.conname, obj_description(k.oid, 'pg_constraint'))
            FROM pg_constraint AS k
            WHERE k.conrelid = $1 AND k.contype <> 'f' AND obj_description(k.oid, 'pg_constraint') IS NOT NULL
          UNION ALL
            SELECT i.relname, false, format('COMMENT ON INDEX %s IS %L', i.oid::regclass, obj_description(i.oid, 'pg_class'))
            FROM pg_index AS x
            JOIN pg_class AS i ON i.oid = x.indexrelid
            WHERE x.indrelid = $1 AND obj_description(x.indexrelid, 'pg_class') IS NOT NULL
          UNION ALL
            SELECT NULL, false, format('COMMENT ON POLICY %I ON {table} IS %L', p.polname, obj_description(p.oid, 'pg_policy'))
            FROM pg_policy AS p
            WHERE p.polrelid = $1 AND obj_description(p.oid, 'pg_policy') IS NOT NULL
          UNION ALL
            SELECT NULL, false, format('COMMENT ON STATISTICS %I.%I IS %L', n.nspname, s.stxname, obj_description(s.oid, 'pg_statistic_ext'))
            FROM pg_statistic_ext AS s JOIN pg_namespace AS n ON n.oid = s.stxnamespace
            WHERE s.stxrelid = $1 AND obj_description(s.oid, 'pg_statistic_ext') IS NOT NULL
          UNION ALL
            SELECT NULL, false, format('ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, s.stxname, s.stxstattarget)
            FROM pg_statistic_ext AS s JOIN pg_namespace AS n ON n.oid = s.stxnamespace
            WHERE s.stxrelid = $1 AND s.stxstattarget >= 0) AS o (index, is_constraint, statement)),
    'sequences', (
        SELECT coalesce(jsonb_object_agg(q.oid::bigint, q.statements), '{}')
        FROM (
            SELECT s.oid, (
                SELECT coalesce(jsonb_agg(statement), '[]')
                FROM (
                    -- LIKE makes them all bigint.
                    SELECT format('ALTER SEQUENCE {sequence} AS %s', q.seqtypid::regtype)
                    FROM pg_sequence AS q
                    WHERE q.seqrelid = s.oid AND q.seqtypid <> 'bigint'::regtype
                  UNION ALL
                    SELECT format('GRANT %s ON SEQUENCE {sequence} TO %s%s', a.privilege_type,
                        CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                        CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END)
                    FROM aclexplode(s.relacl) AS a
                    WHERE a.grantee <> s.relowner
                  UNION ALL
                    SELECT format('COMMENT ON SEQUENCE {sequence} IS %L', obj_description(s.oid, 'pg_class'))
                    WHERE obj_description(s.oid, 'pg_class') IS NOT NULL) AS l (statement))
            FROM sequence AS s) AS q (oid, statements)));
