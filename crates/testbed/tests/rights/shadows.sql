--
-- shadows.sql: in public, a shadow of whatever SQL of ours could name
-- Needs:   superuser; an empty public
-- Locks:   none that anybody waits for
-- Runs:    in one transaction
-- Expect:  each shadow raises an error when it is called, and is told by its first word: SHADOW
--
-- A database's search_path of `public, pg_catalog` lets even those of the same arguments as PostgreSQL's own come first;
-- those of other arguments come first under any path that has public, where they match exactly.
--
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL check_function_bodies = off;
SET LOCAL client_min_messages = error;

CREATE FUNCTION public.shadow() RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RAISE EXCEPTION 'SHADOW was called'; END $$;

DO $shadows$
DECLARE
    -- Types that expressions of ours have.
    many    text[] := '{bool,"\"char\"",name,int2,int4,int8,oid,text,varchar,bpchar,float4,float8,numeric,date,time,interval,timestamp,timestamptz,uuid,json,jsonb,inet,bytea,xid,tid,regclass,regtype,regproc,regnamespace,text[],name[],int2[],int4[],oid[],int2vector,oidvector,regclass[]}';
    few     text[] := '{text,name,oid,int4,int8,regclass,varchar}';
    body    text := $$LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''SHADOW was called''; END'$$;
    one     record;
BEGIN
    -- Functions of the same arguments as PostgreSQL's own, but for those that no function in PL/pgSQL can have.
    FOR one IN
        SELECT DISTINCT p.proname, oidvectortypes(p.proargtypes) AS arguments
        FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prorettype <> 'internal'::regtype
          AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) a (oid) JOIN pg_type t USING (oid) WHERE t.typtype = 'p')
          -- Types' own input and output, of which there are many and which no statement names.
          AND p.proname !~ '(in|out|recv|send|typmodin|typmodout)$'
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION public.%I(%s) RETURNS int %s', one.proname, one.arguments, body);
    END LOOP;
    -- Those of any type, and of any number of them, for the types that ours are called with.
    FOR one IN
        SELECT DISTINCT p.proname, a.arguments
        FROM pg_proc p
        CROSS JOIN LATERAL (
            SELECT format('%s', x) AS arguments FROM unnest(many) x WHERE p.pronargs = 1 OR p.provariadic <> 0
          UNION ALL
            SELECT format('%s, %s', x, y) FROM unnest(many) x, unnest(few) y WHERE p.pronargs = 2 OR p.provariadic <> 0
          UNION ALL
            SELECT format('text, %s, %s', x, y) FROM unnest(few) x, unnest(few) y WHERE p.pronargs = 3 OR p.provariadic <> 0
          UNION ALL
            SELECT format('text, %s, %s, %s', x, y, z) FROM unnest(few) x, unnest(few) y, unnest(few) z
            WHERE p.proname IN ('format', 'concat_ws')) a
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND p.proname IN ('count', 'min', 'max', 'sum', 'array_agg', 'string_agg', 'jsonb_agg', 'json_agg', 'jsonb_build_object',
              'json_build_object', 'jsonb_build_array', 'json_build_array', 'jsonb_object_agg', 'concat', 'concat_ws', 'format',
              'num_nonnulls', 'num_nulls', 'array_append', 'array_cat', 'array_position', 'array_to_string', 'array_length',
              'cardinality', 'unnest', 'array_upper', 'array_lower', 'to_jsonb', 'row_to_json', 'quote_literal',
              'quote_nullable', 'pg_typeof', 'format_type', 'obj_description', 'greatest', 'least', 'hashtextextended')
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION public.%I(%s) RETURNS int %s', one.proname, one.arguments, body);
    END LOOP;
    -- A function that another type would call: regclass where PostgreSQL's takes oid, name where it takes text.
    FOR one IN
        SELECT DISTINCT p.proname, regexp_replace(oidvectortypes(p.proargtypes), '\m' || s.theirs || '\M', s.ours, 'g') AS arguments
        FROM pg_proc p, (VALUES ('oid', 'regclass'), ('text', 'name'), ('regclass', 'oid'), ('text', 'varchar'), ('bigint', 'integer')) s (theirs, ours)
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prorettype <> 'internal'::regtype
          AND p.proname ~ '^(pg_|has_|quote_|obj_|col_|to_|format|current_|set_|array_|json|string_|split_|left$|right$|replace|substr|lower|upper|length|md5|regexp_|abs|hash|row_|ac|txid|age)'
          AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) a (oid) JOIN pg_type t USING (oid) WHERE t.typtype = 'p')
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION public.%I(%s) RETURNS int %s', one.proname, one.arguments, body);
    END LOOP;

    -- Operators between any two of the types, and PostgreSQL's own.
    FOR one IN
        SELECT DISTINCT l, r
        FROM (SELECT format_type(x::regtype, NULL) AS l, format_type(y::regtype, NULL) AS r FROM unnest(many) x, unnest(many) y
              UNION
              SELECT format_type(oprleft, NULL), format_type(oprright, NULL) FROM pg_operator o
              JOIN pg_type a ON a.oid = oprleft JOIN pg_type b ON b.oid = oprright
              WHERE a.typtype <> 'p' AND b.typtype <> 'p') pairs
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION public.shadow(%s, %s) RETURNS boolean %s', one.l, one.r, body);
    END LOOP;
    FOR one IN
        SELECT DISTINCT op, l, r
        FROM (SELECT op, format_type(x::regtype, NULL) AS l, format_type(y::regtype, NULL) AS r
              FROM unnest(many) x, unnest(many) y,
                   unnest('{=,<>,<,<=,>,>=,||,~,!~,~~,!~~,~*,+,-,*,/}'::text[]) op
              UNION
              SELECT oprname, format_type(oprleft, NULL), format_type(oprright, NULL) FROM pg_operator o
              JOIN pg_type a ON a.oid = oprleft JOIN pg_type b ON b.oid = oprright
              WHERE a.typtype <> 'p' AND b.typtype <> 'p') pairs
    LOOP
        EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.shadow, LEFTARG = %s, RIGHTARG = %s)', one.op, one.l, one.r);
    END LOOP;

    -- Types and catalogs, which a path that begins with public finds first.
    FOR one IN SELECT unnest('{name,oid,text,int4,int8,bool,float8,date,timestamptz,uuid,json,jsonb,tid,regclass,regtype,regnamespace,regproc,inet}'::text[]) AS name LOOP
        EXECUTE format('CREATE DOMAIN public.%I AS pg_catalog.%1$I CHECK (public.shadow())', one.name);
    END LOOP;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v') LOOP
        EXECUTE format('CREATE VIEW public.%I AS SELECT public.shadow()', one.relname);
    END LOOP;
END
$shadows$;
