--
-- 99_reset.sql: every table that these scripts made goes
-- Needs:   nothing
-- Locks:   ACCESS EXCLUSIVE on each table
-- Runs:    in one transaction
-- Expect:  no table or type whose comment begins with "Partition Lab: "; everything else untouched,
--          for nothing is dropped by CASCADE
--

DO $$
DECLARE
    stranger record;
    ours     text;
BEGIN
    -- A partition goes with its parent, so one that is not ours has to leave first.
    SELECT i.inhrelid::regclass AS name, i.inhparent::regclass AS parent
    INTO stranger
    FROM pg_inherits i
    WHERE obj_description(i.inhparent, 'pg_class') LIKE 'Partition Lab: %'
      AND coalesce(obj_description(i.inhrelid, 'pg_class'), '') NOT LIKE 'Partition Lab: %'
      AND i.inhrelid IN (SELECT oid FROM pg_class WHERE relkind IN ('r', 'p', 'f'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is a partition of % that these scripts did not make', stranger.name, stranger.parent
            USING HINT = format('ALTER TABLE %s DETACH PARTITION %s', stranger.parent, stranger.name);
    END IF;

    SELECT string_agg(c.oid::regclass::text, ', ')
    INTO ours
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p')
      AND c.relnamespace = 'public'::regnamespace
      AND obj_description(c.oid, 'pg_class') LIKE 'Partition Lab: %';
    -- One statement for all: those that depend on each other then fall in the right order.
    IF ours IS NOT NULL THEN
        EXECUTE 'DROP TABLE ' || ours;
    END IF;

    SELECT string_agg(t.oid::regtype::text, ', ')
    INTO ours
    FROM pg_type t
    WHERE t.typnamespace = 'public'::regnamespace
      AND obj_description(t.oid, 'pg_type') LIKE 'Partition Lab: %';
    IF ours IS NOT NULL THEN
        EXECUTE 'DROP TYPE ' || ours;
    END IF;
END
$$;

-- Most of the time it is there, and when not, that is no news.
SET LOCAL client_min_messages = warning;

DROP TABLE IF EXISTS partition_lab.setup_scripts;
