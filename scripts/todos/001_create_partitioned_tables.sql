--
-- 001_create_partitioned_tables.sql: active todos by user, completed ones by month, AI interactions by user
-- Needs:   todos/00_base.sql
-- Locks:   ROW SHARE on users, projects (foreign keys: SHARE ROW EXCLUSIVE), for a moment
-- Runs:    in one transaction
-- Expect:  todos_active with 16 partitions, todos_archived with one a month from the oldest completed todo to three months
--          ahead and a DEFAULT, ai_todo_interactions with 8; all empty
--

CREATE TABLE todo_app.todos_active (
    id             uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id        uuid         NOT NULL,
    parent_todo_id uuid,
    project_id     uuid,
    title          varchar(500) NOT NULL,
    description    text,
    status         text         NOT NULL DEFAULT 'todo',
    priority       int          NOT NULL DEFAULT 3,
    due_date       timestamptz,
    completed_at   timestamptz,
    ai_generated   boolean      NOT NULL DEFAULT false,
    created_at     timestamptz  NOT NULL DEFAULT now(),
    updated_at     timestamptz  NOT NULL DEFAULT now(),
    depth          smallint     NOT NULL DEFAULT 0,
    CONSTRAINT todos_active_pkey PRIMARY KEY (id, user_id),
    CONSTRAINT todos_active_user_id_fkey FOREIGN KEY (user_id) REFERENCES todo_app.users ON DELETE CASCADE,
    CONSTRAINT todos_active_project_id_fkey FOREIGN KEY (project_id) REFERENCES todo_app.projects ON DELETE SET NULL,
    CONSTRAINT todos_active_status_check CHECK (status IN ('todo', 'in_progress', 'done')),
    CONSTRAINT todos_active_priority_check CHECK (priority BETWEEN 1 AND 5),
    CONSTRAINT todos_active_completed_at_check CHECK (status <> 'done' OR completed_at IS NOT NULL),
    CONSTRAINT todos_active_depth_check CHECK (depth BETWEEN 0 AND 10)
) PARTITION BY HASH (user_id);

COMMENT ON TABLE todo_app.todos_active IS 'Partition Lab: what users work with. A query that names user_id reads one partition.';

CREATE TABLE todo_app.todos_archived (
    id             uuid         NOT NULL,
    user_id        uuid         NOT NULL,
    parent_todo_id uuid,
    project_id     uuid,
    title          varchar(500) NOT NULL,
    description    text,
    status         text         NOT NULL DEFAULT 'done',
    priority       int          NOT NULL DEFAULT 3,
    due_date       timestamptz,
    completed_at   timestamptz,
    ai_generated   boolean      NOT NULL DEFAULT false,
    created_at     timestamptz  NOT NULL DEFAULT now(),
    updated_at     timestamptz  NOT NULL DEFAULT now(),
    depth          smallint     NOT NULL DEFAULT 0,
    archived_at    timestamptz  NOT NULL DEFAULT now(),
    CONSTRAINT todos_archived_pkey PRIMARY KEY (id, archived_at),
    CONSTRAINT todos_archived_user_id_fkey FOREIGN KEY (user_id) REFERENCES todo_app.users ON DELETE CASCADE,
    CONSTRAINT todos_archived_project_id_fkey FOREIGN KEY (project_id) REFERENCES todo_app.projects ON DELETE SET NULL,
    CONSTRAINT todos_archived_status_check CHECK (status IN ('todo', 'in_progress', 'done')),
    CONSTRAINT todos_archived_priority_check CHECK (priority BETWEEN 1 AND 5),
    CONSTRAINT todos_archived_completed_at_check CHECK (status <> 'done' OR completed_at IS NOT NULL),
    CONSTRAINT todos_archived_depth_check CHECK (depth BETWEEN 0 AND 10)
) PARTITION BY RANGE (archived_at);

COMMENT ON TABLE todo_app.todos_archived IS 'Partition Lab: what is done. A month that no longer changes is dumped once, and dropped whole.';

CREATE TABLE todo_app.todos_archived_default PARTITION OF todo_app.todos_archived DEFAULT;

CREATE TABLE todo_app.ai_todo_interactions (
    id                 uuid        NOT NULL DEFAULT gen_random_uuid(),
    todo_id            uuid        NOT NULL,
    user_id            uuid        NOT NULL,
    interaction_type   text        NOT NULL,
    prompt             text        NOT NULL,
    response           text,
    subtasks_generated int         NOT NULL DEFAULT 0,
    model_used         text,
    created_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_todo_interactions_pkey PRIMARY KEY (id, user_id),
    CONSTRAINT ai_todo_interactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES todo_app.users ON DELETE CASCADE
) PARTITION BY HASH (user_id);

COMMENT ON TABLE todo_app.ai_todo_interactions IS 'Partition Lab: what a model was asked about a todo, and what it said.';

DO $$
BEGIN
    FOR n IN 0..15 LOOP
        EXECUTE format('CREATE TABLE todo_app.%I PARTITION OF todo_app.todos_active FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
                       'todos_active_part_' || to_char(n, 'FM00'), n);
    END LOOP;
    FOR n IN 0..7 LOOP
        EXECUTE format('CREATE TABLE todo_app.%I PARTITION OF todo_app.ai_todo_interactions FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                       'ai_todo_interactions_part_' || n, n);
    END LOOP;
END
$$;

CREATE TABLE todo_app.maintenance_history (
    id      bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT maintenance_history_pkey PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    who     text        NOT NULL DEFAULT session_user,
    action  text        NOT NULL,
    object  text        NOT NULL,
    rows    bigint      NOT NULL,
    details text
);

COMMENT ON TABLE todo_app.maintenance_history IS 'Partition Lab: who has moved or dropped what, when, and how many rows';

-- Part of the transaction that it tells of: what was rolled back left no trace, what was committed did.
CREATE FUNCTION todo_app.note_history(action text, object text, rows bigint, details text DEFAULT NULL) RETURNS void
LANGUAGE sql
SET search_path = todo_app, pg_temp
AS $$
    INSERT INTO maintenance_history (action, object, rows, details) VALUES (action, object, rows, details)
$$;

CREATE FUNCTION todo_app.qualified(of_table regclass) RETURNS text
LANGUAGE sql STABLE
RETURN (SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = of_table);

-- How many rows a table holds, and a checksum of all of their columns.
CREATE FUNCTION todo_app.table_content(of_table regclass, OUT rows bigint, OUT content text)
LANGUAGE plpgsql STABLE
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    EXECUTE format('SELECT count(*), coalesce(sum(hashint8extended(hash_record_extended(t, 0), 0)), 0)::text FROM %s AS t', of_table)
    INTO rows, content;
END
$$;

-- Whoever waits for a lock makes everybody wait who comes later: so it waits for 100 ms at a time, and lets them through in between.
-- What the transaction has locked before stays locked.
CREATE FUNCTION todo_app.lock_patiently(mode text, VARIADIC of_tables regclass[]) RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
SET lock_timeout = '100ms'
AS $$
DECLARE
    attempts CONSTANT int := 20;
BEGIN
    FOR attempt IN 1..attempts LOOP
        BEGIN
            EXECUTE format('LOCK TABLE %s IN %s MODE', array_to_string(of_tables, ', '), mode);
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = attempts THEN
                RAISE lock_not_available USING
                    MESSAGE = format('could not lock %s in %s attempts of 100 ms', array_to_string(of_tables, ', '), attempts),
                    HINT = 'SELECT * FROM pg_stat_activity shows whose transaction is open.';
            END IF;
            PERFORM pg_sleep(0.05 + 0.1 * random());
        END;
    END LOOP;
END
$$;

-- The archive's months, and the first moment after each.
CREATE FUNCTION todo_app.archive_partitions() RETURNS TABLE (name text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
AS $$
    SELECT c.relname, bound[1]::timestamptz, bound[2]::timestamptz
    FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid,
         regexp_match(pg_get_expr(c.relpartbound, c.oid), $r$FROM \('(.+)'\) TO \('(.+)'\)$r$) AS bound
    WHERE inhparent = 'todos_archived'::regclass AND bound IS NOT NULL
$$;

-- Takes a table of the archive's columns in as the partition of a month.
CREATE FUNCTION todo_app.attach_archive_partition(name text, since timestamptz, until timestamptz) RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
SET timezone = 'UTC'
AS $$
BEGIN
    EXECUTE format('ALTER TABLE todos_archived ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, since, until);
    -- The row trigger came with it; one of a statement does not.
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'todos_archived'::regclass AND tgname = 'todos_no_truncate') THEN
        PERFORM keep_from_truncate(quote_ident(name)::regclass);
    END IF;
    -- What row level security keeps from others under the parent's name it keeps from them under this one.
    IF (SELECT relrowsecurity FROM pg_class WHERE oid = 'todos_archived'::regclass) THEN
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    END IF;
END
$$;

-- The archive's partitions from one month to another that are not there yet; months begin in UTC. How many were made.
-- ATTACH locks out nobody but who reads DEFAULT, where CREATE TABLE … PARTITION OF would lock the whole archive; what DEFAULT
-- holds of the month moves.
CREATE FUNCTION todo_app.ensure_archive_partitions(from_month date, to_month date) RETURNS int
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    since timestamptz;
    until timestamptz;
    name  text;
    moved bigint;
    made  int := 0;
BEGIN
    FOR since IN SELECT generate_series(date_trunc('month', from_month::timestamptz), to_month::timestamptz, '1 month') LOOP
        until := since + interval '1 month';
        name := 'todos_archived_' || to_char(since, 'YYYY_MM');
        -- Also when the month's partition was split into weeks.
        CONTINUE WHEN to_regclass(quote_ident(name)) IS NOT NULL
            OR EXISTS (SELECT FROM archive_partitions() AS p (partition, first, after) WHERE p.first < until AND p.after > since);
        PERFORM lock_patiently('ACCESS EXCLUSIVE', 'todos_archived_default');
        EXECUTE format('CREATE TABLE %I (LIKE todos_archived INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
        EXECUTE format('WITH moved AS (DELETE FROM todos_archived_default WHERE archived_at >= %L AND archived_at < %L RETURNING *)
                        INSERT INTO %I SELECT * FROM moved', since, until, name);
        GET DIAGNOSTICS moved = ROW_COUNT;
        PERFORM attach_archive_partition(name, since, until);
        PERFORM note_history('create', name, moved, 'rows from DEFAULT');
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

SELECT todo_app.ensure_archive_partitions(
    coalesce(min(completed_at AT TIME ZONE 'UTC'), now() AT TIME ZONE 'UTC')::date,
    (now() AT TIME ZONE 'UTC' + interval '3 months')::date)
FROM todo_app.todos
WHERE status = 'done';

-- Nobody's to call but the owner's: a trigger needs no such right of whoever writes.
REVOKE ALL ON FUNCTION
    todo_app.note_history, todo_app.qualified, todo_app.table_content, todo_app.lock_patiently,
    todo_app.archive_partitions, todo_app.attach_archive_partition, todo_app.ensure_archive_partitions
FROM PUBLIC;
