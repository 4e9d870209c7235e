-- Ranges of one column: open ends, gaps, DEFAULT, NULL, and types that must be cast.

CREATE TABLE depth (m int, note text) PARTITION BY RANGE (m);
CREATE TABLE depth_below PARTITION OF depth FOR VALUES FROM (MINVALUE) TO (-100);
CREATE TABLE depth_sea PARTITION OF depth FOR VALUES FROM (-100) TO (0);
CREATE TABLE depth_hill PARTITION OF depth FOR VALUES FROM (0) TO (500);
-- Nothing between 500 and 1000.
CREATE TABLE depth_peak PARTITION OF depth FOR VALUES FROM (1000) TO (MAXVALUE);
INSERT INTO depth SELECT n, 'n' || n FROM generate_series(-300, 499, 7) n;
INSERT INTO depth VALUES (1000, 'top'), (4807, 'blanc');

CREATE TABLE trip (day date NOT NULL, km numeric) PARTITION BY RANGE (day);
CREATE TABLE trip_q1 PARTITION OF trip FOR VALUES FROM ('2031-01-01') TO ('2031-04-01');
CREATE TABLE trip_q2 PARTITION OF trip FOR VALUES FROM ('2031-04-01') TO ('2031-07-01');
CREATE TABLE trip_q3 PARTITION OF trip FOR VALUES FROM ('2031-07-01') TO ('2031-10-01');
CREATE TABLE trip_else PARTITION OF trip DEFAULT;
INSERT INTO trip SELECT date '2031-01-01' + n, n / 4.0 FROM generate_series(0, 360, 3) n;

CREATE TABLE word (w text COLLATE "C", n bigint) PARTITION BY RANGE (w);
CREATE TABLE word_a PARTITION OF word FOR VALUES FROM ('a') TO ('h');
CREATE TABLE word_h PARTITION OF word FOR VALUES FROM ('h') TO ('q');
CREATE TABLE word_q PARTITION OF word FOR VALUES FROM ('q') TO (MAXVALUE);
INSERT INTO word SELECT chr(97 + n % 26) || n, n FROM generate_series(1, 200) n;

CREATE TABLE moment (at timestamptz, v bigint) PARTITION BY RANGE (at);
CREATE TABLE moment_old PARTITION OF moment FOR VALUES FROM (MINVALUE) TO ('2031-01-01 00:00+00');
CREATE TABLE moment_mid PARTITION OF moment FOR VALUES FROM ('2031-01-01 00:00+00') TO ('2031-02-01 00:00+00');
CREATE TABLE moment_new PARTITION OF moment FOR VALUES FROM ('2031-02-01 00:00+00') TO (MAXVALUE);
INSERT INTO moment SELECT timestamptz '2030-12-01 00:00+00' + n * interval '1 day', n FROM generate_series(0, 99) n;

CREATE TABLE wide (n bigint) PARTITION BY RANGE (n);
CREATE TABLE wide_1 PARTITION OF wide FOR VALUES FROM (0) TO (1000);
CREATE TABLE wide_2 PARTITION OF wide FOR VALUES FROM (1000) TO (2000);
CREATE TABLE wide_rest PARTITION OF wide DEFAULT;
INSERT INTO wide SELECT n FROM generate_series(0, 2500, 100) n;

-- reads depth: the lowest value of a partition
SELECT * FROM depth WHERE m = 0;
-- reads depth: just below a bound
SELECT * FROM depth WHERE m < -100;
-- reads depth: a bound, included
SELECT * FROM depth WHERE m <= -100;
-- reads depth: above a bound that excludes itself
SELECT * FROM depth WHERE m > 499;
-- reads depth: within the gap
SELECT * FROM depth WHERE m BETWEEN 600 AND 900;
-- reads depth: the gap and one side of it
SELECT * FROM depth WHERE m > 300 AND m < 1000;
-- reads depth: the constant on the left
SELECT * FROM depth WHERE 0 > m;
-- reads depth: two values far apart
SELECT * FROM depth WHERE m = -200 OR m = 4807;
-- reads depth: ORs within ANDs
SELECT * FROM depth WHERE (m < -50 OR m > 2000) AND m > -100;
-- reads depth: an OR of which one arm is not about the key
SELECT * FROM depth WHERE m = 3 OR note = 'top';
-- reads depth: no range holds NULL
SELECT * FROM depth WHERE m IS NULL;
-- reads depth: IS NOT NULL keeps all
SELECT * FROM depth WHERE m IS NOT NULL;
-- reads depth: unequal prunes nothing of a range
SELECT * FROM depth WHERE m <> 7;
-- reads depth: a contradiction
SELECT * FROM depth WHERE m > 10 AND m < 10;
-- reads depth: compared with NULL
SELECT * FROM depth WHERE m = NULL;
-- reads depth: redundant conditions
SELECT * FROM depth WHERE m > 5 AND m > 50 AND m < 1000 AND m < 5000;
-- reads depth: NOT of a range
SELECT * FROM depth WHERE NOT (m < 1000);
-- reads depth: arithmetic on the key
SELECT * FROM depth WHERE m + 0 = 7;
-- reads depth: arithmetic on the constant
SELECT * FROM depth WHERE m = 3 + 4 * 10;
-- reads depth: bigint constant, int key
SELECT * FROM depth WHERE m = 1000::bigint;
-- reads depth: numeric constant, so the key is cast
SELECT * FROM depth WHERE m = 1000.0;
-- reads depth: no condition at all
SELECT count(*) FROM depth;
-- reads depth: false
SELECT * FROM depth WHERE 1 = 2;
-- reads depth: ANY of an array
SELECT * FROM depth WHERE m = ANY (ARRAY[-101, 499]);
-- reads depth: smaller than ANY
SELECT * FROM depth WHERE m < ANY (ARRAY[-500, -200]);
-- reads depth: smaller than ALL
SELECT * FROM depth WHERE m < ALL (ARRAY[-5, 200]);
-- reads depth: pruning switched off
SET enable_partition_pruning = off;
SELECT * FROM depth WHERE m = 0;
-- reads depth: pruning off, constraint exclusion on
SET enable_partition_pruning = off;
SET constraint_exclusion = on;
SELECT * FROM depth WHERE m = 0;
-- reads trip: a day that only DEFAULT may hold
SELECT * FROM trip WHERE day = '2035-05-05';
-- reads trip: an open range needs DEFAULT too
SELECT * FROM trip WHERE day >= '2031-07-01';
-- reads trip: within one quarter, without DEFAULT
SELECT sum(km) FROM trip WHERE day >= '2031-04-01' AND day < '2031-07-01';
-- reads trip: a timestamp against a date
SELECT * FROM trip WHERE day = timestamp '2031-05-05 00:00';
-- reads trip: extract hides the key
SELECT * FROM trip WHERE extract(month FROM day) = 5;
-- reads trip: NULL goes to DEFAULT
SELECT * FROM trip WHERE day IS NULL;
-- reads trip: IN and BETWEEN
SELECT * FROM trip WHERE day IN ('2031-01-01', '2031-08-01') OR day BETWEEN '2031-06-29' AND '2031-07-02';
-- reads word: text by collation C
SELECT * FROM word WHERE w >= 'h' AND w < 'i';
-- reads word: LIKE with a prefix
SELECT * FROM word WHERE w LIKE 'k%';
-- reads word: another collation prunes nothing
SELECT * FROM word WHERE w COLLATE "POSIX" < 'c';
-- reads moment: a constant timestamptz
SELECT * FROM moment WHERE at = '2031-01-15 00:00+00';
-- reads moment: a date, cast by the time zone, which is stable
-- removed 2: old and new
SET timezone = 'UTC';
SELECT * FROM moment WHERE at >= date '2031-01-02' AND at < date '2031-01-20';
-- reads wide: int against bigint
SELECT * FROM wide WHERE n = 1500;
-- reads wide: smallint against bigint, from a range
SELECT * FROM wide WHERE n > 900::smallint AND n < 1100::smallint;
