-- Values known only when execution begins: parameters of generic plans, stable functions.

CREATE TABLE meter (at int, kind text, v int) PARTITION BY RANGE (at);
CREATE TABLE meter_1 PARTITION OF meter FOR VALUES FROM (0) TO (10);
CREATE TABLE meter_2 PARTITION OF meter FOR VALUES FROM (10) TO (20);
CREATE TABLE meter_3 PARTITION OF meter FOR VALUES FROM (20) TO (30);
CREATE TABLE meter_4 PARTITION OF meter DEFAULT;
INSERT INTO meter SELECT n % 40, 'k' || n % 3, n FROM generate_series(0, 399) n;
CREATE INDEX ON meter (at);

CREATE TABLE tag (name text, n int) PARTITION BY LIST (name);
CREATE TABLE tag_a PARTITION OF tag FOR VALUES IN ('a');
CREATE TABLE tag_bc PARTITION OF tag FOR VALUES IN ('b', 'c');
CREATE TABLE tag_null PARTITION OF tag FOR VALUES IN (NULL);
INSERT INTO tag VALUES ('a', 1), ('b', 2), ('c', 3), (NULL, 4);

CREATE TABLE key (id int, v text) PARTITION BY HASH (id);
CREATE TABLE key_0 PARTITION OF key FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE key_1 PARTITION OF key FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE key_2 PARTITION OF key FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO key SELECT n, 'v' FROM generate_series(1, 60) n;

CREATE TABLE tree (a int, b text) PARTITION BY RANGE (a);
CREATE TABLE tree_1 PARTITION OF tree FOR VALUES FROM (0) TO (10) PARTITION BY LIST (b);
CREATE TABLE tree_1_x PARTITION OF tree_1 FOR VALUES IN ('x');
CREATE TABLE tree_1_y PARTITION OF tree_1 FOR VALUES IN ('y');
CREATE TABLE tree_2 PARTITION OF tree FOR VALUES FROM (10) TO (20) PARTITION BY LIST (b);
CREATE TABLE tree_2_x PARTITION OF tree_2 FOR VALUES IN ('x');
CREATE TABLE tree_2_y PARTITION OF tree_2 FOR VALUES IN ('y');
CREATE TABLE tree_3 PARTITION OF tree FOR VALUES FROM (20) TO (30);
INSERT INTO tree SELECT n % 20, (ARRAY['x', 'y'])[1 + n % 2] FROM generate_series(0, 99) n;

CREATE TABLE diary (day timestamptz, t text) PARTITION BY RANGE (day);
CREATE TABLE diary_past PARTITION OF diary FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE diary_now PARTITION OF diary FOR VALUES FROM ('2020-01-01') TO ('2200-01-01');
CREATE TABLE diary_far PARTITION OF diary FOR VALUES FROM ('2200-01-01') TO (MAXVALUE);
INSERT INTO diary VALUES ('2010-01-01', 'p'), (now(), 'n'), ('2300-01-01', 'f');

-- reads meter: generic, equal
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1;
EXECUTE q(15);
-- reads meter: generic, and DEFAULT alone
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1;
EXECUTE q(35);
-- reads meter: custom, equal
SET plan_cache_mode = force_custom_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1;
EXECUTE q(15);
-- reads meter: generic, NULL
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1;
EXECUTE q(NULL);
-- reads meter: generic, between
SET plan_cache_mode = force_generic_plan;
PREPARE q(int, int) AS SELECT * FROM meter WHERE at BETWEEN $1 AND $2;
EXECUTE q(12, 22);
-- reads meter: generic, between the wrong way round
SET plan_cache_mode = force_generic_plan;
PREPARE q(int, int) AS SELECT * FROM meter WHERE at BETWEEN $1 AND $2;
EXECUTE q(22, 12);
-- reads meter: generic, one bound known when planned
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at >= 10 AND at < 30 AND at < $1;
EXECUTE q(15);
-- reads meter: generic, the rest known when planned
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT * FROM meter WHERE at >= 10 AND at < 20 AND kind = $1;
EXECUTE q('k1');
-- reads meter: generic, an array as the parameter
SET plan_cache_mode = force_generic_plan;
PREPARE q(int[]) AS SELECT * FROM meter WHERE at = ANY ($1);
EXECUTE q('{5, 25}');
-- reads meter: generic, an empty array
SET plan_cache_mode = force_generic_plan;
PREPARE q(int[]) AS SELECT * FROM meter WHERE at = ANY ($1);
EXECUTE q('{}');
-- reads meter: generic, IN with parameters
SET plan_cache_mode = force_generic_plan;
PREPARE q(int, int) AS SELECT * FROM meter WHERE at IN ($1, $2, 5);
EXECUTE q(1, 2);
-- reads meter: generic, OR of a parameter and a constant
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1 OR at = 25;
EXECUTE q(15);
-- reads meter: generic, a parameter that is not about the key
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT * FROM meter WHERE kind = $1;
EXECUTE q('k1');
-- reads meter: generic, arithmetic on the parameter
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1 * 2 + 1;
EXECUTE q(7);
-- reads meter: generic, a bigint parameter for an int key
SET plan_cache_mode = force_generic_plan;
PREPARE q(bigint) AS SELECT * FROM meter WHERE at = $1;
EXECUTE q(7);
-- reads meter: generic, a numeric parameter, so the key is cast
SET plan_cache_mode = force_generic_plan;
PREPARE q(numeric) AS SELECT * FROM meter WHERE at = $1;
EXECUTE q(7);
-- reads meter: generic, executed before
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1;
EXECUTE q(3);
EXECUTE q(4);
EXECUTE q(25);
-- reads meter: auto, the first time custom
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1;
EXECUTE q(15);
-- reads meter: auto, no longer custom
PREPARE q(int) AS SELECT v FROM meter WHERE at < $1 + 100 AND v > 3;
EXECUTE q(1);
EXECUTE q(1);
EXECUTE q(1);
EXECUTE q(1);
EXECUTE q(1);
EXECUTE q(1);
EXECUTE q(-95);
-- reads meter: generic, limited
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at > $1 LIMIT 1;
EXECUTE q(11);
-- reads meter: generic, the same table twice
-- removed 2: one scan leaves [10, 20), the other [20, 30); three each are removed, two of them twice
SET plan_cache_mode = force_generic_plan;
PREPARE q(int, int) AS SELECT * FROM meter a JOIN meter b USING (v) WHERE a.at = $1 AND b.at = $2;
EXECUTE q(15, 25);
-- reads meter: generic, the same parameter twice
-- removed 3: the same three twice
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter a JOIN meter b USING (v) WHERE a.at = $1 AND b.at = $1;
EXECUTE q(15);
-- reads meter, tag: generic, two tables
SET plan_cache_mode = force_generic_plan;
PREPARE q(int, text) AS SELECT * FROM meter, tag WHERE at = $1 AND name = $2;
EXECUTE q(15, 'a');
-- reads meter, tag: generic for one, constant for the other
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter, tag WHERE at = $1 AND name = 'a';
EXECUTE q(15);
-- reads meter, tag: generic in one append over both
SET plan_cache_mode = force_generic_plan;
PREPARE q(int, text) AS SELECT v FROM meter WHERE at = $1 UNION ALL SELECT n FROM tag WHERE name = $2;
EXECUTE q(15, 'b');
-- reads meter, tag: generic, the first plan pruned to nothing
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT v FROM meter WHERE at = 1 AND at = 2 UNION ALL SELECT n FROM tag WHERE name = $1;
EXECUTE q('b');
-- reads tag: generic, a list
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT * FROM tag WHERE name = $1;
EXECUTE q('c');
-- reads tag: generic, a value that no list has
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT * FROM tag WHERE name = $1;
EXECUTE q('zzz');
-- reads tag: generic, unequal
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT * FROM tag WHERE name <> $1;
EXECUTE q('a');
-- reads tag: generic, a range of a list
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT * FROM tag WHERE name > $1;
EXECUTE q('a');
-- reads tag: generic, NULL by IS NULL or equal
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT * FROM tag WHERE name IS NULL OR name = $1;
EXECUTE q('a');
-- reads key: generic, hash
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM key WHERE id = $1;
EXECUTE q(11);
-- reads key: generic, hash, two values
SET plan_cache_mode = force_generic_plan;
PREPARE q(int, int) AS SELECT * FROM key WHERE id = $1 OR id = $2;
EXECUTE q(11, 12);
-- reads key: generic, hash, a range
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM key WHERE id > $1;
EXECUTE q(11);
-- reads tree: generic, both levels
SET plan_cache_mode = force_generic_plan;
PREPARE q(int, text) AS SELECT * FROM tree WHERE a = $1 AND b = $2;
EXECUTE q(15, 'y');
-- reads tree: generic, the upper level
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM tree WHERE a = $1;
EXECUTE q(15);
-- reads tree: generic, the lower level
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT * FROM tree WHERE b = $1;
EXECUTE q('x');
-- reads tree: generic above, constant below
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM tree WHERE a = $1 AND b = 'x';
EXECUTE q(3);
-- reads tree: generic, nothing left
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM tree WHERE a = $1;
EXECUTE q(333);
-- reads tree_2: generic, a branch
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT * FROM tree_2 WHERE b = $1;
EXECUTE q('x');
-- reads diary: now()
SELECT * FROM diary WHERE day >= now() - interval '1 hour' AND day < now() + interval '1 hour';
-- reads diary: current_date
SELECT * FROM diary WHERE day >= current_date + 1;
-- reads diary: now() and a constant
SELECT * FROM diary WHERE day > now() AND day < '2150-01-01';
-- reads diary: clock_timestamp() is volatile
SELECT * FROM diary WHERE day > clock_timestamp();
-- reads diary: a time zone of the session
SELECT * FROM diary WHERE day < timestamp '2015-01-01';
-- reads meter: a setting, cast
SET my.at = '15';
SELECT * FROM meter WHERE at = current_setting('my.at')::int;
-- reads meter: random() prunes nothing
SELECT * FROM meter WHERE at = (random() * 0)::int;
-- reads meter: generic, pruning off
SET plan_cache_mode = force_generic_plan;
SET enable_partition_pruning = off;
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1;
EXECUTE q(15);
-- reads meter: locks of an earlier statement, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1;
BEGIN;
SELECT count(*) FROM meter;
EXECUTE q(15);
-- reads meter: locks of an earlier statement, constant
BEGIN;
SELECT count(*) FROM meter;
SELECT * FROM meter WHERE at = 15;
-- reads meter: a cursor
DECLARE c CURSOR FOR SELECT * FROM meter WHERE at = 15;
-- reads meter: generic, a table made of it
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at = $1;
CREATE TABLE kept AS EXECUTE q(15);
-- reads meter: locks of an earlier statement, some pruned when planned and some at start
-- since 16: without GENERIC_PLAN, nothing tells the planner's locks from the earlier ones
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at >= 10 AND at < 30 AND at < $1;
BEGIN;
SELECT count(*) FROM meter;
EXECUTE q(15);
-- reads meter: locks of another mode from an earlier statement
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM meter WHERE at >= 10 AND at < 30 AND at < $1;
BEGIN;
UPDATE meter SET v = 0;
EXECUTE q(15);
-- reads tag: auto, no longer custom while it is looked at
ANALYZE tag;
PREPARE q(text) AS SELECT * FROM tag WHERE name = $1;
EXECUTE q('a');
EXECUTE q('a');
EXECUTE q('a');
EXECUTE q('b');
-- reads tag: auto, no longer custom, and constants beside
PREPARE q(text) AS SELECT * FROM tag WHERE name IN ('a', 'b') AND name = $1;
EXECUTE q('a');
EXECUTE q('a');
EXECUTE q('a');
EXECUTE q('b');
-- reads meter: three scans, each its own parameter
-- removed 1: [20, 30), which none of the three reads
SET plan_cache_mode = force_generic_plan;
PREPARE q(int, int, int) AS SELECT count(*) FROM meter a, meter b, meter c
    WHERE a.at = $1 AND b.at = $2 AND c.at = $3 AND a.v = b.v AND b.v = c.v;
EXECUTE q(5, 15, 35);
