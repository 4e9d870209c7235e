--
-- portrait.sql: all that makes table $1 (an OID) what it is, as one JSON document
-- Needs:   PostgreSQL 15; a search_path without the user's schemas, so that every name comes qualified
-- Locks:   ACCESS SHARE on each table and index of the tree for a moment, to read its size
-- Expect:  one row; no row when $1 is gone
--
-- The shape is that of `portrait::Portrait` in crates/convert. {table} stands for the table's
-- name in statements whose text the catalogs do not give. What belongs to a conversion itself
-- (names like partition_convert_1, all that is in the schema partition_convert) is left out.
--
WITH RECURSIVE
tree (oid, level, path) AS (
    -- Parents before partitions, and partitions by OID, as PostgreSQL locks them itself.
    SELECT c.oid, 0, ARRAY[]::oid[]
    FROM pg_class c
    WHERE c.oid = $1::oid
  UNION ALL
    SELECT i.inhrelid, t.level + 1, t.path || i.inhrelid
    FROM tree t
    JOIN pg_partitioned_table p ON p.partrelid = t.oid
    JOIN pg_inherits i ON i.inhparent = t.oid
),
leaf AS MATERIALIZED (
    SELECT c.oid, c.relname::text AS name, n.nspname::text AS schema, c.reltuples, c.relkind, c.reloptions,
           c.reltoastrelid,
           coalesce(pg_relation_size(c.oid), 0) / current_setting('block_size')::int AS blocks,
           coalesce(pg_table_size(c.oid), 0) AS heap_bytes
    FROM tree t
    JOIN pg_class c ON c.oid = t.oid AND c.relkind <> 'p'
    JOIN pg_namespace n ON n.oid = c.relnamespace
),
index_tree (root, oid) AS (
    SELECT x.indexrelid, x.indexrelid
    FROM pg_index x
    WHERE x.indrelid = $1::oid
  UNION ALL
    SELECT t.root, i.inhrelid
    FROM index_tree t
    JOIN pg_inherits i ON i.inhparent = t.oid
),
index_size AS MATERIALIZED (
    SELECT t.root, sum(coalesce(pg_relation_size(t.oid), 0))::bigint AS bytes
    FROM index_tree t
    GROUP BY t.root
),
base_type (attnum, oid) AS (
    -- Down through domains over domains.
    SELECT a.attnum, a.atttypid
    FROM pg_attribute a
    WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
    SELECT b.attnum, y.typbasetype
    FROM base_type b
    JOIN pg_type y ON y.oid = b.oid AND y.typtype = 'd'
),
depends AS MATERIALIZED (
    -- What names the table, a column of it, or its row type, or a partition or its row type.
    SELECT DISTINCT d.classid, d.objid, d.objsubid, d.deptype, t.oid AS relation, false AS by_type
    FROM tree t
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid
  UNION
    SELECT DISTINCT d.classid, d.objid, d.objsubid, d.deptype, t.oid, true
    FROM tree t
    JOIN pg_class c ON c.oid = t.oid
    JOIN pg_type y ON y.oid IN (c.reltype, (SELECT r.typarray FROM pg_type r WHERE r.oid = c.reltype))
    JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid = y.oid AND d.deptype = 'n'
),
foreign_keys AS MATERIALIZED (
    -- Copies for partitions left out.
    SELECT k.conname::text AS name, k.conrelid, k.confrelid, jsonb_build_object(
        'name', k.conname,
        'table', k.conrelid::regclass::text,
        'references', k.confrelid::regclass::text,
        'to_itself', k.conrelid = k.confrelid,
        'other_partitioned', (
            SELECT o.relkind = 'p'
            FROM pg_class o
            WHERE o.oid = CASE k.conrelid WHEN $1::oid THEN k.confrelid ELSE k.conrelid END),
        'columns', ARRAY(
            SELECT a.attname::text
            FROM unnest(k.conkey) WITH ORDINALITY u (n, at)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n
            ORDER BY u.at),
        'referenced_columns', ARRAY(
            SELECT a.attname::text
            FROM unnest(k.confkey) WITH ORDINALITY u (n, at)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n
            ORDER BY u.at),
        'definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
        'valid', k.convalidated,
        'comment', obj_description(k.oid, 'pg_constraint')) AS seen
    FROM pg_constraint k
    WHERE k.contype = 'f' AND k.conparentid = 0 AND $1::oid IN (k.conrelid, k.confrelid)
      AND k.conname !~ '^partition_convert_'
),
beneath AS (
    SELECT t.oid FROM tree t WHERE t.level > 0
),
dependents (identity, carried) AS (
    -- Bodies, rules and policies are made again over the new table; what uses the row type or a partition is not.
    SELECT pg_describe_object(d.classid, d.objid, d.objsubid),
           bool_and(NOT d.by_type AND d.relation = $1::oid)
    FROM depends d
    LEFT JOIN pg_namespace ours ON ours.nspname = 'partition_convert'
    LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
    WHERE d.deptype = 'n'
      AND CASE d.classid
          WHEN 'pg_proc'::regclass THEN EXISTS (
              SELECT FROM pg_proc f WHERE f.oid = d.objid AND f.pronamespace IS DISTINCT FROM ours.oid)
          WHEN 'pg_type'::regclass THEN true
          -- Columns of the row type.
          WHEN 'pg_class'::regclass THEN EXISTS (
              SELECT FROM pg_class o
              WHERE o.oid = d.objid AND o.relkind NOT IN ('i', 'I') AND o.relnamespace IS DISTINCT FROM ours.oid
                AND o.oid NOT IN (SELECT t.oid FROM tree t))
          -- Other tables' rules, and views of a partition; the table's own views and rules stand elsewhere.
          WHEN 'pg_rewrite'::regclass THEN r.ev_class NOT IN (SELECT t.oid FROM tree t)
              AND (r.rulename <> '_RETURN' OR d.relation <> $1::oid)
          WHEN 'pg_policy'::regclass THEN EXISTS (
              SELECT FROM pg_policy p WHERE p.oid = d.objid AND p.polrelid NOT IN (SELECT t.oid FROM tree t))
          ELSE false END
    GROUP BY 1
  UNION
    -- What only a partition has.
    SELECT pg_describe_object('pg_constraint'::regclass, k.oid, 0), false
    FROM pg_constraint k
    WHERE k.contype = 'f' AND k.conparentid = 0
      AND (k.conrelid IN (SELECT b.oid FROM beneath b) OR k.confrelid IN (SELECT b.oid FROM beneath b))
  UNION
    SELECT pg_describe_object('pg_constraint'::regclass, k.oid, 0), false
    FROM beneath b
    JOIN pg_constraint k ON k.conrelid = b.oid AND k.contype = 'c' AND k.coninhcount = 0
                        AND k.conname !~ '^partition_convert_'
  UNION
    SELECT pg_describe_object('pg_trigger'::regclass, g.oid, 0), false
    FROM beneath b
    JOIN pg_trigger g ON g.tgrelid = b.oid AND NOT g.tgisinternal AND g.tgparentid = 0
                     AND g.tgname !~ '^partition_convert_'
  UNION
    SELECT format('%s on %s', pg_describe_object('pg_class'::regclass, x.indexrelid, 0), x.indrelid::regclass), false
    FROM beneath b
    JOIN pg_index x ON x.indrelid = b.oid
    WHERE NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = x.indexrelid)
  UNION
    SELECT pg_describe_object('pg_policy'::regclass, p.oid, 0), false
    FROM beneath b
    JOIN pg_policy p ON p.polrelid = b.oid
  UNION
    SELECT pg_describe_object('pg_publication_rel'::regclass, m.oid, 0), false
    FROM beneath b
    JOIN pg_publication_rel m ON m.prrelid = b.oid
  UNION
    SELECT format('%s on %s', pg_describe_object('pg_statistic_ext'::regclass, s.oid, 0), s.stxrelid::regclass), false
    FROM beneath b
    JOIN pg_statistic_ext s ON s.stxrelid = b.oid
  UNION
    SELECT format('the %s of partition %s', own.what, b.oid::regclass), false
    FROM beneath b
    JOIN pg_class p ON p.oid = b.oid
    JOIN pg_class whole ON whole.oid = $1::oid,
         LATERAL (VALUES ('replica identity', p.relreplident <> whole.relreplident),
                         ('row level security', p.relrowsecurity),
                         ('privileges', EXISTS (
                             SELECT a.grantee, a.privilege_type FROM aclexplode(p.relacl) a WHERE a.grantee <> p.relowner
                             EXCEPT SELECT a.grantee, a.privilege_type FROM aclexplode(whole.relacl) a)),
                         ('tablespace', p.relkind = 'r' AND p.reltablespace <> whole.reltablespace)) own (what, differs)
    WHERE own.differs
  UNION
    SELECT format('the tablespace of index %s on partition %s', i.inhrelid::regclass, x.indrelid::regclass), false
    FROM beneath b
    JOIN pg_index x ON x.indrelid = b.oid
    JOIN pg_inherits i ON i.inhrelid = x.indexrelid
    JOIN pg_class own ON own.oid = i.inhrelid AND own.relkind = 'i'
    JOIN pg_class whole ON whole.oid = i.inhparent AND whole.reltablespace <> own.reltablespace
),
privilege AS MATERIALIZED (
    SELECT 0 AS attnum, '' AS columns, acl.*, c.relowner
    FROM pg_class c, aclexplode(c.relacl) acl
    WHERE c.oid = $1::oid
  UNION ALL
    SELECT a.attnum, format(' (%I)', a.attname), acl.*, c.relowner
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped,
         aclexplode(a.attacl) acl
    WHERE c.oid = $1::oid
)
SELECT jsonb_build_object(
    'oid', c.oid::bigint,
    'schema', n.nspname,
    'name', c.relname,
    'kind', c.relkind,
    'persistence', c.relpersistence,
    'owner', pg_get_userbyid(c.relowner),
    'partition_key', pg_get_partkeydef(c.oid),
    'partition_columns', ARRAY(
        SELECT a.attname::text
        FROM pg_partitioned_table p, unnest(p.partattrs::int2[]) WITH ORDINALITY k (n, at)
        LEFT JOIN pg_attribute a ON a.attrelid = $1::oid AND a.attnum = k.n AND k.n > 0
        WHERE p.partrelid = c.oid
        ORDER BY k.at),
    'parent', (
        SELECT jsonb_build_object(
            'oid', p.oid::bigint,
            'schema', pn.nspname,
            'name', p.relname,
            'partition_key', pg_get_partkeydef(p.oid),
            'bound', pg_get_expr(c.relpartbound, c.oid),
            'default', nullif(k.partdefid, 0)::regclass::text,
            'siblings', ARRAY(
                SELECT pg_get_expr(s.relpartbound, s.oid)
                FROM pg_inherits si
                JOIN pg_class s ON s.oid = si.inhrelid
                WHERE si.inhparent = p.oid AND s.oid <> c.oid
                ORDER BY s.oid))
        FROM pg_inherits i
        JOIN pg_class p ON p.oid = i.inhparent
        JOIN pg_namespace pn ON pn.oid = p.relnamespace
        JOIN pg_partitioned_table k ON k.partrelid = p.oid
        WHERE i.inhrelid = c.oid AND c.relispartition),
    'leaves', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'oid', l.oid::bigint,
            'schema', l.schema,
            'name', l.name,
            'blocks', l.blocks,
            'rows', l.reltuples,
            'foreign', l.relkind = 'f') ORDER BY l.name COLLATE "C", l.schema COLLATE "C"), '[]')
        FROM leaf l),
    'tree', (SELECT jsonb_agg(t.oid::bigint ORDER BY t.level, t.path) FROM tree t),
    'columns', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', a.attname,
            'data_type', format_type(a.atttypid, a.atttypmod),
            'base_type', (SELECT y.typname
                          FROM base_type b JOIN pg_type y ON y.oid = b.oid AND y.typtype <> 'd'
                          WHERE b.attnum = a.attnum),
            'not_null', a.attnotnull,
            'default', pg_get_expr(d.adbin, d.adrelid),
            'identity', nullif(a.attidentity, ''),
            'generated', nullif(a.attgenerated, ''),
            'sequence', (
                SELECT jsonb_build_object('oid', s.oid::bigint, 'schema', sn.nspname, 'name', s.relname)
                FROM pg_depend o
                JOIN pg_class s ON s.oid = o.objid AND s.relkind = 'S'
                JOIN pg_namespace sn ON sn.oid = s.relnamespace
                WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass
                  AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype IN ('a', 'i')
                -- Identity's own before one that somebody made OWNED BY the same column.
                ORDER BY o.deptype = 'i' DESC, s.oid
                LIMIT 1)) ORDER BY a.attnum), '[]')
        FROM pg_attribute a
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'indexes', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'oid', i.oid::bigint,
            'name', i.relname,
            -- The text ahead of USING is known to the letter, and names may hold " USING ".
            'using', substr(pg_get_indexdef(i.oid), 1 + length(format('CREATE %sINDEX %I ON %s%I.%I USING ',
                         CASE WHEN x.indisunique THEN 'UNIQUE ' END, i.relname,
                         CASE WHEN i.relkind = 'I' THEN 'ONLY ' END, n.nspname, c.relname))),
            'columns', ARRAY(
                SELECT a.attname::text
                FROM unnest((x.indkey::int2[])[0:x.indnkeyatts - 1]) WITH ORDINALITY k (n, at)
                LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n AND k.n > 0
                ORDER BY k.at),
            'unique', x.indisunique,
            'nulls_not_distinct', x.indnullsnotdistinct,
            'partial', x.indpred IS NOT NULL,
            'valid', x.indisvalid,
            -- A key WITHOUT OVERLAPS (18) is an exclusion constraint beneath.
            'constraint', CASE WHEN x.indisexclusion THEN 'x' ELSE k.contype END,
            'deferrable', coalesce(k.condeferrable, false),
            'deferred', coalesce(k.condeferred, false),
            'replica_identity', x.indisreplident,
            -- A partitioned index bears no mark itself: whether all of its leaves do.
            'clustered', x.indisclustered OR coalesce((
                SELECT bool_and(l.indisclustered)
                FROM index_tree t JOIN pg_class lc ON lc.oid = t.oid AND lc.relkind = 'i'
                JOIN pg_index l ON l.indexrelid = t.oid
                WHERE t.root = i.oid), false),
            'tablespace', (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = i.reltablespace),
            'comment', obj_description(i.oid, 'pg_class'),
            'bytes', coalesce(z.bytes, 0)) ORDER BY i.relname COLLATE "C"), '[]')
        FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid
        LEFT JOIN index_size z ON z.root = i.oid
        LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x')
        WHERE x.indrelid = c.oid),
    'constraints', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', k.conname,
            'kind', k.contype,
            'definition', pg_get_constraintdef(k.oid),
            'valid', k.convalidated) ORDER BY k.conname COLLATE "C"), '[]')
        FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype IN ('c', 'n', 'x') AND k.conname !~ '^partition_convert_'),
    'foreign_keys_out', (
        SELECT coalesce(jsonb_agg(f.seen ORDER BY f.name COLLATE "C"), '[]')
        FROM foreign_keys f WHERE f.conrelid = c.oid),
    'foreign_keys_in', (
        SELECT coalesce(jsonb_agg(f.seen ORDER BY f.seen ->> 'table', f.name COLLATE "C"), '[]')
        FROM foreign_keys f WHERE f.confrelid = c.oid),
    'triggers', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', g.tgname,
            'definition', pg_get_triggerdef(g.oid),
            'enabled', g.tgenabled,
            'row', g.tgtype & 1 = 1,
            'transition', g.tgoldtable IS NOT NULL OR g.tgnewtable IS NOT NULL,
            'comment', obj_description(g.oid, 'pg_trigger')) ORDER BY g.tgname COLLATE "C"), '[]')
        FROM pg_trigger g
        JOIN pg_proc f ON f.oid = g.tgfoid
        WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgparentid = 0
          AND g.tgname !~ '^partition_convert_' AND f.pronamespace IS DISTINCT FROM ours.oid),
    'policies', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', p.polname,
            'definition', format('CREATE POLICY %I ON {table} AS %s FOR %s TO %s', p.polname,
                CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                              WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                (SELECT string_agg(CASE r.oid WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.oid)) END,
                                   ', ' ORDER BY r.at)
                 FROM unnest(p.polroles) WITH ORDINALITY r (oid, at)))
                || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
                || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''))
            ORDER BY p.polname COLLATE "C"), '[]')
        FROM pg_policy p
        WHERE p.polrelid = c.oid),
    'row_security', c.relrowsecurity,
    'force_row_security', c.relforcerowsecurity,
    'views', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'oid', v.oid::bigint,
            'schema', vn.nspname,
            'name', v.relname,
            'materialized', v.relkind = 'm',
            'populated', v.relispopulated,
            'definition', rtrim(btrim(pg_get_viewdef(v.oid), E' \n'), ';'),
            'options', coalesce(to_jsonb(v.reloptions), '[]'),
            'needs_key', EXISTS (
                SELECT FROM pg_depend d
                JOIN pg_constraint k ON k.oid = d.refobjid AND k.conrelid = c.oid
                WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                  AND d.refclassid = 'pg_constraint'::regclass))
            ORDER BY vn.nspname COLLATE "C", v.relname COLLATE "C"), '[]')
        FROM (SELECT DISTINCT d.objid FROM depends d
              WHERE d.classid = 'pg_rewrite'::regclass AND d.relation = c.oid) d
        JOIN pg_rewrite r ON r.oid = d.objid AND r.rulename = '_RETURN'
        JOIN pg_class v ON v.oid = r.ev_class AND v.relnamespace IS DISTINCT FROM ours.oid
        JOIN pg_namespace vn ON vn.oid = v.relnamespace),
    'publications', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', p.pubname,
            'all', m.prrelid IS NULL,
            'tail', coalesce((SELECT format(' (%s)', string_agg(quote_ident(a.attname), ', ' ORDER BY k.at))
                              FROM unnest(m.prattrs::int2[]) WITH ORDINALITY k (n, at)
                              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.n
                              HAVING count(*) > 0), '')
                    || coalesce(' WHERE (' || pg_get_expr(m.prqual, m.prrelid) || ')', ''),
            'via_root', p.pubviaroot) ORDER BY p.pubname COLLATE "C"), '[]')
        FROM pg_publication p
        LEFT JOIN pg_publication_rel m ON m.prpubid = p.oid AND m.prrelid = c.oid
        WHERE m.prrelid IS NOT NULL OR p.puballtables OR EXISTS (
            SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = c.relnamespace)),
    'statistics', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'schema', sn.nspname,
            'name', s.stxname,
            'definition', pg_get_statisticsobjdef(s.oid)) ORDER BY s.stxname COLLATE "C"), '[]')
        FROM pg_statistic_ext s
        JOIN pg_namespace sn ON sn.oid = s.stxnamespace
        WHERE s.stxrelid = c.oid),
    'grants', (
        SELECT coalesce(jsonb_agg(g.statement ORDER BY g.rank, g.statement COLLATE "C"), '[]')
        FROM (
            -- What the owner took from itself, then what it gave to others.
            SELECT 0, format('REVOKE %s ON {table} FROM %I',
                             string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), pg_get_userbyid(c.relowner))
            FROM aclexplode(acldefault('r', c.relowner)) a
            WHERE c.relacl IS NOT NULL AND NOT EXISTS (
                SELECT FROM privilege p
                WHERE p.attnum = 0 AND p.grantee = c.relowner AND p.privilege_type = a.privilege_type)
            HAVING count(*) > 0
          UNION ALL
            SELECT 1 + p.attnum, format('GRANT %s ON {table} TO %s%s',
                string_agg(DISTINCT p.privilege_type || p.columns, ', '),
                CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(p.grantee)) END,
                CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION' END)
            FROM privilege p
            WHERE p.grantee <> p.relowner
            GROUP BY p.attnum, p.grantee, p.is_grantable) g (rank, statement)),
    'comment', obj_description(c.oid, 'pg_class'),
    'options', ARRAY(
        -- A partitioned table has none of its own: those that all its leaves have.
        SELECT o.option
        FROM (SELECT unnest(l.reloptions) FROM leaf l
            UNION ALL
              SELECT 'toast.' || unnest(t.reloptions) FROM leaf l JOIN pg_class t ON t.oid = l.reltoastrelid) o (option)
        GROUP BY o.option
        HAVING count(*) = (SELECT count(*) FROM leaf)
        ORDER BY o.option),
    'tablespace', (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace),
    'replica_identity', c.relreplident,
    'rules', ARRAY(
        SELECT pg_get_ruledef(r.oid)
        FROM pg_rewrite r
        WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN'
        ORDER BY r.rulename),
    'inheritance', ARRAY(
        SELECT i.inhparent::regclass::text
        FROM pg_inherits i
        WHERE i.inhrelid = c.oid AND NOT c.relispartition
      UNION ALL
        SELECT i.inhrelid::regclass::text
        FROM pg_inherits i
        WHERE i.inhparent = c.oid AND c.relkind <> 'p'
        ORDER BY 1),
    'dependents', ARRAY(SELECT d.identity FROM dependents d WHERE NOT d.carried ORDER BY d.identity COLLATE "C"),
    'rebound', ARRAY(SELECT d.identity FROM dependents d WHERE d.carried ORDER BY d.identity COLLATE "C"),
    'extension', (
        SELECT e.extname
        FROM pg_depend d
        JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
          AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'),
    'rows', (SELECT CASE WHEN count(*) FILTER (WHERE l.reltuples < 0 AND l.blocks > 0) = 0
                         THEN coalesce(sum(greatest(l.reltuples, 0)::float8), 0) END
             FROM leaf l),
    'heap_bytes', (SELECT coalesce(sum(l.heap_bytes), 0)::bigint FROM leaf l),
    'index_bytes', (SELECT coalesce(sum(z.bytes), 0)::bigint FROM index_size z))
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_namespace ours ON ours.nspname = 'partition_convert'
WHERE c.oid = $1::oid;
