-- Joins and aggregates partition by partition.

CREATE TABLE left_t (k int, v int) PARTITION BY RANGE (k);
CREATE TABLE left_1 PARTITION OF left_t FOR VALUES FROM (0) TO (100);
CREATE TABLE left_2 PARTITION OF left_t FOR VALUES FROM (100) TO (200);
CREATE TABLE left_3 PARTITION OF left_t FOR VALUES FROM (200) TO (300);
CREATE TABLE right_t (k int, w int) PARTITION BY RANGE (k);
CREATE TABLE right_1 PARTITION OF right_t FOR VALUES FROM (0) TO (100);
CREATE TABLE right_2 PARTITION OF right_t FOR VALUES FROM (100) TO (200);
CREATE TABLE right_3 PARTITION OF right_t FOR VALUES FROM (200) TO (300);
INSERT INTO left_t SELECT n % 300, n FROM generate_series(0, 599) n;
INSERT INTO right_t SELECT n % 300, n FROM generate_series(0, 599) n;
CREATE INDEX ON right_t (k);

-- Bounds that match only in part.
CREATE TABLE other_t (k int, w int) PARTITION BY RANGE (k);
CREATE TABLE other_1 PARTITION OF other_t FOR VALUES FROM (0) TO (100);
CREATE TABLE other_4 PARTITION OF other_t FOR VALUES FROM (300) TO (400);
INSERT INTO other_t SELECT n, n FROM generate_series(0, 99) n;

CREATE TABLE multi_a (k int, c text) PARTITION BY RANGE (k);
CREATE TABLE multi_a1 PARTITION OF multi_a FOR VALUES FROM (0) TO (100) PARTITION BY LIST (c);
CREATE TABLE multi_a1x PARTITION OF multi_a1 FOR VALUES IN ('x');
CREATE TABLE multi_a1y PARTITION OF multi_a1 FOR VALUES IN ('y');
CREATE TABLE multi_a2 PARTITION OF multi_a FOR VALUES FROM (100) TO (200);
CREATE TABLE multi_b (k int, c text) PARTITION BY RANGE (k);
CREATE TABLE multi_b1 PARTITION OF multi_b FOR VALUES FROM (0) TO (100) PARTITION BY LIST (c);
CREATE TABLE multi_b1x PARTITION OF multi_b1 FOR VALUES IN ('x');
CREATE TABLE multi_b1y PARTITION OF multi_b1 FOR VALUES IN ('y');
CREATE TABLE multi_b2 PARTITION OF multi_b FOR VALUES FROM (100) TO (200);
INSERT INTO multi_a SELECT n % 200, (ARRAY['x', 'y'])[1 + n % 2] FROM generate_series(0, 399) n;
INSERT INTO multi_b SELECT n % 200, (ARRAY['x', 'y'])[1 + n % 2] FROM generate_series(0, 399) n;
CREATE TABLE few (n int);
INSERT INTO few VALUES (50), (150);
ANALYZE;
ALTER DATABASE {database} SET enable_partitionwise_join = on;
ALTER DATABASE {database} SET enable_partitionwise_aggregate = on;

-- reads left_t, right_t: a join
SELECT count(*) FROM left_t JOIN right_t USING (k);
-- reads left_t, right_t: a join and a condition that prunes both sides
SELECT * FROM left_t JOIN right_t USING (k) WHERE k < 100;
-- reads left_t, right_t: a join, each side pruned by itself
SELECT * FROM left_t l JOIN right_t r ON l.k = r.k AND l.v > 1 WHERE l.k < 200 AND r.k >= 100;
-- reads left_t, right_t: a left join whose right side is pruned away
SELECT * FROM left_t l LEFT JOIN (SELECT * FROM right_t WHERE k < 100) r ON l.k = r.k;
-- reads left_t, right_t: a full join
SELECT count(*) FROM left_t FULL JOIN right_t USING (k);
-- reads left_t, right_t: a semi join
SELECT * FROM left_t WHERE EXISTS (SELECT FROM right_t WHERE right_t.k = left_t.k AND w = 5);
-- reads left_t, right_t: an anti join
SELECT * FROM left_t WHERE NOT EXISTS (SELECT FROM right_t WHERE right_t.k = left_t.k);
-- reads left_t, right_t: a join, limited
SELECT * FROM left_t JOIN right_t USING (k) LIMIT 1;
-- reads left_t, right_t: a join, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM left_t JOIN right_t USING (k) WHERE k = $1;
EXECUTE q(150);
-- reads left_t, right_t: a join, generic, in loops
SET plan_cache_mode = force_generic_plan;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
PREPARE q(int) AS SELECT * FROM left_t l JOIN right_t r USING (k) WHERE l.v = $1;
EXECUTE q(150);
-- reads left_t, other_t: bounds that match in part
SELECT count(*) FROM left_t JOIN other_t USING (k);
-- reads left_t, other_t: a left join, bounds that match in part
SELECT count(*) FROM left_t LEFT JOIN other_t USING (k);
-- reads left_t: joined with itself
SELECT count(*) FROM left_t a JOIN left_t b USING (k) WHERE a.v > 5;
-- reads left_t, right_t, other_t: three tables
SELECT count(*) FROM left_t JOIN right_t USING (k) JOIN other_t USING (k);
-- reads left_t: grouped by the key
SELECT k, count(*) FROM left_t WHERE k < 200 GROUP BY k;
-- reads left_t: grouped by the key, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT k, count(*) FROM left_t WHERE k >= $1 GROUP BY k;
EXECUTE q(150);
-- reads left_t: grouped by another column
SELECT v % 10, count(*) FROM left_t GROUP BY 1;
-- reads left_t: grouped by the key, by an init plan
SELECT k, count(*) FROM left_t WHERE k < (SELECT max(n) FROM few) GROUP BY k;
-- reads multi_a, multi_b: two levels
SELECT count(*) FROM multi_a JOIN multi_b USING (k, c);
-- reads multi_a, multi_b: two levels, the lower pruned
SELECT count(*) FROM multi_a JOIN multi_b USING (k, c) WHERE c = 'x';
-- reads multi_a: two levels, grouped
SELECT k, c, count(*) FROM multi_a GROUP BY k, c;
-- reads multi_a: two levels, grouped, generic on the lower
-- removed 1: multi_a1y, from the append below its own group
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS SELECT k, count(*) FROM multi_a WHERE c = $1 GROUP BY k;
EXECUTE q('x');
