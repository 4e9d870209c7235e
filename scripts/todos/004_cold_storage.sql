--
-- 004_cold_storage.sql: the database's side of retiring a month to a file and bringing it back
-- Needs:   todos/003_maintenance_jobs.sql
-- Locks:   none; restore_archive_partition() locks DEFAULT, waiting 100 ms at a time
-- Runs:    in one transaction
-- Expect:  restore_archive_partition()
--
-- `todos retire` writes a month to a file, reads the file into a table of its own, compares, and calls drop_archive_partition() with
-- what it has read. `todos restore` fills a table from the file and calls restore_archive_partition(), in one transaction.
--

-- Takes table `name`, which holds what a file held, into the archive. Refused when it is not that, or when a todo of it is there already.
CREATE OR REPLACE FUNCTION todo_app.restore_archive_partition(
    name text, since timestamptz, until timestamptz, expected_rows bigint, expected text) RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    held  record;
    twice uuid;
BEGIN
    SELECT * INTO held FROM table_content(quote_ident(name)::regclass);
    IF held.rows <> expected_rows OR held.content <> expected THEN
        RAISE 'what was read is not what was written: % rows with checksum %, not % with %', held.rows, held.content, expected_rows, expected
            USING ERRCODE = 'data_corrupted';
    END IF;
    EXECUTE format('SELECT id FROM %I AS t WHERE EXISTS (SELECT FROM todos_active AS a WHERE a.id = t.id)
                        OR EXISTS (SELECT FROM todos_archived AS a WHERE a.id = t.id) LIMIT 1', name) INTO twice;
    IF twice IS NOT NULL THEN
        RAISE 'todo % of % is there already', twice, name USING ERRCODE = 'unique_violation';
    END IF;
    PERFORM lock_patiently('ACCESS EXCLUSIVE', 'todos_archived_default');
    PERFORM attach_archive_partition(name, since, until);
    PERFORM note_history('restore', name, held.rows);
END
$$;

-- Nobody's to call but the owner's: a trigger needs no such right of whoever writes.
REVOKE ALL ON FUNCTION
    todo_app.restore_archive_partition
FROM PUBLIC;
