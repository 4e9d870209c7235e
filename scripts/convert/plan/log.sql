-- Names are looked up in pg_catalog and nowhere else; what {source}'s own CHECKs call, where your sessions look.
SELECT pg_catalog.set_config('partition_lab.user_search_path', pg_catalog.current_setting('search_path'), false);
SET search_path = pg_catalog, pg_temp;

-- 1. Every change of {source} from now on is known: the keys of changed rows go into a log.

CREATE SCHEMA IF NOT EXISTS partition_convert;

-- Whoever rules over the schema, or may make something in it, could have a function of theirs called here with your rights.
DO $body$
DECLARE
    strangers text;
BEGIN
    SELECT string_agg(CASE WHEN ruler.oid = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(ruler.oid)::text END, ', ') INTO strangers
    FROM (SELECT nspowner FROM pg_namespace WHERE nspname = 'partition_convert'
        UNION
          SELECT c.relowner FROM pg_class c
          WHERE c.relnamespace = 'partition_convert'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'f', 'S')
        UNION
          SELECT p.proowner FROM pg_proc p WHERE p.pronamespace = 'partition_convert'::regnamespace
        UNION
          SELECT o.oprowner FROM pg_operator o WHERE o.oprnamespace = 'partition_convert'::regnamespace
        UNION
          SELECT t.typowner FROM pg_type t
          WHERE t.typnamespace = 'partition_convert'::regnamespace AND t.typrelid = 0 AND t.typelem = 0
        UNION
          SELECT a.grantee FROM pg_namespace n, aclexplode(n.nspacl) a
          WHERE n.nspname = 'partition_convert' AND a.privilege_type = 'CREATE') AS ruler (oid)
    LEFT JOIN pg_roles r ON r.oid = ruler.oid
    JOIN pg_roles me ON me.rolname = current_user
    WHERE (r.oid = me.oid OR r.rolsuper OR NOT me.rolsuper AND pg_has_role(r.oid, 'MEMBER')) IS NOT TRUE;
    IF strangers IS NOT NULL THEN
        RAISE EXCEPTION 'schema partition_convert is not this role''s alone: % could have functions in it run with your rights', strangers
            USING ERRCODE = 'insufficient_privilege', HINT = 'See what is in it, and take it over: \dn+ partition_convert in psql, '
                'REASSIGN OWNED, REVOKE CREATE ON SCHEMA partition_convert. Then run the script again.';
    END IF;
END
$body$;

-- Runs `work` under locks that are waited for 100 ms at most, for others wait behind; tries again, up to a minute.
CREATE PROCEDURE {briefly}(work text)
LANGUAGE plpgsql AS $body$
BEGIN
    FOR attempt IN 1..300 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '100ms', true);
            EXECUTE work;
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            NULL;
        END;
        COMMIT;
        PERFORM pg_sleep(0.05 + random() * 0.1);
        COMMIT;
    END LOOP;
    RAISE EXCEPTION 'the locks were not to be had within 300 attempts; nothing has changed, try again';
END
$body$;
REVOKE ALL ON PROCEDURE {briefly}(text) FROM PUBLIC;

-- Runs `work` for each leaf's blocks, some at a time, each time in a transaction of its own. Goes on where it stopped.
CREATE TABLE {progress} (
    what       text,
    leaf       regclass,
    next_block bigint NOT NULL,
    PRIMARY KEY (what, leaf)
);

CREATE PROCEDURE {in_batches}(what text, work text, leaves regclass[], step bigint DEFAULT 1000)
LANGUAGE plpgsql AS $body$
#variable_conflict use_variable
DECLARE
    leaf  regclass;
    block bigint;
    ends  bigint;
BEGIN
    FOREACH leaf IN ARRAY leaves LOOP
        block := coalesce((SELECT p.next_block FROM {progress} p
                           WHERE p.what = what AND p.leaf = leaf), 0);
        ends := pg_relation_size(leaf) / current_setting('block_size')::bigint;
        WHILE block < ends LOOP
            EXECUTE replace(work, '{leaf}', leaf::text)
            USING format('(%s,0)', block)::tid, format('(%s,0)', block + step)::tid;
            PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
            block := block + step;
            INSERT INTO {progress} VALUES (what, leaf, block)
            ON CONFLICT ON CONSTRAINT {progress_key} DO UPDATE SET next_block = excluded.next_block;
            COMMIT;
        END LOOP;
    END LOOP;
END
$body$;
REVOKE ALL ON PROCEDURE {in_batches}(text, text, regclass[], bigint) FROM PUBLIC;

CREATE TABLE {log} (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
{log_columns}
);

CREATE FUNCTION {log_function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF coalesce(pg_partition_root(TG_RELID), TG_RELID) <> {source_literal}::regclass THEN
        RAISE EXCEPTION '% is not what is converted', TG_RELID::regclass USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO {log} ({columns}) VALUES ({old});
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO {log} ({columns}) VALUES ({new});
    END IF;
    RETURN NULL;
END
$body$;
REVOKE ALL ON FUNCTION {log_function}() FROM PUBLIC;

CREATE FUNCTION {truncate_function}() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    RAISE EXCEPTION 'cannot truncate % while it is converted', TG_RELID::regclass;
END
$body$;
REVOKE ALL ON FUNCTION {truncate_function}() FROM PUBLIC;

