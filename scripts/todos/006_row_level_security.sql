--
-- 006_row_level_security.sql: nobody sees or changes what is another user's
-- Needs:   todos/002_cutover.sql
-- Locks:   none; secure_todos() and unsecure_todos() take ACCESS EXCLUSIVE on all tables for a moment, waiting 100 ms at a time
-- Runs:    in one transaction
-- Expect:  secure_todos(), unsecure_todos(), and the roles for whom it does not hold: roles_beyond_security()
--
-- The application says for whom it works: SET LOCAL app.user_id = '…'. Whoever says nothing sees nothing. Superusers, roles with
-- BYPASSRLS and the tables' owner are not held up, so that migration, maintenance and backup go on; the application must be none of them.
--

-- The tables with a column that names a user, and that column.
CREATE OR REPLACE FUNCTION todo_app.secured_tables() RETURNS TABLE (of_table regclass, column_name text)
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
AS $$
    SELECT to_regclass(name), owner
    FROM (VALUES ('users', 'id'), ('projects', 'user_id'), ('files', 'user_id'), ('todos_active', 'user_id'),
                 ('todos_archived', 'user_id'), ('ai_todo_interactions', 'user_id'), ('todos_old', 'user_id')) AS t (name, owner)
    WHERE to_regclass(name) IS NOT NULL
$$;

-- Roles that log in and see everything: superuser, BYPASSRLS, owner, or a member of the owner.
CREATE OR REPLACE FUNCTION todo_app.roles_beyond_security() RETURNS SETOF name
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
AS $$
    SELECT r.rolname FROM pg_roles AS r
    WHERE r.rolcanlogin AND (r.rolsuper OR r.rolbypassrls
        OR pg_has_role(r.oid, (SELECT relowner FROM pg_class WHERE oid = 'todos_active'::regclass), 'USAGE'))
    ORDER BY r.rolname
$$;

-- A policy for each table, for all commands. On a partition there is none: who names a partition itself, and is not its owner,
-- sees nothing. `for_role`, where it is given, may then do with the tables what an application does.
CREATE OR REPLACE FUNCTION todo_app.secure_todos(for_role name DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    one  record;
    part regclass;
BEGIN
    IF todos_is() <> 'view' THEN
        RAISE 'todos is the one big table still' USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'cutover_todos() comes first.';
    END IF;
    IF for_role IN (SELECT roles_beyond_security()) THEN
        RAISE 'row level security does not hold for role %', for_role USING ERRCODE = 'invalid_parameter_value',
            HINT = 'It is a superuser, has BYPASSRLS or owns the tables: let the application use another role.';
    END IF;
    PERFORM lock_patiently('ACCESS EXCLUSIVE', VARIADIC array(SELECT t.of_table FROM secured_tables() AS t));
    FOR one IN SELECT * FROM secured_tables() LOOP
        EXECUTE format('DROP POLICY IF EXISTS own_rows ON %s', one.of_table);
        EXECUTE format('CREATE POLICY own_rows ON %s USING (%I = todo_app.current_user_id())', one.of_table, one.column_name);
        FOR part IN SELECT one.of_table UNION SELECT relid FROM pg_partition_tree(one.of_table) LOOP
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
        END LOOP;
        IF for_role IS NOT NULL AND one.of_table IS DISTINCT FROM to_regclass('todos_old') THEN
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', one.of_table, for_role);
        END IF;
    END LOOP;
    IF for_role IS NOT NULL THEN
        EXECUTE format('GRANT USAGE ON SCHEMA todo_app TO %I', for_role);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON todos TO %I', for_role);
        -- What it archives it notes.
        EXECUTE format('GRANT INSERT ON maintenance_history TO %I', for_role);
    END IF;
    PERFORM note_history('secure', 'todos', 0, 'for ' || coalesce(for_role, 'every role that had rights'));
END
$$;

CREATE OR REPLACE FUNCTION todo_app.unsecure_todos() RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    one  record;
    part regclass;
BEGIN
    PERFORM lock_patiently('ACCESS EXCLUSIVE', VARIADIC array(SELECT t.of_table FROM secured_tables() AS t));
    FOR one IN SELECT * FROM secured_tables() LOOP
        EXECUTE format('DROP POLICY IF EXISTS own_rows ON %s', one.of_table);
        FOR part IN SELECT one.of_table UNION SELECT relid FROM pg_partition_tree(one.of_table) LOOP
            EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', part);
        END LOOP;
    END LOOP;
    PERFORM note_history('unsecure', 'todos', 0);
END
$$;

-- Nobody's to call but the owner's: a trigger needs no such right of whoever writes.
REVOKE ALL ON FUNCTION
    todo_app.secured_tables, todo_app.roles_beyond_security, todo_app.secure_todos, todo_app.unsecure_todos
FROM PUBLIC;
