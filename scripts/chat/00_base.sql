--
-- 00_base.sql: the messages of a chat application, 1,000 times partition_lab.scale, not partitioned
-- Needs:   nothing (no tables of these names)
-- Locks:   none, the tables are new
-- Runs:    in one transaction
-- Expect:  users, tasks and chat_messages, with rows over the eight quarters of 2024 and 2025
--
-- A conversation is a session of ten messages, 45 seconds apart. No random(): every value is made
-- from the row's number, so the rows are the same on every machine and every run.
--

CREATE TYPE public.messagerole AS ENUM ('user', 'assistant', 'system', 'tool');

COMMENT ON TYPE public.messagerole IS 'Partition Lab: who wrote a message';

CREATE TABLE public.users (
    id         uuid        CONSTRAINT users_pkey PRIMARY KEY,
    username   varchar(50) NOT NULL CONSTRAINT users_username_key UNIQUE,
    created_at timestamp   NOT NULL
);

COMMENT ON TABLE public.users IS 'Partition Lab: who chats';

CREATE TABLE public.tasks (
    id         uuid         CONSTRAINT tasks_pkey PRIMARY KEY,
    user_id    uuid         NOT NULL CONSTRAINT tasks_user_id_fkey REFERENCES public.users,
    title      varchar(200) NOT NULL,
    created_at timestamp    NOT NULL
);

COMMENT ON TABLE public.tasks IS 'Partition Lab: what a conversation is about, if it is about anything';

CREATE TABLE public.chat_messages (
    user_id        uuid        NOT NULL,
    task_id        uuid,
    session_id     uuid        NOT NULL,
    message_id     varchar(36),
    role           public.messagerole NOT NULL,
    content        text        NOT NULL,
    actions        json,
    parse_degraded boolean,
    tokens_used    int,
    model_name     varchar(100),
    id             uuid        NOT NULL,
    created_at     timestamp   NOT NULL,
    updated_at     timestamp   NOT NULL,
    deleted_at     timestamp
);

COMMENT ON TABLE public.chat_messages IS
    'Partition Lab: a single table that only grows. Almost every query is about the last weeks, and all of it '
    'is vacuumed, indexed and backed up for them.';

INSERT INTO public.users (id, username, created_at)
WITH setting AS MATERIALIZED (SELECT coalesce(nullif(current_setting('partition_lab.scale', true), ''), '1')::bigint AS scale)
SELECT md5('user ' || n)::uuid, 'user' || n, timestamp '2023-12-01' + n % 30 * interval '1 day'
FROM setting, generate_series(1, 20 * scale) AS n;

INSERT INTO public.tasks (id, user_id, title, created_at)
WITH setting AS MATERIALIZED (SELECT coalesce(nullif(current_setting('partition_lab.scale', true), ''), '1')::bigint AS scale)
SELECT
    md5('task ' || n)::uuid,
    md5('user ' || 1 + abs(hashint8extended(n, 1) % (20 * scale)))::uuid,
    ('{plan a trip,write a letter,fix a bug,compare prices,learn a language}'::text[])[1 + n % 5],
    timestamp '2023-12-31'
FROM setting, generate_series(1, 50 * scale) AS n;

INSERT INTO public.chat_messages
WITH setting AS MATERIALIZED (SELECT coalesce(nullif(current_setting('partition_lab.scale', true), ''), '1')::bigint AS scale)
SELECT
    md5('user ' || 1 + abs(hashint8extended(session, 2) % (20 * scale)))::uuid,
    CASE WHEN session % 3 <> 0 THEN md5('task ' || 1 + abs(hashint8extended(session, 3) % (50 * scale)))::uuid END,
    md5('session ' || session)::uuid,
    -- The application gives system messages no id of their own.
    CASE WHEN role <> 'system' THEN md5('message ' || n)::uuid::text END,
    role,
    ('{Can you help me with this?,Of course. What have you tried?,It says that the date is not valid.,'
      'Then the month comes first. Swap the two.,That works. Thank you!}'::text[])[1 + abs(hashint8extended(n, 4) % 5)]
        || repeat(' And one more thing.', abs(hashint8extended(n, 5) % 20)::int),
    CASE WHEN role = 'tool' THEN json_build_array(json_build_object('name', 'search', 'results', n % 50)) END,
    CASE WHEN role = 'assistant' THEN abs(hashint8extended(n, 6) % 50) = 0 END,
    CASE WHEN role = 'assistant' THEN 50 + abs(hashint8extended(n, 7) % 2000) END,
    CASE WHEN role = 'assistant' THEN ('{small,small,large}'::text[])[1 + abs(hashint8extended(session, 8) % 3)] END,
    md5('id ' || n)::uuid,
    written,
    CASE WHEN edited = 0 THEN written + interval '5 minutes' ELSE written END,
    CASE WHEN abs(hashint8extended(n, 10) % 100) = 0 THEN written + interval '1 day' END
FROM setting
CROSS JOIN LATERAL (SELECT 100 * scale) AS amount (sessions)
CROSS JOIN LATERAL generate_series(0, sessions - 1) AS session
CROSS JOIN LATERAL generate_series(0, 9) AS place
CROSS JOIN LATERAL (SELECT
    session * 10 + place,
    ('{system,user,assistant,user,tool,assistant,user,assistant,user,assistant}'::public.messagerole[])[1 + place],
    -- 731 days, less one so that the last session ends in the last quarter.
    timestamp '2024-01-01' + session * 730 / sessions::float8 * interval '1 day' + place * interval '45 seconds',
    abs(hashint8extended(session * 10 + place, 9) % 30)
) AS message (n, role, written, edited);

-- Millions of rows go in several times as fast when keys and indexes come afterwards.
ALTER TABLE public.chat_messages
    ADD CONSTRAINT chat_messages_pkey PRIMARY KEY (id),
    ADD CONSTRAINT chat_messages_message_id_key UNIQUE (message_id),
    ADD CONSTRAINT chat_messages_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users,
    ADD CONSTRAINT chat_messages_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks;

CREATE INDEX chat_messages_created_at_idx ON public.chat_messages (created_at);
CREATE INDEX chat_messages_session_id_idx ON public.chat_messages (session_id);
CREATE INDEX chat_messages_user_id_idx    ON public.chat_messages (user_id);

-- Without statistics the first plans would be guesses.
ANALYZE public.users;
ANALYZE public.tasks;
ANALYZE public.chat_messages;
