--
-- circumstances.sql: what this session may do with table $1 (an OID), and what the server allows
-- Needs:   nothing
-- Locks:   none
-- Expect:  one row; its JSON has the shape of design::Circumstances in crates/convert
--
WITH typed AS (
    -- Columns whose type has a default operator class, by access method: partition keys need one.
    SELECT a.attname, m.amname
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
    CROSS JOIN pg_am m
    WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND m.amname IN ('btree', 'hash')
      AND EXISTS (
          SELECT FROM pg_opclass o
          WHERE o.opcmethod = m.oid AND o.opcdefault
            AND (o.opcintype = b.oid
              OR o.opcintype = CASE WHEN b.typtype = 'e' THEN 'anyenum'::regtype
                                    WHEN b.typtype = 'r' THEN 'anyrange'::regtype
                                    WHEN b.typtype = 'm' THEN 'anymultirange'::regtype
                                    WHEN b.typtype = 'c' THEN 'record'::regtype
                                    WHEN b.typcategory = 'A' THEN 'anyarray'::regtype END
              OR EXISTS (SELECT FROM pg_cast c
                         WHERE c.castsource = b.oid AND c.casttarget = o.opcintype
                           AND c.castmethod = 'b' AND c.castcontext = 'i')))
)
SELECT jsonb_build_object(
    'version', current_setting('server_version_num')::int / 10000,
    'role', current_user,
    'owns', pg_has_role(c.relowner, 'USAGE'),
    'creates_in_schema', has_schema_privilege(c.relnamespace, 'CREATE'),
    'creates_schema', has_database_privilege(current_database(), 'CREATE'),
    'sees_all_rows', (SELECT r.rolsuper OR r.rolbypassrls FROM pg_roles r WHERE r.rolname = current_user),
    -- A schema of our name that somebody else filled.
    'schema_is_strange', to_regclass('partition_convert.conversions') IS NULL AND EXISTS (
        SELECT FROM pg_class o WHERE o.relnamespace = to_regnamespace('partition_convert')),
    'comparable', ARRAY(SELECT t.attname FROM typed t WHERE t.amname = 'btree'),
    'hashable', ARRAY(SELECT t.attname FROM typed t WHERE t.amname = 'hash'),
    'system', c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace))
FROM pg_class c
WHERE c.oid = $1::oid;
