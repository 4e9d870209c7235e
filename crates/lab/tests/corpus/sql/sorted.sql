-- Appends that keep an order: MergeAppend, ordered Append, first and last rows.

CREATE TABLE log (at int, host text) PARTITION BY RANGE (at);
CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (100);
CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM (100) TO (200);
CREATE TABLE log_3 PARTITION OF log FOR VALUES FROM (200) TO (300);
CREATE INDEX ON log (at);
CREATE INDEX ON log (host);
INSERT INTO log SELECT n % 300, 'h' || n % 50 FROM generate_series(0, 2999) n;

-- A DEFAULT breaks the order of an Append.
CREATE TABLE mail (at int, host text) PARTITION BY RANGE (at);
CREATE TABLE mail_1 PARTITION OF mail FOR VALUES FROM (0) TO (100);
CREATE TABLE mail_2 PARTITION OF mail FOR VALUES FROM (100) TO (200);
CREATE TABLE mail_rest PARTITION OF mail DEFAULT;
CREATE INDEX ON mail (at);
INSERT INTO mail SELECT n % 300, 'h' FROM generate_series(0, 2999) n;

CREATE TABLE level (at int, host text) PARTITION BY RANGE (at);
CREATE TABLE level_1 PARTITION OF level FOR VALUES FROM (0) TO (100) PARTITION BY LIST (host);
CREATE TABLE level_1_a PARTITION OF level_1 FOR VALUES IN ('a');
CREATE TABLE level_1_b PARTITION OF level_1 FOR VALUES IN ('b');
CREATE TABLE level_2 PARTITION OF level FOR VALUES FROM (100) TO (200) PARTITION BY LIST (host);
CREATE TABLE level_2_a PARTITION OF level_2 FOR VALUES IN ('a');
CREATE TABLE level_2_b PARTITION OF level_2 FOR VALUES IN ('b');
CREATE INDEX ON level (at);
INSERT INTO level SELECT n % 200, (ARRAY['a', 'b'])[1 + n % 2] FROM generate_series(0, 1999) n;
CREATE TABLE one (n int);
INSERT INTO one VALUES (150);
ANALYZE;

-- reads log: by the key, which an Append keeps
SET enable_sort = off;
SELECT at FROM log ORDER BY at;
-- reads log: by the key, from the end
SET enable_sort = off;
SELECT at FROM log ORDER BY at DESC LIMIT 3;
-- reads log: by the key, the first rows only
SELECT * FROM log ORDER BY at LIMIT 3;
-- reads log: by another column, merged
SET enable_sort = off;
SELECT * FROM log ORDER BY host LIMIT 3;
-- reads log: merged, two of three
SET enable_sort = off;
SELECT * FROM log WHERE at < 200 ORDER BY host;
-- reads log: merged, generic
SET plan_cache_mode = force_generic_plan;
SET enable_sort = off;
PREPARE q(int) AS SELECT * FROM log WHERE at >= $1 ORDER BY host;
EXECUTE q(150);
-- reads log: merged, all removed
SET plan_cache_mode = force_generic_plan;
SET enable_sort = off;
PREPARE q(int) AS SELECT * FROM log WHERE at >= $1 ORDER BY host;
EXECUTE q(1500);
-- reads log: ordered, generic, limited
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM log WHERE at >= $1 ORDER BY at LIMIT 1;
EXECUTE q(110);
-- reads log: merged, pruned while running
SET enable_sort = off;
SELECT * FROM log WHERE at >= (SELECT n FROM one) ORDER BY host;
-- reads log: merged, nothing left while running
SET enable_sort = off;
SELECT * FROM log WHERE at > (SELECT n + 500 FROM one) ORDER BY host;
-- reads log: the highest
SELECT max(at) FROM log;
-- reads log: the lowest and the highest
SELECT min(at), max(at) FROM log WHERE at >= 100;
-- reads log: the highest below an init plan
SELECT max(at) FROM log WHERE at < (SELECT n FROM one);
-- reads log: distinct
SET enable_hashagg = off;
SET enable_sort = off;
SELECT DISTINCT host FROM log WHERE at < 150;
-- reads mail: a DEFAULT needs a merge
SET enable_sort = off;
SELECT at FROM mail ORDER BY at LIMIT 5;
-- reads mail: without the DEFAULT it does not
SET enable_sort = off;
SELECT at FROM mail WHERE at < 200 AND at >= 0 ORDER BY at LIMIT 5;
-- reads mail: a window function
SELECT at, row_number() OVER (ORDER BY at) FROM mail WHERE at >= 100 LIMIT 2;
-- reads level: two levels in order
SET enable_sort = off;
SELECT at FROM level ORDER BY at LIMIT 3;
-- reads level: two levels, generic
-- removed 2: one subplan, a MergeAppend over both leaves of level_1
SET plan_cache_mode = force_generic_plan;
SET enable_sort = off;
PREPARE q(int) AS SELECT at FROM level WHERE at >= $1 ORDER BY at;
EXECUTE q(100);
-- reads level: two levels, generic below
SET plan_cache_mode = force_generic_plan;
SET enable_sort = off;
PREPARE q(text) AS SELECT at FROM level WHERE host = $1 ORDER BY at;
EXECUTE q('a');
-- reads level: two levels, generic above and below
-- removed 3: one subplan over both leaves of level_1, and level_2_b
SET plan_cache_mode = force_generic_plan;
SET enable_sort = off;
PREPARE q(int, text) AS SELECT at FROM level WHERE at >= $1 AND host = $2 ORDER BY at;
EXECUTE q(100, 'a');
-- reads level: two levels, pruned while running
SET enable_sort = off;
SELECT at FROM level WHERE at >= (SELECT n FROM one) ORDER BY at;
