--
-- 00_state.sql: where conversions are kept
-- Needs:   nothing
-- Locks:   none that anybody waits for
-- Runs:    in one transaction
-- Expect:  the schema partition_convert, without any conversion
--
CREATE SCHEMA IF NOT EXISTS partition_convert;

CREATE TABLE IF NOT EXISTS partition_convert.conversions (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      oid NOT NULL,
    target      oid,                 -- null until it is made
    schema_name text NOT NULL,
    live_name   text NOT NULL,       -- the name that applications use
    shape       text NOT NULL CHECK (shape IN ('table', 'split', 'copy', 'attach_old')),
    phase       text NOT NULL CHECK (phase IN
                ('logging', 'prepared', 'keyed', 'copied', 'indexed', 'caught_up', 'ready', 'swapped', 'finished',
                 'aborted')),
    live        text NOT NULL DEFAULT 'source' CHECK (live IN ('source', 'target')),
    design      jsonb NOT NULL,
    files       text,                -- which files the live table's rows were in when both were found equal
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE UNIQUE INDEX IF NOT EXISTS conversions_one_a_table
    ON partition_convert.conversions (source) WHERE phase NOT IN ('finished', 'aborted');

-- What is left to copy: each worker takes a segment that nobody has, copies some blocks, moves next_block on,
-- all in one transaction. Done when next_block = end_block everywhere.
CREATE TABLE IF NOT EXISTS partition_convert.segments (
    conversion  bigint NOT NULL REFERENCES partition_convert.conversions ON DELETE CASCADE,
    leaf        oid NOT NULL,
    filenode    oid NOT NULL,        -- the leaf's file: another one after VACUUM FULL, with rows in other places
    first_block bigint NOT NULL,
    next_block  bigint NOT NULL,
    end_block   bigint NOT NULL,
    rows        bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (conversion, leaf, first_block)
);

-- What was done, for `status`.
CREATE TABLE IF NOT EXISTS partition_convert.steps (
    conversion  bigint NOT NULL REFERENCES partition_convert.conversions ON DELETE CASCADE,
    step        text NOT NULL,
    began_at    timestamptz NOT NULL,
    ended_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    details     jsonb NOT NULL DEFAULT '{}'
);

-- What a swap left to do once its locks were released: foreign keys to validate, materialised views to build again.
CREATE TABLE IF NOT EXISTS partition_convert.settlements (
    conversion  bigint NOT NULL REFERENCES partition_convert.conversions ON DELETE CASCADE,
    position    int NOT NULL,
    settlement  jsonb NOT NULL,
    PRIMARY KEY (conversion, position)
);
