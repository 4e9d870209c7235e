--
-- type.sql: what type $1 (an OID) is made of
-- Needs:   PostgreSQL 14 (multiranges)
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  one row; no row when there is no such type
--
-- element: of an array; base: of a domain; subtype: of a range or multirange.
--
SELECT t.typname::text                                            AS name,
       t.typtype::text                                            AS kind,
       format_type(t.oid, NULL)                                   AS sql_name,
       CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc
            THEN t.typelem ELSE 0 END                             AS element,
       t.typbasetype                                              AS base,
       t.typtypmod                                                AS base_modifier,
       t.typnotnull                                               AS not_null,
       coalesce((SELECT r.rngsubtype FROM pg_range r
                 WHERE t.oid IN (r.rngtypid, r.rngmultitypid)), 0) AS subtype,
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e
             WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)  AS labels,
       ARRAY(SELECT a.atttypid FROM pg_attribute a
             WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY a.attnum)                                   AS parts,
       ARRAY(SELECT a.atttypmod FROM pg_attribute a
             WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY a.attnum)                                   AS part_modifiers,
       ARRAY(SELECT pg_get_expr(c.conbin, 0) FROM pg_constraint c
             WHERE c.contypid = t.oid AND c.contype = 'c'
             ORDER BY c.conname)                                  AS checks
FROM pg_type t
WHERE t.oid = $1::oid;
