-- The query's shape: aliases, views, CTEs, subqueries, set operations, names, temporary tables,
-- inheritance beside partitions, partitions queried directly.

CREATE TABLE event (at int, kind text) PARTITION BY RANGE (at);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (10);
CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM (10) TO (20);
CREATE TABLE event_3 PARTITION OF event FOR VALUES FROM (20) TO (30);
INSERT INTO event SELECT n % 30, 'k' || n % 3 FROM generate_series(0, 299) n;
CREATE INDEX "event at on event_3" ON event_2 (at);

CREATE SCHEMA "Odd Schema";
CREATE TABLE "Odd Schema"."Größe on x" (at int, "weird ""col" text) PARTITION BY LIST (at);
CREATE TABLE "Odd Schema"."p one" PARTITION OF "Odd Schema"."Größe on x" FOR VALUES IN (1);
CREATE TABLE "Odd Schema"."p on two" PARTITION OF "Odd Schema"."Größe on x" FOR VALUES IN (2);
CREATE TABLE "Odd Schema"."p""3 (never executed)" PARTITION OF "Odd Schema"."Größe on x" FOR VALUES IN (3);
CREATE TABLE "Odd Schema"."日本" PARTITION OF "Odd Schema"."Größe on x" FOR VALUES IN (4);
CREATE TABLE "Odd Schema"."select" PARTITION OF "Odd Schema"."Größe on x" DEFAULT;
INSERT INTO "Odd Schema"."Größe on x" SELECT n % 6, 'w' FROM generate_series(1, 60) n;
CREATE INDEX "idx on ""p one"" p" ON "Odd Schema"."p one" (at);

CREATE TABLE animal (id int, legs int);
CREATE TABLE bird (wings int) INHERITS (animal);
CREATE TABLE fish () INHERITS (animal);
INSERT INTO bird VALUES (1, 2, 2);
INSERT INTO fish VALUES (25, 0);

CREATE TABLE childless (at int) PARTITION BY LIST (at);
CREATE TABLE single (at int) PARTITION BY RANGE (at);
CREATE TABLE single_only PARTITION OF single DEFAULT;
INSERT INTO single VALUES (1), (2);

CREATE TABLE duo (at int) PARTITION BY RANGE (at);
CREATE TABLE duo_1 PARTITION OF duo FOR VALUES FROM (0) TO (10);
CREATE TABLE duo_2 PARTITION OF duo FOR VALUES FROM (10) TO (20);
INSERT INTO duo VALUES (1), (11);

CREATE VIEW early AS SELECT * FROM event WHERE at < 10;
CREATE VIEW over_view AS SELECT at FROM early UNION ALL SELECT at FROM event WHERE at >= 20;
CREATE VIEW guarded WITH (security_barrier) AS SELECT * FROM event WHERE at >= 10;
CREATE FUNCTION of_kind(text) RETURNS SETOF event LANGUAGE sql STABLE AS 'SELECT * FROM event WHERE kind = $1 AND at < 20';
CREATE FUNCTION opaque() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM event); END';
CREATE TABLE line (n int);
INSERT INTO line VALUES (3), (13);

-- reads event: an alias
SELECT e.* FROM event e WHERE e.at = 5;
-- reads event: an alias that is a partition's name
SELECT event_3.* FROM event event_3 WHERE event_3.at = 5;
-- reads event: a subquery named like a partition
SELECT * FROM (SELECT at, count(*) FROM event WHERE at < 10 GROUP BY at OFFSET 0) event_2;
-- reads event: a CTE named like a partition
WITH event_3 AS MATERIALIZED (SELECT * FROM event WHERE at < 10) SELECT * FROM event_3;
-- reads event: a function named like a partition
SELECT * FROM generate_series(1, 3) event_2, event WHERE at = 25;
-- reads event: VALUES named like a partition
SELECT * FROM (VALUES (1), (2)) event_1 (x) JOIN event ON at = 25;
-- reads event: a filter that looks like a plan
SELECT * FROM event WHERE kind <> '->  Seq Scan on event_3 (never executed)' AND at = 5;
-- reads event: Subplans Removed, in a string
SELECT * FROM event WHERE kind <> 'Subplans Removed: 2' AND at = 5;
-- reads event: the same table twice
SELECT count(*) FROM event a, event b WHERE a.at = 5 AND b.at = 15 AND a.kind = b.kind;
-- reads event: the same table thrice, once pruned to nothing
SELECT at FROM event WHERE at = 5 UNION ALL SELECT at FROM event WHERE at = 55 UNION ALL SELECT at FROM event WHERE at = 25;
-- reads event: scanned here and never executed there
SELECT * FROM event a WHERE at < 10 AND (at >= 0 OR EXISTS (SELECT FROM event b WHERE b.at = a.at + 10));
-- reads event: a view
SELECT * FROM early WHERE kind = 'k1';
-- reads event: a view of a view
SELECT count(*) FROM over_view;
-- reads event: a view that a condition empties
SELECT * FROM early WHERE at = 15;
-- reads event: a view with a barrier
SELECT * FROM guarded WHERE at < 15;
-- reads event: an updatable view
UPDATE early SET kind = 'z' WHERE at = 3;
-- reads event: a CTE used twice
WITH e AS (SELECT * FROM event WHERE at < 20) SELECT count(*) FROM e a JOIN e b USING (at);
-- reads event: a CTE, inlined
WITH e AS NOT MATERIALIZED (SELECT * FROM event) SELECT * FROM e WHERE at = 5;
-- reads event: a materialized CTE hides the condition
WITH e AS MATERIALIZED (SELECT * FROM event) SELECT * FROM e WHERE at = 5;
-- reads event: a CTE never used
WITH e AS (SELECT * FROM event) SELECT 1;
-- reads event: UNION
SELECT kind FROM event WHERE at = 5 UNION SELECT kind FROM event WHERE at = 25;
-- reads event: EXCEPT
SELECT at FROM event EXCEPT SELECT at FROM event WHERE at < 20;
-- reads event: INTERSECT
SELECT kind FROM event WHERE at < 10 INTERSECT SELECT kind FROM event WHERE at >= 20;
-- reads event: grouping sets
SELECT at, kind, count(*) FROM event WHERE at >= 20 GROUP BY ROLLUP (at, kind);
-- reads event: HAVING false
SELECT kind, count(*) FROM event GROUP BY kind HAVING 1 = 2;
-- reads event: a sample
SELECT count(*) FROM event TABLESAMPLE SYSTEM (100) WHERE at < 10;
-- reads event: by ctid
SELECT * FROM event WHERE ctid = '(0,1)' AND at < 20;
-- reads event: a range of ctid
SELECT * FROM event WHERE ctid < '(1,0)' AND at >= 10;
-- reads event: ONLY, which reads nothing
SELECT * FROM ONLY event;
-- reads event: an SQL function, inlined
SELECT * FROM of_kind('k1') WHERE at >= 10;
-- reads nothing: a function that nobody looks into
SELECT opaque();
-- reads event: tableoid
SELECT tableoid::regclass, count(*) FROM event WHERE at < 20 GROUP BY 1;
-- reads event: an index whose name says on
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT * FROM event WHERE at = 15;
-- reads event: a bitmap index scan is no table
SET enable_seqscan = off;
SET enable_indexscan = off;
SELECT * FROM event WHERE at = 15;
-- reads Größe on x: a name with a space
SELECT * FROM "Odd Schema"."Größe on x" WHERE at = 1;
-- reads Größe on x: names with on and a quote in them
SELECT * FROM "Odd Schema"."Größe on x" t WHERE at IN (2, 3);
-- reads Größe on x: all its names, an alias with a quote
SELECT * FROM "Odd Schema"."Größe on x" "a "" b" ORDER BY 1;
-- reads Größe on x: never executed, and the name says so
SELECT * FROM "Odd Schema"."Größe on x" WHERE at = (SELECT 4);
-- reads Größe on x: an index with on and quotes
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT * FROM "Odd Schema"."Größe on x" WHERE at = 1;
-- reads Größe on x: generic
SET plan_cache_mode = force_generic_plan;
PREPARE "my plan"(int) AS SELECT * FROM "Odd Schema"."Größe on x" WHERE at = $1;
EXECUTE "my plan"(3);
-- reads nothing: a partition directly
SELECT * FROM event_2;
-- reads nothing: a partition directly, excluded by its bounds
SET constraint_exclusion = on;
SELECT * FROM event_2 WHERE at = 5;
-- reads event: a partition beside its parent
SELECT * FROM event_2 JOIN event USING (kind) WHERE event.at = 25;
-- reads event: a partition beside its parent, which does not prune it
SELECT * FROM event_2 UNION ALL SELECT * FROM event WHERE at = 15;
-- reads nothing: inheritance
SELECT * FROM animal WHERE legs = 2;
-- reads event: inheritance beside partitions
SELECT * FROM animal JOIN event ON event.at = animal.id WHERE event.at >= 20;
-- reads event, single: one partition only
SELECT * FROM event JOIN single USING (at) WHERE event.at < 10;
-- reads childless: no partitions
SELECT * FROM childless;
-- reads childless, event: no partitions, joined
SELECT * FROM event LEFT JOIN childless USING (at) WHERE event.at = 3;
-- reads passing: a temporary table
CREATE TEMP TABLE IF NOT EXISTS passing (at int) PARTITION BY RANGE (at);
CREATE TEMP TABLE IF NOT EXISTS passing_1 PARTITION OF passing FOR VALUES FROM (0) TO (10);
CREATE TEMP TABLE IF NOT EXISTS passing_2 PARTITION OF passing FOR VALUES FROM (10) TO (20);
SELECT * FROM passing WHERE at = 15;
-- reads passing, event: a temporary table, joined
SELECT * FROM passing RIGHT JOIN event USING (at) WHERE event.at = 15;
-- reads passing: a temporary table, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM passing WHERE at = $1;
EXECUTE q(15);
-- reads event: a CHECK excludes a partition, locked though it is
ALTER TABLE event_3 ADD CHECK (kind <> 'none');
SELECT * FROM event WHERE kind = 'none';
-- reads event, duo: a CHECK excludes one, and the start removes others
-- removed 1: duo_1; event_3 was excluded by its CHECK
SELECT * FROM event JOIN duo USING (at) WHERE kind = 'none' AND duo.at > 12 + extract(year FROM now())::int * 0;
-- reads event: a CHECK excludes one, and the start removes another
-- removed 1: event_1; event_3 was excluded by its CHECK
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM event WHERE kind = 'none' AND at >= $1;
EXECUTE q(12);
-- reads event: excluded in every partition but those whose column may be NULL
ALTER TABLE event_1 ALTER kind SET NOT NULL;
SELECT * FROM event WHERE kind IS NULL;
-- reads event: the same, generic
-- removed 1: event_2; event_1 was excluded, for its column is never NULL
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM event WHERE kind IS NULL AND at >= $1;
EXECUTE q(22);
-- reads event: a policy
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
CREATE POLICY late ON event USING (at >= 20);
CREATE ROLE {database}_reader;
GRANT SELECT ON event TO {database}_reader;
SET ROLE {database}_reader;
SELECT * FROM event;
-- reads event: rows of a cursor over a view
DECLARE c CURSOR FOR SELECT * FROM over_view WHERE at < 5;
