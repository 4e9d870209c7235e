--
-- partition_keys.sql: the partitioned tables $1 (OIDs) and all beneath them, with their partition keys
-- Needs:   PostgreSQL 14 (inhdetachpending); partition_lab.query_search_path (search_path.rs): names are
--          printed as the query's plan prints them
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row a table, parents first; the key's columns are NULL for a leaf
--
-- The arrays have an element a part of the key. columns: NULL for an expression; expressions: all of
-- them as one list; types: of the operator class, then of the column (NULL for an expression); deterministic: the collations
-- of all of the table's columns and of its key. Partitions pending detach, which queries do not see, are left out.
--
WITH RECURSIVE tree (root, oid, parent, level) AS (
    SELECT named.oid, named.oid, NULL::oid, 0
    FROM unnest($1::oid[]) AS named (oid)
  UNION ALL
    SELECT t.root, i.inhrelid, t.oid, t.level + 1
    FROM tree t
    JOIN pg_partitioned_table p ON p.partrelid = t.oid
    JOIN pg_inherits i ON i.inhparent = t.oid AND NOT i.inhdetachpending
)
SELECT t.root,
       t.oid,
       t.parent,
       t.level,
       CASE WHEN c.relnamespace = pg_my_temp_schema() THEN 'pg_temp'
            ELSE n.nspname::text END                                   AS schema,
       c.relname::text                                                 AS name,
       p.partstrat::text                                               AS strategy,
       p.partdefid                                                     AS default_partition,
       key.columns,
       pg_get_expr(p.partexprs, p.partrelid)                           AS expressions,
       key.families,
       key.class_types,
       key.column_types,
       key.foreign_collations,
       key.deterministic
FROM tree t
JOIN pg_class c ON c.oid = t.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_partitioned_table p ON p.partrelid = t.oid
LEFT JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY k.at)                                    AS columns,
           array_agg(o.opcfamily ORDER BY k.at)                                        AS families,
           array_agg(format_type(o.opcintype, NULL) ORDER BY k.at)                     AS class_types,
           array_agg(format_type(a.atttypid, NULL) ORDER BY k.at)                      AS column_types,
           -- The collation of the key, where a plain comparison with the column has another.
           array_agg(CASE WHEN k.key_collation <> a.attcollation THEN l.collname::text END
                     ORDER BY k.at)                                                    AS foreign_collations,
           NOT EXISTS (SELECT FROM pg_attribute a
                       JOIN pg_collation l ON l.oid = a.attcollation
                       WHERE a.attrelid = p.partrelid AND NOT l.collisdeterministic)
               AND NOT EXISTS (SELECT FROM pg_collation l
                               WHERE l.oid = ANY (p.partcollation::oid[])
                                 AND NOT l.collisdeterministic)                        AS deterministic
    FROM unnest(p.partattrs::int2[], p.partclass::oid[], p.partcollation::oid[])
         WITH ORDINALITY AS k (number, class, key_collation, at)
    JOIN pg_opclass o ON o.oid = k.class
    LEFT JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = k.number AND k.number > 0
    LEFT JOIN pg_collation l ON l.oid = k.key_collation) key ON p.partrelid IS NOT NULL
WHERE (SELECT set_config('search_path', current_setting('partition_lab.query_search_path'), true)) IS NOT NULL
ORDER BY t.level;
