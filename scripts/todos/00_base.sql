--
-- 00_base.sql: a todo application with one big table, and a function that fills it
-- Needs:   nothing (no schema todo_app)
-- Locks:   none, the tables are new
-- Runs:    in one transaction
-- Expect:  users, projects, files and todos in schema todo_app, empty; todo_app.seed_todos(users, todos)
--

CREATE SCHEMA todo_app;

COMMENT ON SCHEMA todo_app IS 'Partition Lab: a todo application, from one big table to active, archive and AI tables';

CREATE TABLE todo_app.users (
    id uuid CONSTRAINT users_pkey PRIMARY KEY
);

CREATE TABLE todo_app.projects (
    id      uuid CONSTRAINT projects_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT projects_user_id_fkey REFERENCES todo_app.users ON DELETE CASCADE
);

CREATE INDEX projects_user_id_idx ON todo_app.projects (user_id);

CREATE TABLE todo_app.todos (
    id             uuid         NOT NULL DEFAULT gen_random_uuid() CONSTRAINT todos_pkey PRIMARY KEY,
    user_id        uuid         NOT NULL CONSTRAINT todos_user_id_fkey REFERENCES todo_app.users ON DELETE CASCADE,
    parent_todo_id uuid         CONSTRAINT todos_parent_todo_id_fkey REFERENCES todo_app.todos ON DELETE CASCADE,
    project_id     uuid         CONSTRAINT todos_project_id_fkey REFERENCES todo_app.projects ON DELETE SET NULL,
    title          varchar(500) NOT NULL,
    description    text,
    status         text         NOT NULL DEFAULT 'todo',
    priority       int          NOT NULL DEFAULT 3,
    due_date       timestamptz,
    completed_at   timestamptz,
    ai_generated   boolean      NOT NULL DEFAULT false,
    created_at     timestamptz  NOT NULL DEFAULT now(),
    updated_at     timestamptz  NOT NULL DEFAULT now(),
    CONSTRAINT todos_status_check CHECK (status IN ('todo', 'in_progress', 'done')),
    CONSTRAINT todos_priority_check CHECK (priority BETWEEN 1 AND 5),
    CONSTRAINT todos_completed_at_check CHECK (status <> 'done' OR completed_at IS NOT NULL)
);

CREATE INDEX todos_user_id_idx ON todo_app.todos (user_id, created_at DESC);

CREATE INDEX todos_parent_todo_id_idx ON todo_app.todos (parent_todo_id);

CREATE INDEX todos_project_id_idx ON todo_app.todos (project_id);

COMMENT ON TABLE todo_app.todos IS
    'Partition Lab: one table for everything. A user''s list shares pages, indexes and vacuum with what others did years ago.';

CREATE TABLE todo_app.files (
    id        uuid         CONSTRAINT files_pkey PRIMARY KEY,
    user_id   uuid         NOT NULL CONSTRAINT files_user_id_fkey REFERENCES todo_app.users ON DELETE CASCADE,
    todo_id   uuid         NOT NULL,
    filename  varchar(255) NOT NULL,
    file_path text         NOT NULL,
    file_size bigint       NOT NULL
);

CREATE INDEX files_todo_id_idx ON todo_app.files (todo_id);

-- A number from 0 to below 1 that is the same for the same n and salt, everywhere and always.
CREATE FUNCTION todo_app.seed_chance(n bigint, salt bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(n, salt) & 1073741823) / 1073741824.0;

-- Todos come in families of eight, one user's each: a tree three levels deep, and one family in a hundred a chain of eight.
-- Users are uneven: a tenth of them hold nearly half of all todos. A third is done, some of it two years ago.
CREATE FUNCTION todo_app.seed_todos(users bigint DEFAULT 1000, todos bigint DEFAULT 10000,
                                    as_of timestamptz DEFAULT now()) RETURNS bigint
LANGUAGE plpgsql
SET search_path = todo_app, pg_temp
AS $$
BEGIN
    IF users < 1 OR todos < 0 THEN
        RAISE 'seed_todos takes at least one user and no fewer than no todos, not % and %', users, todos;
    END IF;

    INSERT INTO users (id) SELECT md5('user ' || u)::uuid FROM generate_series(0, users - 1) AS u;

    INSERT INTO projects (id, user_id)
    SELECT md5('project ' || u || ' ' || p)::uuid, md5('user ' || u)::uuid
    FROM generate_series(0, users - 1) AS u, generate_series(0, 2) AS p;

    INSERT INTO todos (id, user_id, parent_todo_id, project_id, title, description, status, priority, due_date,
                       completed_at, ai_generated, created_at, updated_at)
    SELECT md5('todo ' || n)::uuid, md5('user ' || owner)::uuid,
           CASE WHEN parent IS NOT NULL THEN md5('todo ' || parent)::uuid END,
           CASE WHEN seed_chance(family, 3) < 0.4
                THEN md5('project ' || owner || ' ' || family % 3)::uuid END,
           'Todo ' || n, CASE WHEN n % 3 = 0 THEN repeat('What is to be done about it. ', 1 + (n % 5)::int) END,
           status, 1 + (n % 5)::int,
           CASE WHEN seed_chance(n, 4) < 0.6 THEN created_at + seed_chance(n, 5) * interval '60 days' END,
           CASE WHEN status = 'done' THEN completed_at END,
           n % 20 = 19, created_at, CASE WHEN status = 'done' THEN completed_at ELSE created_at END
    FROM (
        SELECT n, family, floor(users * seed_chance(family, 1) ^ 3)::bigint AS owner,
               CASE WHEN family % 100 = 99 AND place > 0 THEN n - 1
                    WHEN place IN (2, 3, 4) THEN n - 1 - (place = 4)::int END AS parent,
               CASE WHEN chance < 1 / 3.0 THEN 'done' WHEN chance < 0.5 THEN 'in_progress' ELSE 'todo' END AS status,
               age.created_at,
               age.created_at + seed_chance(n, 6) * (as_of - age.created_at) AS completed_at
        FROM (SELECT n, n / 8 AS family, (n % 8)::int AS place, seed_chance(n, 2) AS chance
              FROM generate_series(0, todos - 1) AS n) AS numbered,
             LATERAL (SELECT as_of - seed_chance(family, 7) * (1 - place * 0.05) * interval '730 days' AS created_at) AS age
    ) AS invented;

    INSERT INTO files (id, user_id, todo_id, filename, file_path, file_size)
    SELECT md5('file ' || n)::uuid, t.user_id, t.id, 'note ' || n || '.txt', '/files/' || n, (n * 37) % 100000
    FROM generate_series(0, todos - 1, 20) AS n
    JOIN todos AS t ON t.id = md5('todo ' || n)::uuid;

    RETURN todos;
END
$$;

-- Nobody's to call but the owner's: a trigger needs no such right of whoever writes.
REVOKE ALL ON FUNCTION
    todo_app.seed_chance, todo_app.seed_todos
FROM PUBLIC;
