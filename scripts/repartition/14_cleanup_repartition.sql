--
-- 14_cleanup_repartition.sql: the partitions of setup again, from whatever state, with every row
-- Needs:   01_range_partitions.sql, 02_hash_partitions.sql
-- Locks:   ACCESS EXCLUSIVE on event_logs; SHARE ROW EXCLUSIVE on users_distributed if users_by_date exists
-- Runs:    in one transaction
-- Expect:  event_logs with January, February, March and DEFAULT; no event_logs_archive, no users_by_date
--
-- Unlike the other scripts this one cannot know what it will find, so it reads the catalog. event_logs itself stays
-- in place, and with it the views and grants on it; partitions that are as setup made them are not touched.
--

LOCK TABLE public.event_logs IN ACCESS EXCLUSIVE MODE;

SELECT set_config('partition_lab.rows_before', count(*)::text, true) FROM public.event_logs;

DO $$
DECLARE
    rows_before bigint := current_setting('partition_lab.rows_before');
    rows_after  bigint;
    rows_moved  bigint;
    found       record;
    aside       regclass;
    set_aside   regclass[] := '{}';
    month       timestamp;
    month_name  text;
BEGIN
    -- 1. Partitions of event_logs that setup did not make, and our own tables that were partitions once, are set aside,
    --    with partitions of their own if they have any. They and their indexes are renamed: setup's need the names.
    FOR found IN
        SELECT candidate.oid::regclass AS name, candidate.attached
        FROM (
            SELECT t.oid, t.relname, t.relkind, t.relpartbound, i.inhrelid IS NOT NULL AS attached
            FROM pg_class AS t
            JOIN pg_class AS root ON root.oid = 'public.event_logs'::regclass
            LEFT JOIN pg_inherits AS i ON i.inhrelid = t.oid AND i.inhparent = root.oid
            WHERE i.inhrelid IS NOT NULL
               OR t.relnamespace = root.relnamespace
                  AND t.relkind = 'r'
                  AND NOT t.relispartition
                  AND t.relname ~ '^event_logs_(default|2024_0[1-4]|2024_02_week[1-4])$'
                  AND obj_description(t.oid, 'pg_class') LIKE 'Partition Lab: %'
        ) AS candidate
        WHERE NOT candidate.attached
           OR candidate.relkind <> 'r'
           OR (candidate.relname, pg_get_expr(candidate.relpartbound, candidate.oid)) NOT IN (
                SELECT 'event_logs_default', 'DEFAULT'
                UNION ALL
                SELECT to_char(lower, '"event_logs_"YYYY_MM'),
                       format('FOR VALUES FROM (%L) TO (%L)', lower, lower + interval '1 month')
                FROM generate_series(timestamp '2024-01-01', '2024-03-01', '1 month') AS lower)
    LOOP
        EXECUTE (
            WITH tree AS (SELECT found.name AS member UNION SELECT relid FROM pg_partition_tree(found.name))
            SELECT string_agg(format('ALTER TABLE %s RENAME TO %I', relation, 'event_logs_aside_' || relation::oid), ';')
            FROM (SELECT member FROM tree
                  UNION ALL
                  SELECT indexrelid FROM pg_index JOIN tree ON indrelid = member) AS renamed (relation));
        IF found.attached THEN
            EXECUTE format('ALTER TABLE public.event_logs DETACH PARTITION %s', found.name);
        ELSE
            EXECUTE format('SELECT $1 + count(*) FROM %s', found.name) INTO rows_before USING rows_before;
        END IF;
        set_aside := set_aside || found.name;
    END LOOP;

    -- 2. The partitions of setup that are missing. The rows that belong into a month wait in the DEFAULT.
    IF NOT EXISTS (SELECT FROM pg_inherits
                   WHERE inhparent = 'public.event_logs'::regclass AND inhrelid = to_regclass('public.event_logs_default')) THEN
        CREATE TABLE public.event_logs_default (LIKE public.event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
        ALTER TABLE public.event_logs ATTACH PARTITION public.event_logs_default DEFAULT;
        COMMENT ON TABLE public.event_logs_default IS
            'Partition Lab: the events of every other time, the DEFAULT partition of event_logs.';
    END IF;

    FOR month IN SELECT generate_series(timestamp '2024-01-01', '2024-03-01', '1 month') LOOP
        month_name := to_char(month, '"event_logs_"YYYY_MM');
        CONTINUE WHEN EXISTS (SELECT FROM pg_inherits
                              WHERE inhparent = 'public.event_logs'::regclass AND inhrelid = to_regclass('public.' || month_name));

        EXECUTE format('CREATE TABLE public.%I (LIKE public.event_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', month_name);
        EXECUTE format($move$
            WITH moved AS (
                DELETE FROM public.event_logs_default
                WHERE created_at >= %L AND created_at < %L
                RETURNING id, event_type, user_id, event_data, ip_address, created_at
            )
            INSERT INTO public.%I (id, event_type, user_id, event_data, ip_address, created_at)
            SELECT id, event_type, user_id, event_data, ip_address, created_at FROM moved
            $move$, month, month + interval '1 month', month_name);
        EXECUTE format('ALTER TABLE public.event_logs ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            month_name, month, month + interval '1 month');
        EXECUTE format('COMMENT ON TABLE public.%I IS %L', month_name,
            format('Partition Lab: the events of %s, a partition of event_logs.', to_char(month, 'FMMonth YYYY')));
    END LOOP;

    -- 3. The rows set aside go back through the parent, which knows where each belongs.
    FOREACH aside IN ARRAY set_aside LOOP
        EXECUTE format($back$
            INSERT INTO public.event_logs (id, event_type, user_id, event_data, ip_address, created_at)
            OVERRIDING SYSTEM VALUE
            SELECT id, event_type, user_id, event_data, ip_address, created_at FROM %s
            $back$, aside);
        EXECUTE format('DROP TABLE %s', aside);
    END LOOP;

    -- 4. So do the archived rows, without the two columns that were the archive's own.
    IF to_regclass('public.event_logs_archive') IS NOT NULL THEN
        LOCK TABLE public.event_logs_archive IN ACCESS EXCLUSIVE MODE;
        INSERT INTO public.event_logs (id, event_type, user_id, event_data, ip_address, created_at)
        OVERRIDING SYSTEM VALUE
        SELECT id, event_type, user_id, event_data, ip_address, created_at FROM public.event_logs_archive;
        GET DIAGNOSTICS rows_moved = ROW_COUNT;
        rows_before := rows_before + rows_moved;
        DROP TABLE public.event_logs_archive;
    END IF;

    SELECT count(*) INTO rows_after FROM public.event_logs;
    IF rows_after <> rows_before THEN
        RAISE EXCEPTION 'event_logs and its archive had % rows and event_logs now has %', rows_before, rows_after;
    END IF;
END
$$;

DO $$
DECLARE
    rows_before bigint;
    rows_new    bigint;
    rows_after  bigint;
BEGIN
    IF to_regclass('public.users_by_date') IS NULL THEN
        RETURN;
    END IF;
    LOCK TABLE public.users_distributed IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE public.users_by_date IN ACCESS EXCLUSIVE MODE;

    SELECT count(*) INTO rows_before FROM public.users_distributed;
    SELECT count(*) INTO rows_new FROM public.users_by_date AS d
    WHERE NOT EXISTS (SELECT FROM public.users_distributed AS u WHERE u.id = d.id);

    -- Users who came only to users_by_date. For the others users_distributed, which went on living, is the truth.
    INSERT INTO public.users_distributed (id, username, email, country_code, registration_date, status)
    OVERRIDING SYSTEM VALUE
    SELECT id, username, email, country_code, registration_date, status
    FROM public.users_by_date AS d
    WHERE NOT EXISTS (SELECT FROM public.users_distributed AS u WHERE u.id = d.id);

    SELECT count(*) INTO rows_after FROM public.users_distributed;
    IF rows_after <> rows_before + rows_new THEN
        RAISE EXCEPTION 'users_distributed should have % rows and has %', rows_before + rows_new, rows_after;
    END IF;

    DROP TABLE public.users_by_date;
END
$$;

ANALYZE public.event_logs;
ANALYZE public.users_distributed;
