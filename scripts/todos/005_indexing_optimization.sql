--
-- 005_indexing_optimization.sql: which indexes the new tables are to have, and who uses them
-- Needs:   todos/001_create_partitioned_tables.sql
-- Locks:   none; what index_statements() returns blocks no writer
-- Runs:    in one transaction
-- Expect:  index_statements() and get_index_usage_stats(); from psql: SELECT todo_app.index_statements() \gexec
--
-- CREATE INDEX on a partitioned table locks out writers of every partition until the last one is built. So the parent's is
-- made ON ONLY itself and not valid, each partition's CONCURRENTLY, and attached; with the last one the parent's is valid.
-- CONCURRENTLY cannot run in a function: the statements are returned, for whoever runs them one by one.
--

CREATE OR REPLACE FUNCTION todo_app.wanted_indexes()
RETURNS TABLE (number int, of_table regclass, suffix text, definition text)
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
AS $$
    SELECT * FROM (VALUES
        (1, 'todos_active'::regclass, 'open_idx', '(user_id, status, priority DESC) WHERE status <> ''done'''),
        (2, 'todos_active', 'recent_idx', '(user_id, created_at DESC)'),
        (3, 'todos_active', 'project_idx', '(user_id, project_id, created_at DESC) WHERE project_id IS NOT NULL'),
        (4, 'todos_active', 'parent_idx', '(parent_todo_id, user_id) WHERE parent_todo_id IS NOT NULL'),
        (5, 'todos_active', 'due_idx', '(user_id, due_date, status) WHERE due_date IS NOT NULL AND status <> ''done'''),
        (6, 'todos_archived', 'recent_idx', '(user_id, archived_at DESC)'),
        (7, 'todos_archived', 'project_idx', '(project_id, archived_at DESC) WHERE project_id IS NOT NULL'),
        (8, 'ai_todo_interactions', 'recent_idx', '(user_id, created_at DESC)'),
        (9, 'ai_todo_interactions', 'todo_idx', '(todo_id, interaction_type)'),
        -- For the children of what is deleted, whoever's they are.
        (10, 'todos_archived', 'parent_idx', '(parent_todo_id) WHERE parent_todo_id IS NOT NULL'),
        -- For archive_completed_todos(), which would read every active todo each day.
        (11, 'todos_active', 'done_idx', '(completed_at) WHERE status = ''done'''),
        -- For lists with the most urgent first, which would read and sort all that a user has open for each page.
        (12, 'todos_active', 'urgent_idx', '(user_id, priority DESC, due_date, id) WHERE status <> ''done''')
    ) AS wanted
$$;

-- What is to be run, in order, until all of them are there and valid. Of an interrupted CREATE INDEX CONCURRENTLY an index
-- is left that is not valid: it is dropped and built anew. Nothing when nothing is missing.
CREATE OR REPLACE FUNCTION todo_app.index_statements() RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
AS $$
    WITH wanted AS (
        SELECT w.*, c.relname || '_' || w.suffix AS name, to_regclass(quote_ident(c.relname || '_' || w.suffix)) AS index
        FROM wanted_indexes() AS w JOIN pg_class AS c ON c.oid = w.of_table
    ), leaves AS (
        SELECT w.number, w.name AS parent, w.definition, l.relid AS leaf,
               c.relname || '_' || w.suffix AS name, i.indexrelid IS NOT NULL AS built, i.indisvalid
        FROM wanted AS w
        CROSS JOIN LATERAL pg_partition_tree(w.of_table) AS l
        JOIN pg_class AS c ON c.oid = l.relid
        LEFT JOIN pg_index AS i
            ON i.indrelid = l.relid AND i.indexrelid = to_regclass(quote_ident(c.relname || '_' || w.suffix))
        WHERE l.isleaf
          -- A partition that was made since has the parent's index under a name of the server's choice.
          AND NOT EXISTS (SELECT FROM pg_inherits AS h JOIN pg_index AS a ON a.indexrelid = h.inhrelid
                          WHERE h.inhparent = w.index AND a.indrelid = l.relid)
    )
    SELECT statement
    FROM (
        SELECT number, 0 AS step, name, format('CREATE INDEX %I ON ONLY %s %s', name, qualified(of_table), definition)
        FROM wanted WHERE index IS NULL
        UNION ALL
        SELECT number, 1, name, format('DROP INDEX CONCURRENTLY todo_app.%I', name) FROM leaves WHERE built AND NOT indisvalid
        UNION ALL
        SELECT number, 2, name, format('CREATE INDEX CONCURRENTLY %I ON %s %s', name, qualified(leaf), definition)
        FROM leaves WHERE NOT built OR NOT indisvalid
        UNION ALL
        SELECT number, 3, name, format('ALTER INDEX todo_app.%I ATTACH PARTITION todo_app.%I', parent, name) FROM leaves
    ) AS steps (number, step, name, statement)
    ORDER BY number, step, name
$$;

-- Each index with all its partitions together, since the statistics were last reset.
CREATE OR REPLACE FUNCTION todo_app.get_index_usage_stats()
RETURNS TABLE ("table" text, index text, size bigint, scans bigint, tuples_read bigint, tuples_fetched bigint, verdict text)
LANGUAGE sql STABLE
SET search_path = todo_app, pg_temp
AS $$
    SELECT t.relname, x.relname, s.size, s.scans, s.tuples_read, s.tuples_fetched,
           CASE WHEN NOT s.valid THEN 'not valid: build it again'
                WHEN i.indisprimary THEN 'primary key'
                WHEN i.indisunique THEN 'unique'
                WHEN s.scans = 0 THEN 'never used'
                WHEN s.scans < 10 THEN 'rarely used'
                ELSE 'used' END
    FROM (
        SELECT coalesce(pg_partition_root(u.indexrelid), u.indexrelid) AS root, sum(pg_relation_size(u.indexrelid))::bigint AS size,
               sum(u.idx_scan)::bigint AS scans, sum(u.idx_tup_read)::bigint AS tuples_read,
               sum(u.idx_tup_fetch)::bigint AS tuples_fetched, bool_and(x.indisvalid) AS valid
        FROM pg_stat_user_indexes AS u JOIN pg_index AS x USING (indexrelid)
        WHERE u.schemaname = 'todo_app'
        GROUP BY root
    ) AS s
    JOIN pg_index AS i ON i.indexrelid = s.root
    JOIN pg_class AS x ON x.oid = s.root
    JOIN pg_class AS t ON t.oid = i.indrelid
    ORDER BY t.relname, x.relname
$$;

-- Nobody's to call but the owner's: a trigger needs no such right of whoever writes.
REVOKE ALL ON FUNCTION
    todo_app.wanted_indexes, todo_app.index_statements, todo_app.get_index_usage_stats
FROM PUBLIC;
