-- Partitions of partitions: range of lists of hashes, uneven depth, DEFAULTs, an empty branch.

CREATE TABLE sale (day date, region text, id int) PARTITION BY RANGE (day);
CREATE TABLE sale_y30 PARTITION OF sale FOR VALUES FROM ('2030-01-01') TO ('2031-01-01') PARTITION BY LIST (region);
CREATE TABLE sale_y30_n PARTITION OF sale_y30 FOR VALUES IN ('north');
CREATE TABLE sale_y30_s PARTITION OF sale_y30 FOR VALUES IN ('south') PARTITION BY HASH (id);
CREATE TABLE sale_y30_s0 PARTITION OF sale_y30_s FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE sale_y30_s1 PARTITION OF sale_y30_s FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE sale_y30_x PARTITION OF sale_y30 DEFAULT;
CREATE TABLE sale_y31 PARTITION OF sale FOR VALUES FROM ('2031-01-01') TO ('2032-01-01') PARTITION BY LIST (region);
CREATE TABLE sale_y31_n PARTITION OF sale_y31 FOR VALUES IN ('north');
CREATE TABLE sale_y31_s PARTITION OF sale_y31 FOR VALUES IN ('south', NULL);
CREATE TABLE sale_y32 PARTITION OF sale FOR VALUES FROM ('2032-01-01') TO ('2033-01-01');
CREATE TABLE sale_rest PARTITION OF sale DEFAULT PARTITION BY RANGE (day);
CREATE TABLE sale_rest_old PARTITION OF sale_rest FOR VALUES FROM (MINVALUE) TO ('2030-01-01');
CREATE TABLE sale_rest_new PARTITION OF sale_rest DEFAULT;
INSERT INTO sale SELECT date '2029-07-01' + n * 5, (ARRAY['north', 'south'])[1 + n % 2], n FROM generate_series(0, 300) n;

-- Both levels by the same column.
CREATE TABLE same (n int) PARTITION BY RANGE (n);
CREATE TABLE same_lo PARTITION OF same FOR VALUES FROM (0) TO (100) PARTITION BY RANGE (n);
CREATE TABLE same_lo_1 PARTITION OF same_lo FOR VALUES FROM (0) TO (50);
CREATE TABLE same_lo_2 PARTITION OF same_lo FOR VALUES FROM (50) TO (100);
CREATE TABLE same_hi PARTITION OF same FOR VALUES FROM (100) TO (200) PARTITION BY LIST (n);
CREATE TABLE same_hi_150 PARTITION OF same_hi FOR VALUES IN (150);
CREATE TABLE same_hi_rest PARTITION OF same_hi DEFAULT;
CREATE TABLE same_none PARTITION OF same FOR VALUES FROM (200) TO (300) PARTITION BY RANGE (n);
INSERT INTO same SELECT n FROM generate_series(0, 199, 3) n;

-- reads sale: one leaf of a list
SELECT * FROM sale WHERE day = '2030-05-05' AND region = 'north';
-- reads sale: down to the hash
SELECT * FROM sale WHERE day = '2030-05-05' AND region = 'south' AND id = 77;
-- reads sale: only the upper level
SELECT * FROM sale WHERE day >= '2030-06-01' AND day < '2030-09-01';
-- reads sale: only the middle level
SELECT * FROM sale WHERE region = 'south';
-- reads sale: only the lowest level
SELECT * FROM sale WHERE id = 4;
-- reads sale: NULL in the middle
SELECT * FROM sale WHERE region IS NULL;
-- reads sale: NULL in the middle, within a year
SELECT * FROM sale WHERE region IS NULL AND day >= '2031-02-01' AND day < '2031-03-01';
-- reads sale: DEFAULT, and what is below it
SELECT * FROM sale WHERE day = '1999-01-01';
-- reads sale: a leaf at the first level
SELECT * FROM sale WHERE day = '2032-02-02';
-- reads sale: OR over levels
SELECT * FROM sale WHERE (day = '2032-02-02' AND region = 'north') OR (day = '2031-02-02' AND region = 'south');
-- reads sale: a region that no list has
SELECT * FROM sale WHERE region = 'west';
-- reads sale: nothing left
SELECT * FROM sale WHERE day = '2031-02-02' AND region = 'west';
-- reads sale: IN over both levels
SELECT * FROM sale WHERE day IN ('2030-01-01', '2031-01-01') AND region IN ('north', 'east');
-- reads sale_y30: a branch queried directly
SELECT * FROM sale_y30 WHERE region = 'south' AND id = 12;
-- reads sale_y30_s: the lowest branch queried directly
SELECT * FROM sale_y30_s WHERE id = 12;
-- reads sale_y30: a branch, with a condition that its bounds contradict
SELECT * FROM sale_y30 WHERE day = '2031-05-05';
-- reads sale_rest: the DEFAULT branch directly
SELECT * FROM sale_rest WHERE day < '2029-12-01';
-- reads sale: all of it
SELECT count(*) FROM sale;
-- reads same: twice by the same column
SELECT * FROM same WHERE n = 60;
-- reads same: a value, and a range about it
SELECT * FROM same WHERE n >= 90 AND n <= 150;
-- reads same: the empty branch
SELECT * FROM same WHERE n = 250;
-- reads same: the list below
SELECT * FROM same WHERE n = 150;
-- reads same: unequal in the list below
SELECT * FROM same WHERE n > 100 AND n <> 150;
-- reads same_none: an empty branch directly
SELECT * FROM same_none;
-- reads sale: a branch beside the root, of which the branch is part
SELECT * FROM sale WHERE day = '2032-02-02' UNION ALL SELECT * FROM sale_y31 WHERE region = 'north';
-- reads sale, sale_y30_s: the branch is pruned for the root and named besides
SELECT * FROM sale s JOIN sale_y30_s y USING (id) WHERE s.day = '2031-05-05' AND y.id = 3;
-- reads sale_y30, sale_y31: two branches
SELECT * FROM sale_y30 a JOIN sale_y31 b USING (id) WHERE a.region = 'north' AND b.region = 'south';
