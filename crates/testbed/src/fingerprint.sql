SELECT coalesce(string_agg(line, E'\n' ORDER BY line), '')
FROM (
    SELECT concat_ws(' | ',
        format('%I.%I', n.nspname, c.relname), c.relkind, pg_get_userbyid(c.relowner), c.relacl,
        i.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid), obj_description(c.oid, 'pg_class'),
        CASE WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) END,
        (SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attidentity), ', ' ORDER BY attnum)
         FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
        (SELECT string_agg(concat_ws(' ', conname, pg_get_constraintdef(oid)), ', ' ORDER BY conname)
         FROM pg_constraint WHERE conrelid = c.oid),
        CASE WHEN c.relkind = 'r' THEN replace(query_to_xml(
            format('SELECT count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM ONLY %s AS t', c.oid::regclass),
            false, true, '')::text, E'\n', '') END) AS line
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
) AS lines
