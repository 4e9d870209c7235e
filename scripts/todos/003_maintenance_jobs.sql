--
-- 003_maintenance_jobs.sql: what is done every day, week and month, how it went, and what is wrong
-- Needs:   todos/002_cutover.sql, todos/005_indexing_optimization.sql
-- Locks:   none; what the functions lock, they wait for 100 ms at a time
-- Runs:    in one transaction
-- Expect:  run_daily_maintenance(), run_weekly_maintenance(), run_monthly_maintenance(), check_partition_health(),
--          get_partition_statistics(), partition_monitor, maintenance_job_log
--
-- `as_of` is the moment that a function takes for now. Months begin in UTC, whatever the session's time zone is.
--
-- A function is one transaction: what one task locks is held until the last has ended. So tasks that lock tables come last.
-- `todos maintain` runs each in a transaction of its own, and VACUUM and REINDEX CONCURRENTLY, which no function can.
--

CREATE TABLE IF NOT EXISTS todo_app.maintenance_job_log (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT maintenance_job_log_pkey PRIMARY KEY,
    period     text        NOT NULL,
    task       text        NOT NULL,
    status     text        NOT NULL,
    details    text        NOT NULL,
    sqlstate   text,
    started_at timestamptz NOT NULL,
    took       interval    NOT NULL,
    CONSTRAINT maintenance_job_log_period_check CHECK (period IN ('daily', 'weekly', 'monthly')),
    CONSTRAINT maintenance_job_log_status_check CHECK (status IN ('done', 'failed')),
    CONSTRAINT maintenance_job_log_sqlstate_check CHECK ((status = 'failed') = (sqlstate IS NOT NULL))
);

CREATE INDEX IF NOT EXISTS maintenance_job_log_period_idx ON todo_app.maintenance_job_log (period, started_at);

COMMENT ON TABLE todo_app.maintenance_job_log IS 'Partition Lab: each task of each maintenance run, and how it went';

-- Fails before the cutover: until then archive and active are what migrate_todos_batch() makes them.
CREATE OR REPLACE FUNCTION todo_app.require_cutover() RETURNS void
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    IF todos_is() <> 'view' THEN
        RAISE 'todos is the one big table still' USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'cutover_todos() comes first.';
    END IF;
END
$$;

-- Done for so many days: from active to archive, in batches until none is left or `max_batches` were moved. A row that somebody
-- has locked is left for the next time. How many.
CREATE OR REPLACE FUNCTION todo_app.archive_completed_todos(
    days_old int DEFAULT 30, batch_size int DEFAULT 1000, max_batches int DEFAULT NULL, as_of timestamptz DEFAULT now())
RETURNS bigint
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    moved    bigint;
    archived bigint := 0;
    batches  int := 0;
BEGIN
    IF days_old < 0 OR batch_size < 1 OR max_batches < 1 THEN
        RAISE 'archive_completed_todos takes days_old from 0, batch_size and max_batches from 1, not %, % and %',
            days_old, batch_size, max_batches USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM require_cutover();
    LOOP
        -- One statement: nobody's snapshot holds the todo twice, or not at all.
        WITH old AS MATERIALIZED (
            SELECT id, user_id FROM todos_active
            WHERE status = 'done' AND completed_at < as_of - days_old * interval '1 day'
            ORDER BY completed_at LIMIT batch_size
            FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM todos_active AS a USING old WHERE a.id = old.id AND a.user_id = old.user_id RETURNING a.*
        )
        INSERT INTO todos_archived (id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
                                    completed_at, ai_generated, created_at, updated_at, depth, archived_at)
        SELECT id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
               completed_at, ai_generated, created_at, updated_at, depth, as_of
        FROM gone;
        GET DIAGNOSTICS moved = ROW_COUNT;
        archived := archived + moved;
        batches := batches + 1;
        EXIT WHEN moved < batch_size OR batches = max_batches;
    END LOOP;
    IF archived > 0 THEN
        PERFORM note_history('archive', 'todos_active', archived, format('done for more than %s days', days_old));
    END IF;
    RETURN archived;
END
$$;

-- This month's partition and those of the next `months_ahead`, and one for each past month of which DEFAULT holds rows, which
-- move there. How many were made.
CREATE OR REPLACE FUNCTION todo_app.create_archive_partitions(months_ahead int DEFAULT 3, as_of timestamptz DEFAULT now()) RETURNS int
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    month date;
    made  int := 0;
BEGIN
    IF months_ahead NOT BETWEEN 0 AND 120 THEN
        RAISE 'create_archive_partitions takes 0 to 120 months, not %', months_ahead USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR month IN
        SELECT date_trunc('month', archived_at)::date FROM todos_archived_default
        WHERE isfinite(archived_at) AND archived_at < date_trunc('month', as_of)
        UNION
        SELECT (date_trunc('month', as_of) + n * interval '1 month')::date FROM generate_series(0, months_ahead) AS n
        ORDER BY 1
    LOOP
        made := made + ensure_archive_partitions(month, month);
    END LOOP;
    RETURN made;
END
$$;

-- For partitions that others made, as `todos grow` and `convert --split` do. Row triggers and policies come with the parent. What a
-- partition has of its own comes here: the guard against TRUNCATE while the
-- log is kept, and row level security for who names the partition itself. How many partitions lacked any of it.
CREATE OR REPLACE FUNCTION todo_app.settle_partitions() RETURNS int
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    one     record;
    settled int := 0;
BEGIN
    FOR one IN
        SELECT c.oid::regclass AS relid, logged AND NOT EXISTS (
                   SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = 'todos_no_truncate') AS unguarded,
               p.relrowsecurity AND NOT c.relrowsecurity AS unsecured
        FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid JOIN pg_class AS p ON p.oid = inhparent,
             LATERAL (SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = p.oid AND tgname = 'todos_no_truncate')) AS t (logged)
        WHERE p.oid IN ('todos_active'::regclass, 'todos_archived'::regclass, 'ai_todo_interactions'::regclass)
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

-- The archive's months that ended so many months ago, the oldest first.
CREATE OR REPLACE FUNCTION todo_app.past_retention(retention_months int, as_of timestamptz)
RETURNS TABLE (name text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
SET timezone = 'UTC'
AS $$
    SELECT p.* FROM archive_partitions() AS p
    WHERE p.until <= date_trunc('month', as_of) - retention_months * interval '1 month'
    ORDER BY p.until
$$;

-- Drops one, when it still holds what is `expected` (of table_content), where that is given; how many rows it held. Its writers
-- are locked out while it is read, its readers for a moment.
CREATE OR REPLACE FUNCTION todo_app.drop_archive_partition(
    partition text, action text, details text, expected text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    held record;
BEGIN
    -- What a way back would have to bring back must not be gone.
    IF to_regclass('todos_old') IS NOT NULL THEN
        RAISE 'todos_old is there still, and rollback_todos() needs what % holds', partition
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'finish_todos() comes first.';
    END IF;
    PERFORM lock_patiently('SHARE', quote_ident(partition)::regclass);
    SELECT * INTO held FROM table_content(quote_ident(partition)::regclass);
    IF held.content <> expected THEN
        RAISE '% was changed meanwhile', partition USING ERRCODE = 'serialization_failure', HINT = 'Run it again.';
    END IF;
    PERFORM lock_patiently('ACCESS EXCLUSIVE', 'todos_archived');
    EXECUTE format('DROP TABLE %I', partition);
    PERFORM note_history(action, partition, held.rows, details);
    RETURN held.rows;
END
$$;

-- Drops the months that ended so many months ago. After that there is no way back to what they held. Their names and rows.
CREATE OR REPLACE FUNCTION todo_app.drop_old_archive_partitions(
    retention_months int DEFAULT 24, as_of timestamptz DEFAULT now())
RETURNS TABLE (partition text, rows bigint)
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
SET timezone = 'UTC'
AS $$
BEGIN
    IF retention_months < 1 THEN
        RAISE 'drop_old_archive_partitions keeps at least one month, not %', retention_months USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM require_cutover();
    FOR partition IN SELECT p.name FROM past_retention(retention_months, as_of) AS p LOOP
        rows := drop_archive_partition(partition, 'drop', format('ended more than %s months ago', retention_months));
        RETURN NEXT;
    END LOOP;
END
$$;

-- Every leaf; `rows` is what the last VACUUM or ANALYZE saw, or else what was counted since the server's last crash.
CREATE OR REPLACE FUNCTION todo_app.get_partition_statistics()
RETURNS TABLE (partition text, type text, rows bigint, mb numeric, last_vacuum timestamptz, last_analyze timestamptz)
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
AS $$
    SELECT c.relname, t.type, CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint ELSE coalesce(s.n_live_tup, 0) END,
           round(pg_total_relation_size(c.oid) / 1048576.0, 2),
           greatest(s.last_vacuum, s.last_autovacuum), greatest(s.last_analyze, s.last_autoanalyze)
    FROM (VALUES (1, 'todos_active', 'active'), (2, 'todos_archived', 'archive'), (3, 'ai_todo_interactions', 'ai'))
             AS t (number, root, type),
         pg_partition_tree(t.root::regclass) AS l
    JOIN pg_class AS c ON c.oid = l.relid
    LEFT JOIN pg_stat_user_tables AS s ON s.relid = c.oid
    WHERE l.isleaf
    ORDER BY t.number, c.relname
$$;

-- What is wrong, the worst first: critical, warning or info. Nothing when all is well.
CREATE OR REPLACE FUNCTION todo_app.check_partition_health()
RETURNS TABLE (issue text, partition text, description text, severity text)
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
SET timezone = 'UTC'
AS $$
    WITH statistics AS MATERIALIZED (SELECT * FROM get_partition_statistics()),
    last_run AS (SELECT period, max(started_at) AS at FROM maintenance_job_log GROUP BY period),
    last_task AS (
        SELECT DISTINCT ON (period, task) period, task, status, details FROM maintenance_job_log
        ORDER BY period, task, id DESC
    )
    SELECT * FROM (
        SELECT 'rows in DEFAULT' AS issue, 'todos_archived_default' AS partition,
               format('%s rows of no month''s partition', count(*)) AS description, 'warning' AS severity
        FROM todos_archived_default HAVING count(*) > 0
        UNION ALL
        SELECT 'month missing', 'todos_archived_' || to_char(month, 'YYYY_MM'),
               'what is archived then goes to DEFAULT', CASE WHEN n <= 1 THEN 'critical' ELSE 'warning' END
        FROM (SELECT n, date_trunc('month', now()) + n * interval '1 month' AS month FROM generate_series(0, 3) AS n) AS ahead
        WHERE NOT EXISTS (SELECT FROM archive_partitions() AS p WHERE p.since <= month AND month < p.until)
        UNION ALL
        SELECT 'never vacuumed', s.partition, format('%s rows; index-only scans read the table', s.rows), 'info'
        FROM statistics AS s WHERE s.last_vacuum IS NULL AND s.rows >= 1000
        UNION ALL
        SELECT 'skew', s.partition, format('%s rows, %s times the average', s.rows, round(s.rows / s.average, 1)), 'warning'
        FROM (SELECT *, avg(rows) OVER (PARTITION BY type) AS average FROM statistics WHERE type IN ('active', 'ai')) AS s
        WHERE s.rows > 1000 AND s.rows > 2 * s.average
        UNION ALL
        SELECT 'archive lag', 'todos_active', format('%s todos were done more than 31 days ago', count(*)), 'warning'
        FROM todos_active WHERE status = 'done' AND completed_at < now() - interval '31 days' HAVING count(*) > 0
        UNION ALL
        SELECT 'index not valid', t.relname, i.relname || ' is kept up to date and read by nobody', 'warning'
        FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid
        WHERE t.relnamespace = 'todo_app'::regnamespace AND NOT x.indisvalid
        UNION ALL
        SELECT 'not secured', c.relname, 'its table has row level security, and this partition has not', 'critical'
        FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid JOIN pg_class AS t ON t.oid = inhparent
        WHERE c.relnamespace = 'todo_app'::regnamespace AND t.relrowsecurity AND NOT c.relrowsecurity
        UNION ALL
        SELECT 'job did not run', '', format('%s maintenance: %s', e.period, coalesce('last on ' || date_trunc('second', r.at), 'never')),
               'warning'
        FROM (VALUES ('daily', interval '26 hours'), ('weekly', interval '8 days'), ('monthly', interval '32 days')) AS e (period, most)
        LEFT JOIN last_run AS r USING (period)
        WHERE r.at IS NULL OR r.at < now() - e.most
        UNION ALL
        SELECT 'job failed', '', format('%s, %s: %s', l.period, l.task, l.details), 'warning'
        FROM last_task AS l WHERE l.status = 'failed'
    ) AS found
    ORDER BY array_position(ARRAY['critical', 'warning', 'info'], severity), issue, partition
$$;

-- Statistics of what was changed since they were gathered; of how many partitions.
CREATE OR REPLACE FUNCTION todo_app.analyze_changed() RETURNS int
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    part     regclass;
    analyzed int := 0;
BEGIN
    FOR part IN
        SELECT s.relid FROM pg_stat_user_tables AS s JOIN pg_inherits ON inhrelid = s.relid
        WHERE s.schemaname = 'todo_app' AND s.n_mod_since_analyze > 0 ORDER BY s.relid
    LOOP
        EXECUTE format('ANALYZE %s', part);
        analyzed := analyzed + 1;
    END LOOP;
    -- Autovacuum never looks at a parent.
    IF analyzed > 0 THEN
        ANALYZE todos_active, todos_archived, ai_todo_interactions;
    END IF;
    RETURN analyzed;
END
$$;

-- Each period's tasks in their order. `$1` is how many batches of archiving one call may take; a task returns what it did,
-- and whether there may be more to do.
CREATE OR REPLACE FUNCTION todo_app.maintenance_tasks(of_period text) RETURNS TABLE (number int, task text, call text)
LANGUAGE sql IMMUTABLE
SET search_path = todo_app, pg_temp
AS $$
    SELECT t.number, t.task, t.call FROM (VALUES
        ('daily', 1, 'archive completed todos',
         'SELECT format(''%s archived'', n), n >= 1000 * $1 FROM archive_completed_todos(max_batches => $1) AS n'),
        ('daily', 2, 'check health',
         'SELECT CASE count(*) WHEN 0 THEN ''all is well'' ELSE format(''%s found: %s'', count(*), string_agg(DISTINCT issue, '', '')) END, false
          FROM check_partition_health()'),
        ('daily', 3, 'create archive partitions',
         'SELECT format(''%s created%s'', create_archive_partitions(), '', '' || nullif(settle_partitions(), 0) || '' settled''), false'),
        ('weekly', 1, 'analyze changed partitions',
         'SELECT format(''%s analyzed'', analyze_changed()), false'),
        ('weekly', 2, 'check indexes',
         'SELECT format(''%s never used, %s not valid'', count(*) FILTER (WHERE verdict = ''never used''),
                        count(*) FILTER (WHERE verdict LIKE ''not valid%'')), false FROM get_index_usage_stats()'),
        ('monthly', 1, 'trim job log',
         'SELECT format(''%s entries of more than a year ago'', trim_job_log()), false'),
        ('monthly', 2, 'create archive partitions',
         'SELECT format(''%s created'', create_archive_partitions()), false'),
        ('monthly', 3, 'drop old archive partitions',
         'SELECT format(''%s dropped, %s rows'', count(*), coalesce(sum(rows), 0)), false FROM drop_old_archive_partitions()')
    ) AS t (period, number, task, call)
    WHERE t.period = of_period
    ORDER BY t.number
$$;

CREATE OR REPLACE FUNCTION todo_app.trim_job_log() RETURNS bigint
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    trimmed bigint;
BEGIN
    DELETE FROM maintenance_job_log WHERE started_at < now() - interval '1 year';
    GET DIAGNOSTICS trimmed = ROW_COUNT;
    RETURN trimmed;
END
$$;

-- Runs one task. When it fails its work is undone, and the failure is an entry in the log and a warning.
CREATE OR REPLACE FUNCTION todo_app.run_maintenance_task(
    of_period text, of_task text, max_batches int DEFAULT NULL,
    OUT status text, OUT details text, OUT took interval, OUT more boolean)
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
DECLARE
    begun CONSTANT timestamptz := clock_timestamp();
    call  text;
    code  text;
    hint  text;
BEGIN
    SELECT t.call INTO call FROM maintenance_tasks(of_period) AS t WHERE t.task = of_task;
    IF call IS NULL THEN
        RAISE 'there is no % maintenance task %', of_period, of_task USING ERRCODE = 'undefined_object';
    END IF;
    BEGIN
        EXECUTE call INTO details, more USING max_batches;
        status := 'done';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS details = MESSAGE_TEXT, code = RETURNED_SQLSTATE, hint = PG_EXCEPTION_HINT;
        details := details || coalesce(' (' || nullif(hint, '') || ')', '');
        status := 'failed';
        RAISE WARNING '% maintenance, %: %', of_period, of_task, details USING ERRCODE = code;
    END;
    more := coalesce(more, false);
    took := clock_timestamp() - begun;
    PERFORM log_maintenance(of_period, of_task, status, details, code, begun);
END
$$;

CREATE OR REPLACE FUNCTION todo_app.log_maintenance(
    period text, task text, status text, details text, code text, begun timestamptz) RETURNS void
LANGUAGE sql
SET search_path = todo_app, pg_temp
AS $$
    INSERT INTO maintenance_job_log (period, task, status, details, sqlstate, started_at, took)
    VALUES (period, task, status, details, code, begun, clock_timestamp() - begun)
$$;

CREATE OR REPLACE FUNCTION todo_app.run_daily_maintenance()
RETURNS TABLE (task text, status text, details text, "time" interval)
LANGUAGE sql
SET search_path = todo_app, pg_temp
AS $$
    SELECT t.task, r.status, r.details, r.took FROM maintenance_tasks('daily') AS t, run_maintenance_task('daily', t.task) AS r
$$;

CREATE OR REPLACE FUNCTION todo_app.run_weekly_maintenance()
RETURNS TABLE (task text, status text, details text, "time" interval)
LANGUAGE sql
SET search_path = todo_app, pg_temp
AS $$
    SELECT t.task, r.status, r.details, r.took FROM maintenance_tasks('weekly') AS t, run_maintenance_task('weekly', t.task) AS r
$$;

CREATE OR REPLACE FUNCTION todo_app.run_monthly_maintenance()
RETURNS TABLE (task text, status text, details text, "time" interval)
LANGUAGE sql
SET search_path = todo_app, pg_temp
AS $$
    SELECT t.task, r.status, r.details, r.took FROM maintenance_tasks('monthly') AS t, run_maintenance_task('monthly', t.task) AS r
$$;

-- VACUUM and REINDEX CONCURRENTLY where they are due, for whoever runs them one by one; from psql:
-- SELECT statement FROM todo_app.weekly_statements() \gexec. What an interrupted REINDEX CONCURRENTLY left is dropped. An index is due
-- when it is valid, larger than `reindex_from` bytes, and three times as large as its entries would take on full pages.
CREATE OR REPLACE FUNCTION todo_app.weekly_statements(reindex_from bigint DEFAULT 1048576)
RETURNS TABLE (task text, statement text)
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
AS $$
    WITH leaves AS (
        SELECT l.relid FROM (VALUES ('todos_active'), ('todos_archived'), ('ai_todo_interactions')) AS t (root),
             pg_partition_tree(t.root::regclass) AS l
        WHERE l.isleaf
    ), indexes AS (
        SELECT x.indexrelid, i.relname, x.indisvalid, pg_relation_size(x.indexrelid) AS size,
               -- An entry: item pointer, header, its columns, alignment.
               greatest(i.reltuples, 0) * (4 + 8 + 8 + coalesce((
                   SELECT sum(s.avg_width) FROM pg_attribute AS a
                   JOIN pg_stats AS s ON s.schemaname = 'todo_app' AND s.tablename = t.relname AND s.attname = a.attname
                   WHERE a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)), 16)) AS estimate
        FROM leaves JOIN pg_index AS x ON x.indrelid = leaves.relid
        JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid
    )
    SELECT task, statement FROM (
        SELECT 1, 'drop leftover indexes', relname::text, format('DROP INDEX CONCURRENTLY %s', qualified(indexrelid))
        FROM indexes WHERE NOT indisvalid AND relname ~ '_cc(new|old)[0-9]*$'
        UNION ALL
        SELECT 2, 'vacuum', s.relname, format('VACUUM (ANALYZE) %s', qualified(s.relid))
        FROM leaves JOIN pg_stat_user_tables AS s USING (relid)
        WHERE s.n_dead_tup > 50 + 0.05 * s.n_live_tup
           OR s.n_live_tup > 0 AND s.last_vacuum IS NULL AND s.last_autovacuum IS NULL
        UNION ALL
        SELECT 3, 'reindex', relname, format('REINDEX INDEX CONCURRENTLY %s', qualified(indexrelid))
        FROM indexes WHERE indisvalid AND size > reindex_from AND size > 3 * estimate + 16384
    ) AS due (number, task, name, statement)
    ORDER BY number, name
$$;

-- For dashboards: every leaf with its bound, and what is wrong with it.
CREATE OR REPLACE VIEW todo_app.partition_monitor WITH (security_invoker = true) AS
SELECT s.partition, s.type, pg_get_expr(c.relpartbound, c.oid) AS bound, s.rows, s.mb, s.last_vacuum, s.last_analyze, h.issues
FROM todo_app.get_partition_statistics() AS s
JOIN pg_class AS c ON c.relname = s.partition AND c.relnamespace = 'todo_app'::regnamespace
LEFT JOIN (SELECT partition, string_agg(issue || ': ' || description, '; ') AS issues
           FROM todo_app.check_partition_health() GROUP BY partition) AS h USING (partition);

COMMENT ON VIEW todo_app.partition_monitor IS 'Partition Lab: every partition, its size, its last VACUUM, and what is wrong with it';

-- Nobody's to call but the owner's: a trigger needs no such right of whoever writes.
REVOKE ALL ON FUNCTION
    todo_app.require_cutover, todo_app.archive_completed_todos, todo_app.create_archive_partitions,
    todo_app.settle_partitions, todo_app.past_retention, todo_app.drop_archive_partition,
    todo_app.drop_old_archive_partitions, todo_app.get_partition_statistics, todo_app.check_partition_health,
    todo_app.analyze_changed, todo_app.maintenance_tasks, todo_app.trim_job_log,
    todo_app.run_maintenance_task, todo_app.log_maintenance, todo_app.run_daily_maintenance,
    todo_app.run_weekly_maintenance, todo_app.run_monthly_maintenance, todo_app.weekly_statements
FROM PUBLIC;
