-- All that a user of table $1 (its name, quoted and qualified) can see of it, one line a fact, without OIDs, and
-- without what being partitioned itself brings along. An empty search_path qualifies every name.
WITH t AS (SELECT $1::text::regclass::oid AS oid),
depends AS (
    SELECT DISTINCT d.classid, d.objid FROM t JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid
),
-- Views over it, and whatever is built upon these.
relation (oid) AS (
    WITH RECURSIVE upon (oid) AS (
        SELECT oid FROM t
      UNION
        SELECT r.ev_class FROM upon u
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = u.oid AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite r ON r.oid = d.objid)
    SELECT oid FROM upon
),
fact (line) AS (
    SELECT concat_ws(' | ', 'relation', c.oid::regclass, translate(c.relkind::text, 'p', 'r'), pg_get_userbyid(c.relowner),
        (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(c.relacl) a),
        c.relrowsecurity, c.relforcerowsecurity, obj_description(c.oid, 'pg_class'), c.relispopulated, c.relpersistence,
        CASE WHEN c.relkind IN ('v', 'm') THEN c.reloptions::text || pg_get_viewdef(c.oid) || c.reloptions::text END,
        CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
    FROM relation r JOIN pg_class c USING (oid)
  UNION ALL
    SELECT concat_ws(' | ', 'column', c.oid::regclass, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation,
        a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attstorage, a.attcompression, a.attstattarget,
        a.attoptions, (SELECT string_agg(x::text, ',' ORDER BY x::text) FROM unnest(a.attacl) x), col_description(c.oid, a.attnum))
    FROM relation r JOIN pg_class c USING (oid)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  UNION ALL
    SELECT concat_ws(' | ', 'constraint', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated, obj_description(k.oid, 'pg_constraint'))
    FROM t JOIN pg_constraint k ON k.conrelid = t.oid OR k.confrelid = t.oid
    WHERE k.conparentid = 0
  UNION ALL
    SELECT concat_ws(' | ', 'index', x.indrelid::regclass, x.indexrelid::regclass, replace(pg_get_indexdef(x.indexrelid), ' ON ONLY ', ' ON '), x.indisvalid,
        obj_description(x.indexrelid, 'pg_class'))
    FROM relation r JOIN pg_index x ON x.indrelid = r.oid
  UNION ALL
    -- Of all leaves, where it is partitioned; their rows are what these are for.
    SELECT DISTINCT concat_ws(' | ', 'index of rows', x.indexrelid::regclass, s.spcname, l.indisclustered, l.indisreplident)
    FROM relation r JOIN pg_index x ON x.indrelid = r.oid
    CROSS JOIN LATERAL (SELECT x.indexrelid UNION SELECT relid FROM pg_partition_tree(x.indexrelid)) p (oid)
    JOIN pg_class c ON c.oid = p.oid AND c.relkind = 'i' JOIN pg_index l ON l.indexrelid = c.oid
    LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
  UNION ALL
    SELECT concat_ws(' | ', 'trigger', g.tgrelid::regclass, g.tgname, pg_get_triggerdef(g.oid), g.tgenabled, obj_description(g.oid, 'pg_trigger'))
    FROM relation r JOIN pg_trigger g ON g.tgrelid = r.oid
    WHERE NOT g.tgisinternal AND g.tgname !~ '^partition_convert_'
  UNION ALL
    SELECT concat_ws(' | ', 'policy', p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid),
        obj_description(p.oid, 'pg_policy'))
    FROM pg_policy p, t WHERE p.polrelid = t.oid OR p.oid IN (SELECT objid FROM depends WHERE classid = 'pg_policy'::regclass)
  UNION ALL
    SELECT concat_ws(' | ', 'statistics', pg_get_statisticsobjdef(s.oid), s.stxstattarget, pg_get_userbyid(s.stxowner), obj_description(s.oid, 'pg_statistic_ext'))
    FROM t JOIN pg_statistic_ext s ON s.stxrelid = t.oid
  UNION ALL
    SELECT concat_ws(' | ', 'publication', p.pubname, (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (m.prattrs)), pg_get_expr(m.prqual, m.prrelid))
    FROM t JOIN pg_publication_rel m ON m.prrelid = t.oid JOIN pg_publication p ON p.oid = m.prpubid
  UNION ALL
    SELECT concat_ws(' | ', 'sequence', s.seqrelid::regclass, c.relacl, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
        pg_get_userbyid(c.relowner), obj_description(c.oid, 'pg_class'), d.deptype, (SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum = d.refobjsubid))
    FROM t JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_sequence s ON s.seqrelid = d.objid JOIN pg_class c ON c.oid = s.seqrelid
  UNION ALL
    SELECT concat_ws(' | ', 'function', pg_get_functiondef(f.oid))
    FROM depends d JOIN pg_proc f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid
  UNION ALL
    SELECT concat_ws(' | ', 'rule', pg_get_ruledef(r.oid))
    FROM depends d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename <> '_RETURN'
)
SELECT coalesce(string_agg(line, E'\n' ORDER BY line COLLATE "C"), '') FROM fact
