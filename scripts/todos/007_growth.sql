--
-- 007_growth.sql: what new partitions of todos_active have to have once a bucket was divided
-- Needs:   todos/002_cutover.sql
-- Locks:   none; settle_grown_partitions() takes ACCESS EXCLUSIVE on new partitions, waiting 100 ms at a time
-- Runs:    in one transaction
-- Expect:  settle_grown_partitions()
--

-- Row triggers and policies come with the parent. What a partition has of its own comes here: the guard against TRUNCATE while the
-- log is kept, and row level security for who names the partition itself. How many partitions lacked any of it.
CREATE OR REPLACE FUNCTION todo_app.settle_grown_partitions() RETURNS int
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    one     record;
    settled int := 0;
BEGIN
    FOR one IN
        SELECT l.relid, logged AND NOT EXISTS (
                   SELECT FROM pg_trigger WHERE tgrelid = l.relid AND tgname = 'todos_no_truncate') AS unguarded,
               p.relrowsecurity AND NOT c.relrowsecurity AS unsecured
        FROM pg_partition_tree('todos_active') AS l
        JOIN pg_class AS c ON c.oid = l.relid
        JOIN pg_class AS p ON p.oid = 'todos_active'::regclass,
             LATERAL (SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = p.oid AND tgname = 'todos_no_truncate')) AS t (logged)
        WHERE l.isleaf
    LOOP
        CONTINUE WHEN NOT one.unguarded AND NOT one.unsecured;
        PERFORM lock_patiently('ACCESS EXCLUSIVE', one.relid);
        IF one.unguarded THEN
            PERFORM keep_from_truncate(one.relid);
        END IF;
        IF one.unsecured THEN
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', one.relid);
        END IF;
        settled := settled + 1;
    END LOOP;
    RETURN settled;
END
$$;
