--
-- 99_reset.sql: every table that these scripts made goes
-- Needs:   nothing
-- Locks:   ACCESS EXCLUSIVE on each table
-- Runs:    in one transaction
-- Expect:  no table whose comment begins with "Partition Lab: "; everything else untouched, for
--          nothing is dropped by CASCADE
--

DO $$
DECLARE
    ours text;
BEGIN
    SELECT string_agg(c.oid::regclass::text, ', ')
    INTO ours
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p')
      AND pg_table_is_visible(c.oid)
      AND obj_description(c.oid, 'pg_class') LIKE 'Partition Lab: %';
    -- One statement for all: those that depend on each other then fall in the right order.
    IF ours IS NOT NULL THEN
        EXECUTE 'DROP TABLE ' || ours;
    END IF;
END
$$;

-- Most of the time it is there, and when not, that is no news.
SET LOCAL client_min_messages = warning;

DROP TABLE IF EXISTS partition_lab.setup_scripts;
