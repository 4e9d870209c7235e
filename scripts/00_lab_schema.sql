--
-- 00_lab_schema.sql: where setup records which scripts have run
-- Needs:   nothing
-- Locks:   none that anybody waits for
-- Runs:    in one transaction
-- Expect:  schema partition_lab with the table setup_scripts; a second run changes nothing
--

-- "IF NOT EXISTS" would tell us about it in a notice on every run.
SET LOCAL client_min_messages = warning;

CREATE SCHEMA IF NOT EXISTS partition_lab;

COMMENT ON SCHEMA partition_lab IS 'Partition Lab: its own records';

CREATE TABLE IF NOT EXISTS partition_lab.setup_scripts (
    script      text PRIMARY KEY,
    checksum    text NOT NULL,
    scale       bigint NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE partition_lab.setup_scripts IS
    'Partition Lab: the scripts that setup has run, each recorded in its own transaction';
