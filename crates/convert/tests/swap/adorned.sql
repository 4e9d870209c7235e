-- A table with one of everything that a rename leaves behind, in a schema outside search_path, named so that each
-- unquoted name fails. {long} has 63 bytes.
DO $$ BEGIN CREATE ROLE swap_owner; CREATE ROLE "Swap Reader"; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
GRANT CREATE ON DATABASE {database} TO swap_owner;
CREATE SCHEMA "My Schema" AUTHORIZATION swap_owner;
GRANT USAGE ON SCHEMA "My Schema" TO PUBLIC;
SET search_path = "My Schema";
CREATE TABLE "My Schema"."Users" (id int PRIMARY KEY, name text);
CREATE TABLE "My Schema".tasks (id int PRIMARY KEY);
INSERT INTO "Users" SELECT n, 'u' || n FROM generate_series(1, 10) n;
INSERT INTO tasks SELECT generate_series(1, 10);
CREATE TABLE {long} (
    gone text,
    id int GENERATED ALWAYS AS IDENTITY (INCREMENT 3 CACHE 2),
    "Serial No" bigserial,
    day date NOT NULL,
    "user" int REFERENCES "Users" ON DELETE CASCADE,
    task int CONSTRAINT "the Task" REFERENCES tasks DEFERRABLE INITIALLY DEFERRED,
    parent int, parent_day date,
    body text COLLATE "C" DEFAULT 'it''s',
    upper text GENERATED ALWAYS AS (upper(body)) STORED,
    tags int[],
    CONSTRAINT "The Key" PRIMARY KEY (id, day),
    CONSTRAINT "later" UNIQUE ("Serial No", day) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "up" FOREIGN KEY (parent, parent_day) REFERENCES {long} (id, day),
    CONSTRAINT "no ""empty"" body" CHECK (body <> ''));
ALTER TABLE {long} DROP COLUMN gone;
ALTER TABLE {long} OWNER TO swap_owner;
CREATE INDEX "lower Body" ON {long} (lower(body) text_pattern_ops, day DESC NULLS LAST) INCLUDE (task) WHERE body <> 'x;
y';
CREATE INDEX "tags gin" ON {long} USING gin (tags);
CREATE UNIQUE INDEX "u" ON {long} (day, id) NULLS NOT DISTINCT;
COMMENT ON TABLE {long} IS 'The table''s \ own';
COMMENT ON COLUMN {long}.body IS 'The body';
COMMENT ON INDEX "tags gin" IS 'Of tags';
COMMENT ON CONSTRAINT "the Task" ON {long} IS 'A task';
COMMENT ON CONSTRAINT "The Key" ON {long} IS 'A key';
COMMENT ON CONSTRAINT "no ""empty"" body" ON {long} IS 'A check';
ALTER TABLE {long} ALTER COLUMN body SET STATISTICS 77, ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE STATISTICS "My Schema"."St ats" (ndistinct) ON day, task FROM {long};
COMMENT ON STATISTICS "St ats" IS 'Of stats';
GRANT SELECT ON {long} TO "Swap Reader" WITH GRANT OPTION;
GRANT UPDATE (body, task) ON {long} TO PUBLIC;
CREATE POLICY "some rows" ON {long} FOR SELECT TO "Swap Reader" USING (body <> 'secret');
ALTER TABLE {long} ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION "My Schema"."Touch"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER "A touch" BEFORE UPDATE ON {long} FOR EACH ROW WHEN (OLD.body IS DISTINCT FROM NEW.body) EXECUTE FUNCTION "Touch"();
CREATE TRIGGER "b off" AFTER INSERT ON {long} FOR EACH ROW EXECUTE FUNCTION "Touch"('x');
CREATE TRIGGER "c statement" AFTER DELETE ON {long} REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION "Touch"();
CREATE CONSTRAINT TRIGGER "d late" AFTER INSERT ON {long} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "Touch"();
ALTER TABLE {long} DISABLE TRIGGER "b off";
ALTER TABLE {long} ENABLE ALWAYS TRIGGER "A touch";
COMMENT ON TRIGGER "A touch" ON {long} IS 'Touches';
CREATE TABLE refers (id int, day date, CONSTRAINT "to it" FOREIGN KEY (id, day) REFERENCES {long} (id, day) ON DELETE CASCADE);
CREATE TABLE refers_in_parts (id int, day date, CONSTRAINT "to it" FOREIGN KEY (id, day) REFERENCES {long} (id, day)) PARTITION BY HASH (id);
CREATE TABLE refers_0 PARTITION OF refers_in_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE refers_1 PARTITION OF refers_in_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
COMMENT ON CONSTRAINT "to it" ON refers IS 'Refers';
CREATE VIEW "A view" WITH (security_barrier) AS SELECT id, day, body AS "Body" FROM {long} WHERE body <> 'x;' WITH LOCAL CHECK OPTION;
ALTER VIEW "A view" OWNER TO swap_owner;
ALTER VIEW "A view" ALTER COLUMN "Body" SET DEFAULT 'from the view';
GRANT SELECT ON "A view" TO "Swap Reader";
COMMENT ON VIEW "A view" IS 'Views';
CREATE VIEW "view on view" AS SELECT "Body" FROM "A view";
CREATE VIEW joined AS SELECT t.id, u.name FROM {long} t JOIN "Users" u ON u.id = t."user";
CREATE MATERIALIZED VIEW m WITH (fillfactor = 70) AS SELECT day, count(*) AS n FROM {long} GROUP BY day;
CREATE UNIQUE INDEX "m day" ON m (day);
COMMENT ON INDEX "m day" IS 'Of m';
COMMENT ON MATERIALIZED VIEW m IS 'Counts';
COMMENT ON COLUMN m.n IS 'How many';
ALTER MATERIALIZED VIEW m OWNER TO swap_owner;
GRANT SELECT ON m TO "Swap Reader";
CREATE MATERIALIZED VIEW m_on_m AS SELECT sum(n) AS s FROM m;
CREATE MATERIALIZED VIEW m_both AS SELECT s, (SELECT max(t.id) FROM {long} t) AS most FROM m_on_m;
CREATE MATERIALIZED VIEW empty AS SELECT id FROM {long} WITH NO DATA;
CREATE VIEW "view on m" AS SELECT * FROM m;
CREATE FUNCTION "How many"() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM "My Schema".{long}; END;
CREATE RULE "also" AS ON INSERT TO refers WHERE NEW.id = -1 DO ALSO DELETE FROM {long} WHERE id = -1;
CREATE TABLE guarded (id int);
CREATE POLICY "as there" ON guarded USING (EXISTS (SELECT FROM {long} t WHERE t.id = guarded.id));
CREATE PUBLICATION "A pub" FOR TABLE {long} (id, day, body) WHERE (id > 3) WITH (publish_via_partition_root);
GRANT USAGE ON SEQUENCE {identity} TO "Swap Reader";
COMMENT ON SEQUENCE {identity} IS 'Ids';
INSERT INTO {long} (day, "user", task, body, tags)
    SELECT date '2024-01-01' + n % 90, n % 10 + 1, n % 10 + 1, 'body ' || n, ARRAY[n] FROM generate_series(1, 1000) n;
UPDATE {long} SET parent = 1, parent_day = (SELECT day FROM {long} WHERE id = 1) WHERE id > 30;
REFRESH MATERIALIZED VIEW m; REFRESH MATERIALIZED VIEW m_on_m; REFRESH MATERIALIZED VIEW m_both;
RESET search_path;
