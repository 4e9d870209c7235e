--
-- monitoring.sql: what a person looks at once a week: sizes, jobs, indexes, what waits for the archive, how even the hash is
-- Needs:   todos/003_maintenance_jobs.sql, todos/005_indexing_optimization.sql
-- Locks:   ACCESS SHARE, while each query runs
-- Runs:    each statement alone; none of them writes
-- Expect:  five answers; psql -a -f scripts/todos/monitoring.sql prints each with its query and what to look at
--
-- Rows are what the last VACUUM or ANALYZE saw, so the weekly maintenance comes first. Scans are counted since the statistics were
-- last reset. Where row level security is on, the tables' owner runs it: others see their own todos only.
--

-- Sizes with indexes. Look for what grew since last week, normally as much as in the week before; todos_archived_default is empty.
SELECT s.type, coalesce(s.partition, 'together') AS partition, sum(s.mb) AS mb, sum(s.rows) AS rows
FROM todo_app.get_partition_statistics() AS s
GROUP BY GROUPING SETS ((s.type), (s.type, s.partition))
ORDER BY s.type, s.partition NULLS FIRST;

-- Jobs of the last seven days, failed ones first. Normally there are none of those, and each daily task ran on seven days.
SELECT date_trunc('second', l.started_at) AS started_at, l.period, l.task, l.status, l.details, l.sqlstate, l.took
FROM todo_app.maintenance_job_log AS l
WHERE l.started_at >= now() - interval '7 days'
ORDER BY l.status = 'done', l.started_at DESC;

-- Indexes scanned fewer than ten times, the largest first. Normally keys, and what only deletes read; look for others that are large.
SELECT i."table", i.index, round(i.size / 1048576.0, 2) AS mb, i.scans, i.verdict
FROM todo_app.get_index_usage_stats() AS i
WHERE i.scans < 10
ORDER BY i.size DESC, i.index;

-- Done for more than 30 days and active still. Normally near 0: those since the last daily run; more means that archiving fails.
SELECT count(*) AS todos, min(t.completed_at) AS oldest
FROM todo_app.todos_active AS t
WHERE t.status = 'done' AND t.completed_at < now() - interval '30 days';

-- Rows of each partition of todos_active, most first. Normally 50 to 200 percent of the average; above, look for one user's many.
SELECT s.partition, s.rows, round(100 * s.rows / nullif(avg(s.rows) OVER (), 0)) AS percent_of_average
FROM todo_app.get_partition_statistics() AS s
WHERE s.type = 'active'
ORDER BY s.rows DESC, s.partition;
