--
-- 002_cutover.sql: a view in the place of the table, and the way back
-- Needs:   todos/002_migrate_existing_data.sql
-- Locks:   none; cutover_todos() and rollback_todos() say what they lock
-- Runs:    in one transaction
-- Expect:  cutover_todos(), rollback_todos(), finish_todos()
--
-- The view todos is active and archive together. What is written to it goes where it belongs, with what the old table
-- promised: no id twice, no parent that is not there, children go with their parent. After the cutover the log is kept by the
-- new tables, and rollback_todos() brings the old one to what they hold.
--
-- The view reads with the rights of whoever asks; its triggers write with those of their owner, so that nobody needs more rights
-- on the new tables than to read them.
--

CREATE OR REPLACE FUNCTION todo_app.no_such_parent(parent uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    RAISE foreign_key_violation USING
        MESSAGE = 'insert or update on table "todos" violates foreign key constraint "todos_parent_todo_id_fkey"',
        DETAIL = format('Key (parent_todo_id)=(%s) is not present in table "todos".', parent),
        CONSTRAINT = 'todos_parent_todo_id_fkey', TABLE = 'todos', SCHEMA = 'todo_app';
END
$$;

-- The depth of a todo with this parent, which cannot be deleted until the transaction ends.
CREATE OR REPLACE FUNCTION todo_app.depth_below(parent uuid) RETURNS int
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    found_depth int;
BEGIN
    IF parent IS NULL THEN
        RETURN 0;
    END IF;
    -- Again and again, here and below: it may go from the one table to the other just before each is read.
    LOOP
        SELECT depth INTO found_depth FROM todos_active WHERE id = parent FOR KEY SHARE;
        EXIT WHEN FOUND;
        SELECT depth INTO found_depth FROM todos_archived WHERE id = parent FOR KEY SHARE;
        EXIT WHEN FOUND OR NOT EXISTS (SELECT FROM todos WHERE id = parent);
    END LOOP;
    IF found_depth IS NULL THEN
        PERFORM no_such_parent(parent);
    END IF;
    RETURN found_depth + 1;
END
$$;

-- Fails when there is a todo of this id, and keeps others from making one until the transaction ends.
CREATE OR REPLACE FUNCTION todo_app.claim_id(new_id uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(new_id::text, 0));
    IF EXISTS (SELECT FROM todos_active WHERE id = new_id) OR EXISTS (SELECT FROM todos_archived WHERE id = new_id) THEN
        RAISE unique_violation USING
            MESSAGE = 'duplicate key value violates unique constraint "todos_pkey"',
            DETAIL = format('Key (id)=(%s) already exists.', new_id),
            CONSTRAINT = 'todos_pkey', TABLE = 'todos', SCHEMA = 'todo_app';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION todo_app.insert_todo() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    IF TG_RELID <> 'todos'::regclass THEN
        RAISE '% is not todos', TG_RELID::regclass USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM claim_id(NEW.id);
    INSERT INTO todos_active (id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
                              completed_at, ai_generated, created_at, updated_at, depth)
    VALUES (NEW.id, NEW.user_id, NEW.parent_todo_id, NEW.project_id, NEW.title, NEW.description, NEW.status, NEW.priority,
            NEW.due_date, NEW.completed_at, NEW.ai_generated, NEW.created_at, NEW.updated_at, depth_below(NEW.parent_todo_id));
    RETURN NEW;
END
$$;

-- The user whom the application works for, as it said: SET app.user_id = '…', or SET LOCAL in a transaction.
CREATE OR REPLACE FUNCTION todo_app.current_user_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.user_id', true), '')::uuid;

-- Where row level security holds for whoever writes to the view. The triggers below write with the rights of their owner, for whom it
-- does not hold; this one comes first, by its name, and is run by the writer.
CREATE OR REPLACE FUNCTION todo_app.check_todo_is_own() RETURNS trigger
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    IF NOT row_security_active('todos_active') THEN
        RETURN NEW;
    END IF;
    IF NEW.user_id IS DISTINCT FROM current_user_id() THEN
        RAISE insufficient_privilege USING MESSAGE = 'new row violates row-level security policy for table "todos"';
    END IF;
    -- A parent of somebody else's is as good as none.
    IF NEW.parent_todo_id IS NOT NULL AND NOT EXISTS (SELECT FROM todos WHERE id = NEW.parent_todo_id) THEN
        PERFORM no_such_parent(NEW.parent_todo_id);
    END IF;
    RETURN NEW;
END
$$;

-- What the present DELETE has taken away as somebody's child.
CREATE OR REPLACE FUNCTION todo_app.forget_cascaded() RETURNS trigger
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    PERFORM set_config('todo_app.cascaded', '', true);
    RETURN NULL;
END
$$;

-- Children level by level, each with a snapshot of its own: whoever makes a child has locked its parent until then.
CREATE OR REPLACE FUNCTION todo_app.delete_todo() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    ids      uuid[];
    children uuid[];
BEGIN
    IF TG_RELID <> 'todos'::regclass THEN
        RAISE '% is not todos', TG_RELID::regclass USING ERRCODE = 'insufficient_privilege';
    END IF;
    LOOP
        WITH active AS (DELETE FROM todos_active WHERE id = OLD.id RETURNING id),
             archived AS (DELETE FROM todos_archived WHERE id = OLD.id RETURNING id)
        SELECT array_agg(id) INTO ids FROM (SELECT id FROM active UNION ALL SELECT id FROM archived) AS gone;
        EXIT WHEN ids IS NOT NULL OR NOT EXISTS (SELECT FROM todos WHERE id = OLD.id);
    END LOOP;
    IF ids IS NULL THEN
        -- A DELETE that names parents and children returns both; what somebody else has deleted it does not.
        RETURN CASE WHEN position(OLD.id::text IN current_setting('todo_app.cascaded')) > 0 THEN OLD END;
    END IF;
    LOOP
        children := '{}';
        LOOP
            WITH active AS (DELETE FROM todos_active WHERE parent_todo_id = ANY (ids) RETURNING id),
                 archived AS (DELETE FROM todos_archived WHERE parent_todo_id = ANY (ids) RETURNING id)
            SELECT children || coalesce(array_agg(id), '{}') INTO children
            FROM (SELECT id FROM active UNION ALL SELECT id FROM archived) AS gone;
            EXIT WHEN NOT EXISTS (SELECT FROM todos WHERE parent_todo_id = ANY (ids));
        END LOOP;
        EXIT WHEN children = '{}';
        ids := children;
        PERFORM set_config('todo_app.cascaded', current_setting('todo_app.cascaded') || array_to_string(ids, ''), true);
    END LOOP;
    RETURN OLD;
END
$$;

-- A view's trigger gets the row as its statement read it. When others have changed it since, what they wrote in other
-- columns stays; for the same column one of the two has to be asked again, since no value is right for both.
CREATE OR REPLACE FUNCTION todo_app.update_todo() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    present   record;
    old_depth int;
    new_depth int;
    archived  boolean := false;
    subtree   uuid[];
    locked    uuid[] := '{}';
    contested text;
BEGIN
    IF TG_RELID <> 'todos'::regclass THEN
        RAISE '% is not todos', TG_RELID::regclass USING ERRCODE = 'insufficient_privilege';
    END IF;
    LOOP
        SELECT depth INTO old_depth FROM todos_active WHERE id = OLD.id FOR UPDATE;
        archived := NOT FOUND;
        EXIT WHEN FOUND;
        SELECT depth INTO old_depth FROM todos_archived WHERE id = OLD.id FOR UPDATE;
        EXIT WHEN FOUND OR NOT EXISTS (SELECT FROM todos WHERE id = OLD.id);
    END LOOP;
    IF old_depth IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO present FROM todos WHERE id = OLD.id;
    IF present IS DISTINCT FROM OLD THEN
        SELECT string_agg(o.key, ', ') INTO contested
        FROM jsonb_each(to_jsonb(OLD)) AS o
        JOIN jsonb_each(to_jsonb(NEW)) AS n USING (key)
        JOIN jsonb_each(to_jsonb(present)) AS p USING (key)
        WHERE n.value <> o.value AND p.value <> o.value AND n.value <> p.value AND key <> 'updated_at';
        IF contested IS NOT NULL THEN
            RAISE serialization_failure USING
                MESSAGE = 'could not serialize access due to concurrent update',
                DETAIL = format('Another transaction has changed %s of todo %s.', contested, OLD.id), HINT = 'Run it again.';
        END IF;
        NEW := jsonb_populate_record(NEW, to_jsonb(present) || (
            SELECT coalesce(jsonb_object_agg(key, n.value), '{}')
            FROM jsonb_each(to_jsonb(NEW)) AS n JOIN jsonb_each(to_jsonb(OLD)) AS o USING (key)
            WHERE n.value <> o.value));
    END IF;
    IF NEW.id <> OLD.id THEN
        PERFORM claim_id(NEW.id);
        IF EXISTS (SELECT FROM todos WHERE parent_todo_id = OLD.id) THEN
            RAISE foreign_key_violation USING
                MESSAGE = 'update or delete on table "todos" violates foreign key constraint "todos_parent_todo_id_fkey" on table "todos"',
                DETAIL = format('Key (id)=(%s) is still referenced from table "todos".', OLD.id),
                CONSTRAINT = 'todos_parent_todo_id_fkey', TABLE = 'todos', SCHEMA = 'todo_app';
        END IF;
    END IF;
    new_depth := old_depth;
    IF NEW.parent_todo_id IS DISTINCT FROM OLD.parent_todo_id THEN
        new_depth := depth_below(NEW.parent_todo_id);
        -- Whoever makes a child locks its parent: once all are locked, none can come that would keep the old depth.
        LOOP
            subtree := array(SELECT with_descendants(ARRAY[OLD.id]));
            EXIT WHEN subtree <@ locked;
            locked := array(SELECT id FROM todos_active WHERE id = ANY (subtree) FOR UPDATE)
                   || array(SELECT id FROM todos_archived WHERE id = ANY (subtree) FOR UPDATE);
        END LOOP;
        IF NEW.parent_todo_id = ANY (subtree) THEN
            RAISE check_violation USING MESSAGE = format('todo %s cannot be beneath itself', OLD.id);
        END IF;
        UPDATE todos_active SET depth = depth + new_depth - old_depth WHERE id = ANY (subtree) AND id <> OLD.id;
        UPDATE todos_archived SET depth = depth + new_depth - old_depth WHERE id = ANY (subtree) AND id <> OLD.id;
    END IF;
    IF archived AND NEW.status = 'done' THEN
        UPDATE todos_archived
        SET (id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at, ai_generated,
             created_at, updated_at, depth)
            = (NEW.id, NEW.user_id, NEW.parent_todo_id, NEW.project_id, NEW.title, NEW.description, NEW.status, NEW.priority,
               NEW.due_date, NEW.completed_at, NEW.ai_generated, NEW.created_at, NEW.updated_at, new_depth)
        WHERE id = OLD.id;
    ELSIF archived THEN
        DELETE FROM todos_archived WHERE id = OLD.id;
        INSERT INTO todos_active (id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
                                  completed_at, ai_generated, created_at, updated_at, depth)
        VALUES (NEW.id, NEW.user_id, NEW.parent_todo_id, NEW.project_id, NEW.title, NEW.description, NEW.status, NEW.priority,
                NEW.due_date, NEW.completed_at, NEW.ai_generated, NEW.created_at, NEW.updated_at, new_depth);
    ELSE
        UPDATE todos_active
        SET (id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at, ai_generated,
             created_at, updated_at, depth)
            = (NEW.id, NEW.user_id, NEW.parent_todo_id, NEW.project_id, NEW.title, NEW.description, NEW.status, NEW.priority,
               NEW.due_date, NEW.completed_at, NEW.ai_generated, NEW.created_at, NEW.updated_at, new_depth)
        WHERE id = OLD.id;
    END IF;
    RETURN NEW;
END
$$;

-- Locks todos for as long as the last changes take. It waits for its lock for 100 ms, for whoever comes later waits behind it;
-- then it fails with lock_not_available, and is to be called again. `validated`: the caller has seen every check PASS. How long
-- the lock was held.
CREATE OR REPLACE FUNCTION todo_app.cutover_todos(validated boolean DEFAULT false, most_changes bigint DEFAULT 5000) RETURNS interval
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    failing text;
    waiting bigint;
    done    boolean := false;
    one     record;
    locked  timestamptz;
BEGIN
    IF todos_is() = 'view' THEN
        RAISE 'todos is the view already' USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'rollback_todos() is the way back.';
    END IF;
    IF NOT EXISTS (SELECT FROM migration_progress WHERE phase = 'copy' AND status = 'done') THEN
        RAISE 'not every todo was copied yet' USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'migrate_todos_batch() goes on.';
    END IF;
    SELECT string_agg(conrelid::regclass || '.' || conname, ', ') INTO failing FROM pg_constraint
    WHERE contype = 'f' AND confrelid = 'todos'::regclass AND conrelid <> confrelid;
    IF failing IS NOT NULL THEN
        RAISE 'foreign keys reference todos, and a view cannot be referenced: %', failing
            USING ERRCODE = 'dependent_objects_still_exist', HINT = 'Drop them first.';
    END IF;
    IF NOT validated THEN
        SELECT string_agg("check", ', ') INTO failing FROM validate_migration() WHERE result <> 'PASS';
        IF failing IS NOT NULL THEN
            RAISE 'todos is not what active and archive hold: %', failing
                USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT * FROM todo_app.validate_migration();';
        END IF;
    END IF;

    PERFORM set_config('lock_timeout', '100ms', true);
    LOCK TABLE todos IN ACCESS EXCLUSIVE MODE;
    locked := clock_timestamp();
    SELECT count(*) INTO waiting FROM todos_log;
    IF waiting > most_changes THEN
        RAISE '% changes wait to be carried over, more than %', waiting, most_changes
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'migrate_todos_batch() carries them over; then try again.';
    END IF;
    WHILE NOT done LOOP
        SELECT finished INTO done FROM migrate_todos_batch(1000, 1);
    END LOOP;

    PERFORM log_no_more('todos');
    ALTER TABLE todos RENAME TO todos_old;
    CREATE VIEW todos WITH (security_invoker = true) AS
        SELECT id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at,
               ai_generated, created_at, updated_at
        FROM todos_active
        UNION ALL
        SELECT id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at,
               ai_generated, created_at, updated_at
        FROM todos_archived;
    COMMENT ON VIEW todos IS 'Partition Lab: active and archive together, for what has always used todos';
    CREATE TRIGGER todos_before_write INSTEAD OF INSERT OR UPDATE ON todos FOR EACH ROW EXECUTE FUNCTION check_todo_is_own();
    CREATE TRIGGER todos_insert INSTEAD OF INSERT ON todos FOR EACH ROW EXECUTE FUNCTION insert_todo();
    CREATE TRIGGER todos_update INSTEAD OF UPDATE ON todos FOR EACH ROW EXECUTE FUNCTION update_todo();
    CREATE TRIGGER todos_before_delete BEFORE DELETE ON todos FOR EACH STATEMENT EXECUTE FUNCTION forget_cascaded();
    CREATE TRIGGER todos_delete INSTEAD OF DELETE ON todos FOR EACH ROW EXECUTE FUNCTION delete_todo();
    FOR one IN SELECT attname, pg_get_expr(adbin, adrelid) AS value FROM pg_attrdef
               JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum WHERE adrelid = 'todos_old'::regclass LOOP
        EXECUTE format('ALTER VIEW todos ALTER COLUMN %I SET DEFAULT %s', one.attname, one.value);
    END LOOP;
    -- What a role may do with the table it may do with the view.
    FOR one IN SELECT a.privilege_type, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
               FROM pg_class AS c, aclexplode(c.relacl) AS a
               WHERE c.oid = 'todos_old'::regclass AND a.grantee <> c.relowner
                 AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') LOOP
        EXECUTE format('GRANT %s ON todos TO %s', one.privilege_type, one.grantee);
        IF one.privilege_type = 'SELECT' THEN
            EXECUTE format('GRANT SELECT ON todos_active, todos_archived TO %s', one.grantee);
        END IF;
    END LOOP;
    PERFORM log_changes('todos_active');
    PERFORM log_changes('todos_archived');
    INSERT INTO migration_progress (phase, rows, status) VALUES ('cutover', 0, 'done')
    ON CONFLICT (phase) DO UPDATE SET started_at = clock_timestamp(), updated_at = clock_timestamp();
    PERFORM note_history('cutover', 'todos', waiting, 'changes carried over under the lock');
    RETURN clock_timestamp() - locked;
END
$$;

-- The old table with every change made since, in the place of the view; from then on its changes are logged again, and a
-- cutover is possible as before. How many todos were brought back.
CREATE OR REPLACE FUNCTION todo_app.rollback_todos() RETURNS bigint
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    ids     uuid[];
    lost    uuid;
BEGIN
    IF todos_is() <> 'view' THEN
        RAISE 'todos is the table: there is nothing to roll back' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    PERFORM set_config('lock_timeout', '100ms', true);
    LOCK TABLE todos, todos_active, todos_archived IN ACCESS EXCLUSIVE MODE;
    SELECT array_agg(DISTINCT id) INTO ids FROM todos_log;
    SELECT t.id INTO lost FROM todos AS t
    WHERE t.parent_todo_id = ANY (ids) AND NOT EXISTS (SELECT FROM todos AS p WHERE p.id = t.parent_todo_id) LIMIT 1;
    IF FOUND THEN
        RAISE 'todo % has a parent that is not there', lost
            USING ERRCODE = 'foreign_key_violation', HINT = 'Give it another parent_todo_id, or delete it, and try again.';
    END IF;
    -- In one statement, so that children may come before their parents.
    INSERT INTO todos_old AS o (id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
                                completed_at, ai_generated, created_at, updated_at)
    SELECT id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
           completed_at, ai_generated, created_at, updated_at
    FROM todos WHERE id = ANY (ids)
    ON CONFLICT (id) DO UPDATE
    SET (user_id, parent_todo_id, project_id, title, description, status, priority, due_date, completed_at, ai_generated,
         created_at, updated_at)
        = (excluded.user_id, excluded.parent_todo_id, excluded.project_id, excluded.title, excluded.description, excluded.status,
           excluded.priority, excluded.due_date, excluded.completed_at, excluded.ai_generated, excluded.created_at,
           excluded.updated_at);
    DELETE FROM todos_old AS o WHERE o.id = ANY (ids) AND NOT EXISTS (SELECT FROM todos AS t WHERE t.id = o.id);

    DROP VIEW todos;
    PERFORM log_no_more('todos_active');
    PERFORM log_no_more('todos_archived');
    DELETE FROM todos_log;
    ALTER TABLE todos_old RENAME TO todos;
    PERFORM log_changes('todos');
    DELETE FROM migration_progress WHERE phase = 'cutover';
    PERFORM note_history('rollback', 'todos', coalesce(cardinality(ids), 0), 'changed since the cutover');
    RETURN coalesce(cardinality(ids), 0);
END
$$;

-- Drops the old table, once the cutover is so many days ago. There is no way back then.
CREATE OR REPLACE FUNCTION todo_app.finish_todos(keep_days int DEFAULT 30) RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    since timestamptz;
    held  bigint;
BEGIN
    SELECT started_at INTO since FROM migration_progress WHERE phase = 'cutover';
    IF to_regclass('todos_old') IS NULL OR todos_is() <> 'view' THEN
        RAISE 'there is no old table to drop' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF since > now() - keep_days * interval '1 day' THEN
        RAISE 'the cutover was at %, less than % days ago', since, keep_days
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT todo_app.finish_todos(0); drops it all the same.';
    END IF;
    SELECT count(*) INTO held FROM todos_old;
    PERFORM set_config('lock_timeout', '100ms', true);
    PERFORM log_no_more('todos_active');
    PERFORM log_no_more('todos_archived');
    DROP TABLE todos_old;
    DELETE FROM todos_log;
    PERFORM note_history('finish', 'todos_old', held, 'dropped');
END
$$;

-- Nobody's to call but the owner's: a trigger needs no such right of whoever writes.
REVOKE ALL ON FUNCTION
    todo_app.depth_below, todo_app.claim_id, todo_app.insert_todo, todo_app.check_todo_is_own,
    todo_app.forget_cascaded, todo_app.delete_todo, todo_app.update_todo, todo_app.cutover_todos,
    todo_app.rollback_todos, todo_app.finish_todos
FROM PUBLIC;
