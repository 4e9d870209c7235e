-- 1. Every change of {source} from now on is known: the keys of changed rows go into a log.

CREATE SCHEMA IF NOT EXISTS partition_convert;

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
            block := block + step;
            INSERT INTO {progress} VALUES (what, leaf, block)
            ON CONFLICT ON CONSTRAINT {progress_key} DO UPDATE SET next_block = excluded.next_block;
            COMMIT;
        END LOOP;
    END LOOP;
END
$body$;

CREATE TABLE {log} (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
{log_columns}
);

CREATE FUNCTION {log_function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO {log} ({columns}) VALUES ({old});
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO {log} ({columns}) VALUES ({new});
    END IF;
    RETURN NULL;
END
$body$;

CREATE FUNCTION {truncate_function}() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'cannot truncate % while it is converted', TG_RELID::regclass;
END
$body$;

