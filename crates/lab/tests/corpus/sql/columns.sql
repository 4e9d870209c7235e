-- Ranges of several columns, where a prefix of the key prunes too.

CREATE TABLE release (major int, minor int, patch int) PARTITION BY RANGE (major, minor, patch);
CREATE TABLE release_0 PARTITION OF release FOR VALUES FROM (MINVALUE, MINVALUE, MINVALUE) TO (1, 0, 0);
CREATE TABLE release_1a PARTITION OF release FOR VALUES FROM (1, 0, 0) TO (1, 5, 0);
CREATE TABLE release_1b PARTITION OF release FOR VALUES FROM (1, 5, 0) TO (1, 5, 9);
CREATE TABLE release_1c PARTITION OF release FOR VALUES FROM (1, 5, 9) TO (2, MINVALUE, MINVALUE);
CREATE TABLE release_2 PARTITION OF release FOR VALUES FROM (2, 1, MINVALUE) TO (2, MAXVALUE, MAXVALUE);
CREATE TABLE release_rest PARTITION OF release DEFAULT;
INSERT INTO release SELECT a, b, c FROM generate_series(0, 3) a, generate_series(0, 7) b, generate_series(0, 10, 2) c;

CREATE TABLE pair (x int, y text) PARTITION BY RANGE (x, y);
CREATE TABLE pair_1 PARTITION OF pair FOR VALUES FROM (1, 'a') TO (1, 'm');
CREATE TABLE pair_2 PARTITION OF pair FOR VALUES FROM (1, 'm') TO (3, 'a');
CREATE TABLE pair_3 PARTITION OF pair FOR VALUES FROM (3, 'a') TO (MAXVALUE, MAXVALUE);
INSERT INTO pair VALUES (1, 'b'), (1, 'z'), (2, 'q'), (3, 'a'), (9, 'x');

-- reads release: all columns
SELECT * FROM release WHERE major = 1 AND minor = 5 AND patch = 3;
-- reads release: a prefix of two
SELECT * FROM release WHERE major = 1 AND minor = 5;
-- reads release: the first only
SELECT * FROM release WHERE major = 1;
-- reads release: the second only prunes nothing
SELECT * FROM release WHERE minor = 5;
-- reads release: the first and the third
SELECT * FROM release WHERE major = 1 AND patch = 4;
-- reads release: the first equal, the second in a range
SELECT * FROM release WHERE major = 1 AND minor < 5;
-- reads release: the first equal, the second at least
SELECT * FROM release WHERE major = 1 AND minor >= 5 AND patch > 8;
-- reads release: a range of the first
SELECT * FROM release WHERE major < 1;
-- reads release: a range of the first that ends in a bound
SELECT * FROM release WHERE major <= 1;
-- reads release: above all
SELECT * FROM release WHERE major > 2;
-- reads release: between partitions, which only DEFAULT holds
SELECT * FROM release WHERE major = 2 AND minor = 0;
-- reads release: NULL in any column is DEFAULT's
SELECT * FROM release WHERE major = 1 AND patch IS NULL;
-- reads release: NULL first
SELECT * FROM release WHERE major IS NULL;
-- reads release: OR of two prefixes
SELECT * FROM release WHERE (major = 0) OR (major = 2 AND minor = 3);
-- reads release: IN over the first, equal the second
SELECT * FROM release WHERE major IN (0, 1) AND minor = 5 AND patch = 0;
-- reads release: rows compared by order
SELECT * FROM release WHERE (major, minor, patch) >= (1, 5, 9);
-- reads pair: the bound between two
SELECT * FROM pair WHERE x = 1 AND y = 'm';
-- reads pair: below the first bound
SELECT * FROM pair WHERE x = 1 AND y < 'a';
-- reads pair: a value wholly inside
SELECT * FROM pair WHERE x = 2;
-- reads pair: a value cut by a bound
SELECT * FROM pair WHERE x = 3 AND y >= 'a';
-- reads pair: the second column unknown
SELECT * FROM pair WHERE x = 3;
-- reads pair: none
SELECT * FROM pair WHERE x = 0;
-- reads pair: NULL has no place
SELECT * FROM pair WHERE x = 2 AND y IS NULL;
