--
-- 002_migrate_existing_data.sql: todos into active and archive, batch by batch, while the application writes
-- Needs:   todos/001_create_partitioned_tables.sql
-- Locks:   SHARE ROW EXCLUSIVE on todos when its triggers are made, until commit
-- Runs:    in one transaction
-- Expect:  every change of todos is logged from the commit on; migrate_todos_batch() and validate_migration()
--
-- The log holds keys, not changes. A batch first brings what the log names to what todos holds now, then copies the next
-- rows in key order. Whatever was written after a statement's snapshot has an entry that this statement did not see, so
-- it comes with a later batch; that a row is there already is never a reason to doubt it.
--

CREATE TABLE IF NOT EXISTS todo_app.todos_log (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT todos_log_pkey PRIMARY KEY,
    id  uuid NOT NULL
);

COMMENT ON TABLE todo_app.todos_log IS 'Partition Lab: todos that were changed and not carried over yet';

CREATE TABLE IF NOT EXISTS todo_app.migration_progress (
    phase      text        CONSTRAINT migration_progress_pkey PRIMARY KEY,
    batches    bigint      NOT NULL DEFAULT 0,
    rows       bigint      NOT NULL DEFAULT 0,
    rate       numeric,               -- rows a second while batches ran
    busy       interval    NOT NULL DEFAULT '0',
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_key   uuid,
    status     text        NOT NULL DEFAULT 'running',
    CONSTRAINT migration_progress_phase_check CHECK (phase IN ('copy', 'changes', 'cutover')),
    CONSTRAINT migration_progress_status_check CHECK (status IN ('running', 'done'))
);

COMMENT ON TABLE todo_app.migration_progress IS 'Partition Lab: how far the migration of todos has come';

INSERT INTO todo_app.migration_progress (phase) VALUES ('copy'), ('changes') ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION todo_app.log_todo() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    IF coalesce(pg_partition_root(TG_RELID), TG_RELID)
        NOT IN ('todos'::regclass, 'todos_active'::regclass, 'todos_archived'::regclass) THEN
        RAISE '% holds no todos', TG_RELID::regclass USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO todos_log (id) VALUES (OLD.id);
    END IF;
    IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND NEW.id <> OLD.id THEN
        INSERT INTO todos_log (id) VALUES (NEW.id);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION todo_app.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    RAISE '% cannot be truncated while its changes are logged', TG_RELID::regclass
        USING ERRCODE = 'object_in_use', HINT = 'DELETE its rows instead.';
END
$$;

-- Where the story stands: `table`, or `view` after a cutover.
CREATE OR REPLACE FUNCTION todo_app.todos_is() RETURNS text
LANGUAGE sql STABLE
RETURN (SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'table' END FROM pg_class WHERE oid = to_regclass('todo_app.todos'));

-- From the commit on every change of the table is logged, and TRUNCATE, which fires no trigger of a row, is refused: of each
-- partition too. ENABLE ALWAYS: a replication worker fires no other trigger.
CREATE OR REPLACE FUNCTION todo_app.log_changes(of_table regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    part regclass;
BEGIN
    EXECUTE format('CREATE TRIGGER todos_log AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION log_todo()', of_table);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER todos_log', of_table);
    FOR part IN SELECT of_table UNION SELECT relid FROM pg_partition_tree(of_table) LOOP
        PERFORM keep_from_truncate(part);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION todo_app.keep_from_truncate(of_table regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER todos_no_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()', of_table);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER todos_no_truncate', of_table);
END
$$;

CREATE OR REPLACE FUNCTION todo_app.log_no_more(of_table regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    part regclass;
BEGIN
    EXECUTE format('DROP TRIGGER todos_log ON %s', of_table);
    FOR part IN SELECT of_table UNION SELECT relid FROM pg_partition_tree(of_table) LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS todos_no_truncate ON %s', part);
    END LOOP;
END
$$;

SELECT todo_app.log_changes('todo_app.todos')
WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'todo_app.todos'::regclass AND tgname = 'todos_log')
  AND todo_app.todos_is() = 'table';

-- Todos with their depth: 0 without a parent. It is 11 for one that is deeper than ten, or whose parents form a circle.
CREATE OR REPLACE FUNCTION todo_app.with_depth(ids uuid[]) RETURNS TABLE (id uuid, depth smallint)
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
AS $$
    WITH RECURSIVE up (id, ancestor, depth) AS (
        SELECT t.id, t.parent_todo_id, 0 FROM todos AS t WHERE t.id = ANY (ids)
        UNION ALL
        SELECT up.id, t.parent_todo_id, up.depth + 1
        FROM up JOIN todos AS t ON t.id = up.ancestor
        WHERE up.depth < 11
    )
    SELECT up.id, max(up.depth)::smallint FROM up GROUP BY up.id
$$;

-- These todos and all beneath them, whose depth depends on theirs.
CREATE OR REPLACE FUNCTION todo_app.with_descendants(ids uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
AS $$
    WITH RECURSIVE down (id) AS (
        SELECT unnest(ids)
        UNION
        SELECT t.id FROM down JOIN todos AS t ON t.parent_todo_id = down.id
    )
    SELECT id FROM down
$$;

-- What todos holds under these ids goes to the archive or to the active ones; how many rows that were.
CREATE OR REPLACE FUNCTION todo_app.place_todos(ids uuid[]) RETURNS bigint
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    deep   uuid;
    placed bigint;
BEGIN
    SELECT d.id INTO deep FROM with_depth(ids) AS d WHERE d.depth > 10 LIMIT 1;
    IF FOUND THEN
        RAISE 'todo % is more than ten levels deep, or its parents form a circle', deep
            USING HINT = 'Give it another parent_todo_id, then go on.', ERRCODE = 'check_violation';
    END IF;
    WITH found AS MATERIALIZED (
        SELECT t.*, d.depth,
               t.status = 'done' AND t.completed_at < now() - interval '30 days' AS old
        FROM with_depth(ids) AS d JOIN todos AS t USING (id)
    ), archived AS (
        INSERT INTO todos_archived (id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
                                    completed_at, ai_generated, created_at, updated_at, depth, archived_at)
        SELECT id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
               completed_at, ai_generated, created_at, updated_at, depth, completed_at
        FROM found WHERE old
        RETURNING 1
    ), active AS (
        INSERT INTO todos_active (id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
                                  completed_at, ai_generated, created_at, updated_at, depth)
        SELECT id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
               completed_at, ai_generated, created_at, updated_at, depth
        FROM found WHERE NOT old
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM archived) + (SELECT count(*) FROM active) INTO placed;
    RETURN placed;
END
$$;

-- Carries changes over and copies the next rows, in `max_batches` batches or until all is done. A batch commits with whatever
-- calls it: one a call is how it is meant. Rows copied, changes carried over, and whether nothing is left to do.
CREATE OR REPLACE FUNCTION todo_app.migrate_todos_batch(
    batch_size int DEFAULT 1000, max_batches int DEFAULT NULL,
    OUT copied bigint, OUT carried bigint, OUT finished boolean)
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    nil     CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    begun   timestamptz;
    progress migration_progress;
    ids     uuid[];
    taken   bigint;
    batches int := 0;
BEGIN
    IF batch_size < 1 OR max_batches < 1 THEN
        RAISE 'migrate_todos_batch takes a batch_size and max_batches from 1, not % and %', batch_size, max_batches
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Then the log is that of the new tables, for the way back.
    IF todos_is() = 'view' THEN
        RAISE 'todos is a view of what was migrated' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    -- With one snapshot for all statements a change could be taken out of the log before it is seen.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE 'migrate_todos_batch works in READ COMMITTED only'
            USING ERRCODE = 'invalid_transaction_state', HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED;';
    END IF;
    IF NOT pg_try_advisory_xact_lock('todo_app.migration_progress'::regclass::oid::int, 0) THEN
        RAISE 'another session migrates todos at this moment' USING ERRCODE = 'lock_not_available';
    END IF;
    copied := 0;
    carried := 0;
    LOOP
        begun := clock_timestamp();
        WITH taking AS (
            DELETE FROM todos_log WHERE seq IN (SELECT seq FROM todos_log ORDER BY seq LIMIT batch_size) RETURNING id
        )
        SELECT count(*), array_agg(DISTINCT id) INTO taken, ids FROM taking;
        IF taken > 0 THEN
            ids := array(SELECT with_descendants(ids));
            DELETE FROM todos_active WHERE id = ANY (ids);
            DELETE FROM todos_archived WHERE id = ANY (ids);
            PERFORM place_todos(ids);
            carried := carried + taken;
            PERFORM note_progress('changes', taken, NULL, begun);
        END IF;

        SELECT * INTO progress FROM migration_progress WHERE phase = 'copy';
        IF progress.status = 'running' THEN
            begun := clock_timestamp();
            ids := array(SELECT id FROM todos
                         WHERE id >= coalesce(progress.last_key, nil) AND id IS DISTINCT FROM progress.last_key
                         ORDER BY id LIMIT batch_size);
            -- What is there came with a change.
            copied := copied + place_todos(array(
                SELECT u.id FROM unnest(ids) AS u (id)
                WHERE NOT EXISTS (SELECT FROM todos_active AS a WHERE a.id = u.id)
                  AND NOT EXISTS (SELECT FROM todos_archived AS a WHERE a.id = u.id)));
            PERFORM note_progress('copy', cardinality(ids), ids[cardinality(ids)], begun);
            IF ids = '{}' THEN
                PERFORM note_history('migrate', 'todos', progress.rows, format('copied in %s batches', progress.batches));
            END IF;
        END IF;

        finished := progress.status = 'done' AND taken < batch_size;
        batches := batches + 1;
        EXIT WHEN finished OR batches = max_batches;
    END LOOP;
END
$$;

-- A batch of the copy with no rows was the last one.
CREATE OR REPLACE FUNCTION todo_app.note_progress(of_phase text, more bigint, last uuid, begun timestamptz) RETURNS void
LANGUAGE sql
SET search_path = todo_app, pg_temp
AS $$
    UPDATE migration_progress
    SET batches = batches + 1,
        rows = rows + more,
        busy = busy + (clock_timestamp() - begun),
        rate = round(((rows + more) / greatest(extract(epoch FROM busy + (clock_timestamp() - begun)), 0.001))::numeric, 1),
        updated_at = clock_timestamp(),
        last_key = coalesce(last, last_key),
        status = CASE WHEN of_phase = 'copy' AND more = 0 THEN 'done' ELSE status END
    WHERE phase = of_phase
$$;

-- Hashed once more: hash_record_extended is linear, so two rows that exchanged a value would have the same sum as before.
CREATE OR REPLACE FUNCTION todo_app.todo_hash(
    id uuid, user_id uuid, parent_todo_id uuid, project_id uuid, title varchar, description text, status text, priority int,
    due_date timestamptz, completed_at timestamptz, ai_generated boolean, created_at timestamptz, updated_at timestamptz)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN hashint8extended(hash_record_extended(
    ROW (id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at, ai_generated,
         created_at, updated_at), 0), 0);

-- Compares todos with active and archive in one snapshot. What is to be carried over yet, with all beneath it, is left out
-- on both sides; `changes to carry over` is how much that is, and FAIL means that a cutover would take long.
CREATE OR REPLACE FUNCTION todo_app.validate_migration()
RETURNS TABLE ("check" text, original text, migrated text, result text)
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
SET jit = off
AS $$
    WITH RECURSIVE pending AS MATERIALIZED (
        SELECT with_descendants((SELECT array_agg(DISTINCT l.id) FROM todos_log AS l)) AS id
    ), depths (id, depth) AS (
        SELECT t.id, 0 FROM todos AS t WHERE t.parent_todo_id IS NULL
        UNION ALL
        SELECT t.id, depths.depth + 1 FROM depths JOIN todos AS t ON t.parent_todo_id = depths.id
    ), before AS (
        SELECT count(*) AS total, count(*) FILTER (WHERE status <> 'done') AS active,
               count(*) FILTER (WHERE status = 'done') AS done, count(DISTINCT user_id) AS users,
               count(parent_todo_id) AS parents, sum(d.depth) AS depth,
               sum(todo_hash(t.id, t.user_id, t.parent_todo_id, t.project_id, t.title, t.description, t.status, t.priority,
                             t.due_date, t.completed_at, t.ai_generated, t.created_at, t.updated_at)) AS content
        FROM todos AS t LEFT JOIN depths AS d USING (id)
        WHERE t.id NOT IN (SELECT p.id FROM pending AS p)
    ), both_tables AS (
        SELECT id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at,
               ai_generated, created_at, updated_at, depth, false AS old
        FROM todos_active
        UNION ALL
        SELECT id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at,
               ai_generated, created_at, updated_at, depth, true
        FROM todos_archived
    ), after AS (
        SELECT count(*) AS total, count(*) FILTER (WHERE status <> 'done' AND NOT old) AS active,
               count(*) FILTER (WHERE status = 'done') AS done, count(DISTINCT user_id) AS users,
               count(parent_todo_id) AS parents, sum(t.depth) AS depth,
               sum(todo_hash(t.id, t.user_id, t.parent_todo_id, t.project_id, t.title, t.description, t.status, t.priority,
                             t.due_date, t.completed_at, t.ai_generated, t.created_at, t.updated_at)) AS content
        FROM both_tables AS t
        WHERE t.id NOT IN (SELECT p.id FROM pending AS p)
    ), twice AS (
        SELECT count(*) AS ids FROM todos_active AS a WHERE EXISTS (SELECT FROM todos_archived AS o WHERE o.id = a.id)
    )
    SELECT c.name, c.original::text, c.migrated::text,
           CASE WHEN c.original IS NOT DISTINCT FROM c.migrated THEN 'PASS' ELSE 'FAIL' END
    FROM before AS b, after AS a, twice, LATERAL (VALUES
        ('total', b.total::numeric, a.total::numeric),
        ('active', b.active, a.active),
        ('done', b.done, a.done),
        ('users', b.users, a.users),
        ('parents', b.parents, a.parents),
        ('depth', b.depth, a.depth),
        ('in both tables', 0, twice.ids),
        ('content', b.content, a.content)
    ) AS c (name, original, migrated)
    UNION ALL
    SELECT 'changes to carry over', count(*)::text, '0', CASE WHEN count(*) <= 1000 THEN 'PASS' ELSE 'FAIL' END
    FROM pending
$$;

-- Nobody's to call but the owner's: a trigger needs no such right of whoever writes.
REVOKE ALL ON FUNCTION
    todo_app.log_todo, todo_app.refuse_truncate, todo_app.todos_is, todo_app.log_changes,
    todo_app.keep_from_truncate, todo_app.log_no_more, todo_app.with_depth, todo_app.with_descendants,
    todo_app.place_todos, todo_app.migrate_todos_batch, todo_app.note_progress, todo_app.todo_hash,
    todo_app.validate_migration
FROM PUBLIC;
