-- Pruned while running: init plans, correlated subqueries, nested loops; and what was never reached.

CREATE TABLE reading (at int, v int) PARTITION BY RANGE (at);
CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM (0) TO (100);
CREATE TABLE reading_2 PARTITION OF reading FOR VALUES FROM (100) TO (200);
CREATE TABLE reading_3 PARTITION OF reading FOR VALUES FROM (200) TO (300);
CREATE TABLE reading_4 PARTITION OF reading FOR VALUES FROM (300) TO (400);
CREATE INDEX ON reading (at);
INSERT INTO reading SELECT n % 400, n FROM generate_series(0, 3999) n;

CREATE TABLE code (c text, label text) PARTITION BY LIST (c);
CREATE TABLE code_a PARTITION OF code FOR VALUES IN ('a');
CREATE TABLE code_b PARTITION OF code FOR VALUES IN ('b');
CREATE TABLE code_rest PARTITION OF code DEFAULT;
CREATE INDEX ON code (c);
INSERT INTO code SELECT chr(97 + n % 5), 'l' || n FROM generate_series(0, 499) n;

CREATE TABLE item (id int, v text) PARTITION BY HASH (id);
CREATE TABLE item_0 PARTITION OF item FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE item_1 PARTITION OF item FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE item_2 PARTITION OF item FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE item_3 PARTITION OF item FOR VALUES WITH (MODULUS 4, REMAINDER 3);
CREATE INDEX ON item (id);
INSERT INTO item SELECT n, 'v' FROM generate_series(1, 4000) n;

CREATE TABLE deep (a int, b int) PARTITION BY RANGE (a);
CREATE TABLE deep_1 PARTITION OF deep FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (b);
CREATE TABLE deep_1_1 PARTITION OF deep_1 FOR VALUES FROM (0) TO (10);
CREATE TABLE deep_1_2 PARTITION OF deep_1 FOR VALUES FROM (10) TO (20);
CREATE TABLE deep_2 PARTITION OF deep FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (b);
CREATE TABLE deep_2_1 PARTITION OF deep_2 FOR VALUES FROM (0) TO (10);
CREATE TABLE deep_2_2 PARTITION OF deep_2 FOR VALUES FROM (10) TO (20);
INSERT INTO deep SELECT n % 20, n / 20 FROM generate_series(0, 399) n;
CREATE INDEX ON deep (a, b);

CREATE TABLE few (n int, c text);
INSERT INTO few VALUES (5, 'a'), (150, 'b'), (155, 'b');
CREATE TABLE often (n int);
INSERT INTO often SELECT (ARRAY[7, 301])[1 + n % 2] FROM generate_series(1, 1000) n;
CREATE TABLE nobody (n int);
ANALYZE;

-- reads reading: an init plan gives the key
SELECT * FROM reading WHERE at = (SELECT max(n) FROM few);
-- reads reading: an init plan gives NULL
SELECT * FROM reading WHERE at = (SELECT max(n) FROM nobody);
-- reads reading: an init plan bounds a range
SELECT count(*) FROM reading WHERE at < (SELECT max(n) FROM few);
-- reads reading: two init plans
SELECT count(*) FROM reading WHERE at >= (SELECT min(n) FROM few) AND at <= (SELECT 110);
-- reads reading: an init plan after a constant
SELECT count(*) FROM reading WHERE at >= 100 AND at < (SELECT max(n) FROM few);
-- reads reading: the init plan reads the table itself
SELECT * FROM reading WHERE at = (SELECT max(at) - 150 FROM reading WHERE at < 200);
-- reads reading, code: the init plan reads another partitioned table
SELECT * FROM reading WHERE at = (SELECT count(*)::int FROM code WHERE c = 'a');
-- reads reading: an init plan at start and another while running
-- removed 1: [300, 400) by now(), when execution begins
SELECT * FROM reading WHERE at < 300 + extract(year FROM now())::int * 0 AND at = (SELECT max(n) FROM few);
-- reads reading: generic, then an init plan
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM reading WHERE at > $1 AND at < (SELECT max(n) + 100 FROM few);
EXECUTE q(120);
-- reads reading: a false init plan
SELECT * FROM reading WHERE (SELECT count(*) FROM few) = 0;
-- reads reading: a nested loop
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_memoize = off;
SELECT * FROM few JOIN reading ON at = n;
-- reads reading: a nested loop through memoize
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT count(*) FROM often JOIN reading ON at = n;
-- reads reading: a nested loop whose outer side is empty
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT * FROM nobody JOIN reading ON at = n;
-- reads reading: a hash join prunes nothing
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT * FROM few JOIN reading ON at = n;
-- reads reading: a hash join whose other side is empty
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT * FROM reading JOIN nobody ON at = n;
-- reads reading: a left join in a nested loop
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT * FROM few LEFT JOIN reading ON at = n AND v < 400;
-- reads reading: a semi join
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT * FROM few WHERE EXISTS (SELECT FROM reading WHERE at = n);
-- reads reading: an anti join
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT * FROM few WHERE NOT EXISTS (SELECT FROM reading WHERE at = n AND v = -1);
-- reads reading: LATERAL with LIMIT
SELECT * FROM few, LATERAL (SELECT * FROM reading WHERE at = n ORDER BY v LIMIT 2) r;
-- reads reading: LATERAL with a range
SELECT * FROM few, LATERAL (SELECT count(*) FROM reading WHERE at BETWEEN n AND n + 60) r;
-- reads reading: a correlated subquery in the list
SELECT (SELECT max(v) FROM reading WHERE at = few.n) FROM few;
-- reads reading: a correlated subquery in the condition
SELECT * FROM few WHERE 4 < (SELECT count(*) FROM reading WHERE at = few.n);
-- reads reading: a subquery that is hashed
SELECT * FROM few WHERE n NOT IN (SELECT at FROM reading WHERE at >= 100 AND at < 150);
-- reads code: a list in a nested loop
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_memoize = off;
SELECT count(*) FROM few JOIN code USING (c);
-- reads code: a list by an array from an init plan
SELECT count(*) FROM code WHERE c = ANY ((SELECT array_agg(c) FROM few)::text[]);
-- reads code: a list by a subquery
SELECT count(*) FROM code WHERE c = (SELECT c FROM few WHERE n = 5);
-- reads code: CASE with branches never taken
SELECT CASE WHEN n > 0 THEN n ELSE (SELECT count(*) FROM code WHERE c = 'a') END FROM few;
-- reads item: hash in a nested loop
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_memoize = off;
SELECT * FROM few JOIN item ON id = n;
-- reads item: hash by an init plan
SELECT * FROM item WHERE id = (SELECT max(n) FROM few);
-- reads item, reading: loops within loops
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_memoize = off;
SELECT count(*) FROM few JOIN reading ON at = n JOIN item ON id = n + 1;
-- reads deep: two levels in a nested loop
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_memoize = off;
SELECT * FROM few JOIN deep ON a = n AND b = n + 6;
-- reads deep: two levels, an init plan for the lower
SELECT count(*) FROM deep WHERE b < (SELECT min(n) FROM few);
-- reads deep: two levels, an init plan for each
SELECT count(*) FROM deep WHERE a = (SELECT min(n) FROM few) AND b = (SELECT 12);
-- reads deep: a parameter above, an init plan below
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT count(*) FROM deep WHERE a = $1 AND b = (SELECT min(n) FROM few);
EXECUTE q(15);
-- reads reading: a limit is reached before the rest
SELECT * FROM reading LIMIT 3;
-- reads reading: a limit of none
SELECT * FROM reading LIMIT 0;
-- reads reading: a limit beyond the first
SELECT * FROM reading OFFSET 1000 LIMIT 1;
-- reads reading: EXISTS of it
SELECT EXISTS (SELECT FROM reading WHERE v > 1);
-- reads reading, code: UNION ALL with a limit
SELECT at FROM reading WHERE at < 100 UNION ALL SELECT length(c) FROM code LIMIT 5;
-- reads reading: a bitmap scan in a loop
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_memoize = off;
SET enable_indexscan = off;
SET enable_seqscan = off;
SELECT count(*) FROM few JOIN reading ON at = n;
-- reads reading: a one-time filter that is false only when it runs
SET my.switch = 'no';
SELECT * FROM reading WHERE current_setting('my.switch') = 'yes';
-- reads reading: a recursive query whose step prunes
WITH RECURSIVE hop (at, n) AS (
    SELECT 5, 0 UNION ALL
    SELECT h.at + 90, n + 1 FROM hop h WHERE n < 1 AND EXISTS (SELECT FROM reading r WHERE r.at = h.at OFFSET 0))
SELECT * FROM hop;
-- reads reading, code: one append over both, pruned while running
SELECT count(*) FROM few, LATERAL (SELECT v FROM reading WHERE at = n UNION ALL SELECT 1 FROM code WHERE code.c = few.c) u;
-- reads reading: a view of two halves, by an init plan
SELECT * FROM (SELECT * FROM reading WHERE at < 200 UNION ALL SELECT * FROM reading WHERE at >= 200) r WHERE at = (SELECT max(n) FROM few);
-- reads reading: an OR of two subqueries
SELECT * FROM few WHERE n = 5 OR EXISTS (SELECT FROM reading WHERE at = n AND v < 0) OR n IN (SELECT v FROM reading WHERE at >= 300);
-- reads reading: an INTERSECT whose first side is empty
SELECT n FROM nobody INTERSECT SELECT at FROM reading;
-- reads reading: a merge join that ends early
SET enable_hashjoin = off;
SET enable_nestloop = off;
SELECT * FROM few JOIN reading ON at = n;
-- reads reading: a recursive query that joins it
WITH RECURSIVE hop (at, step) AS (
    SELECT 5, 0 UNION ALL
    SELECT r.at + 100, step + 1 FROM hop h JOIN reading r ON r.at = h.at AND r.v < 400 WHERE step < 2)
SELECT * FROM hop;
-- reads reading: DISTINCT ON with a limit
SELECT DISTINCT ON (at) at, v FROM reading WHERE at >= 100 ORDER BY at LIMIT 1;
-- reads reading: rows with ties
SELECT * FROM reading ORDER BY at FETCH FIRST 2 ROWS WITH TIES;
-- reads reading: two bitmaps
SET enable_seqscan = off;
SET enable_indexscan = off;
SELECT count(*) FROM reading WHERE at = 7 OR at = 207;
-- reads reading: set-returning functions above
SELECT generate_series(1, 2), * FROM reading WHERE at = (SELECT 7);
-- reads reading: a right join
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT * FROM reading RIGHT JOIN few ON at = n AND v < 0;
-- reads reading: a full join
SELECT count(*) FROM (SELECT * FROM reading WHERE at < 100) r FULL JOIN few ON at = n;
-- reads reading: a cross join with nothing
SELECT * FROM reading CROSS JOIN (SELECT 1 WHERE false) x;
-- reads reading: a window over what an init plan left
SELECT at, sum(v) OVER (ORDER BY v) FROM reading WHERE at = (SELECT min(n) FROM few);
