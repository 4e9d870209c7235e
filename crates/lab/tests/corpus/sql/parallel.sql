-- Plans with workers.

CREATE TABLE big (at int, v int) PARTITION BY RANGE (at);
CREATE TABLE big_1 PARTITION OF big FOR VALUES FROM (0) TO (1000);
CREATE TABLE big_2 PARTITION OF big FOR VALUES FROM (1000) TO (2000);
CREATE TABLE big_3 PARTITION OF big FOR VALUES FROM (2000) TO (3000);
CREATE TABLE big_4 PARTITION OF big DEFAULT;
INSERT INTO big SELECT n % 3500, n FROM generate_series(0, 34999) n;
CREATE INDEX ON big (at);
CREATE TABLE spread (id int, v int) PARTITION BY HASH (id);
CREATE TABLE spread_0 PARTITION OF spread FOR VALUES WITH (MODULUS 2, REMAINDER 0) PARTITION BY RANGE (v);
CREATE TABLE spread_0_lo PARTITION OF spread_0 FOR VALUES FROM (MINVALUE) TO (500);
CREATE TABLE spread_0_hi PARTITION OF spread_0 FOR VALUES FROM (500) TO (MAXVALUE);
CREATE TABLE spread_1 PARTITION OF spread FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO spread SELECT n, n % 1000 FROM generate_series(0, 9999) n;
CREATE TABLE few (n int);
INSERT INTO few VALUES (50), (1500);
ANALYZE;
ALTER DATABASE {database} SET min_parallel_table_scan_size = 0;
ALTER DATABASE {database} SET min_parallel_index_scan_size = 0;
ALTER DATABASE {database} SET parallel_setup_cost = 0;
ALTER DATABASE {database} SET parallel_tuple_cost = 0;

-- reads big: all
SELECT count(*) FROM big;
-- reads big: one
SELECT count(*) FROM big WHERE at = 1500;
-- reads big: two
SELECT sum(v) FROM big WHERE at >= 1000 AND at < 3000;
-- reads big: generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT sum(v) FROM big WHERE at >= $1 AND at < 2000;
EXECUTE q(1200);
-- reads big: generic, nothing left
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT sum(v) FROM big WHERE at >= $1 AND at < 2000 AND at >= 0;
EXECUTE q(9000);
-- reads big: by an init plan
SELECT sum(v) FROM big WHERE at = (SELECT max(n) FROM few);
-- reads big: by an init plan, without parallel appends
SET enable_parallel_append = off;
SELECT sum(v) FROM big WHERE at < (SELECT max(n) FROM few);
-- reads big: a loop within workers
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_memoize = off;
SELECT count(*) FROM few JOIN big ON at = n;
-- reads big: a parallel hash join
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT count(*) FROM big a JOIN big b USING (v) WHERE a.at < 1000 AND b.at < 2000;
-- reads big: index scans merged
SET enable_seqscan = off;
SELECT at FROM big WHERE at < 2000 ORDER BY at;
-- reads spread: two levels
SELECT count(*) FROM spread WHERE v < 400;
-- reads spread: two levels, one value
SELECT count(*) FROM spread WHERE id = 77;
-- reads spread: two levels, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT count(*) FROM spread WHERE v < $1;
EXECUTE q(400);
-- reads spread: two levels, generic above
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT count(*) FROM spread WHERE id = $1;
EXECUTE q(78);
-- reads big, spread: two tables
SELECT count(*) FROM big JOIN spread ON at = id WHERE at < 1000 AND id < 1000;
-- reads big: a whole query in one worker
-- until 15: the setting has another name since
SET force_parallel_mode = on;
SELECT * FROM big WHERE at = 1500;
-- reads big: a whole query in one worker, by its new name
-- since 16: the setting has this name
SET debug_parallel_query = on;
SELECT * FROM big WHERE at = 1500;
-- reads big: not worth a worker, by an init plan
SET parallel_setup_cost = 1000;
SELECT * FROM big WHERE at = (SELECT min(n) FROM few);
-- reads big: gathered in order, generic
SET plan_cache_mode = force_generic_plan;
SET enable_sort = off;
PREPARE q(int) AS SELECT at FROM big WHERE at >= $1 AND at < 3000 ORDER BY at;
EXECUTE q(2500);
