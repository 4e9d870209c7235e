-- Keys that are expressions, and functions where the key is a column.

CREATE TABLE signed (v int, note text) PARTITION BY RANGE (abs(v));
CREATE TABLE signed_small PARTITION OF signed FOR VALUES FROM (0) TO (10);
CREATE TABLE signed_large PARTITION OF signed FOR VALUES FROM (10) TO (1000);
INSERT INTO signed SELECT n, 's' FROM generate_series(-50, 50) n;

CREATE TABLE person (name text, age int) PARTITION BY LIST (lower(name));
CREATE TABLE person_ann PARTITION OF person FOR VALUES IN ('ann', 'anna');
CREATE TABLE person_bob PARTITION OF person FOR VALUES IN ('bob');
CREATE TABLE person_rest PARTITION OF person DEFAULT;
INSERT INTO person VALUES ('Ann', 3), ('ANNA', 4), ('Bob', 5), ('Cleo', 6), (NULL, 7);

CREATE TABLE added (a int, b int) PARTITION BY RANGE ((a + b), a);
CREATE TABLE added_1 PARTITION OF added FOR VALUES FROM (0, MINVALUE) TO (10, 5);
CREATE TABLE added_2 PARTITION OF added FOR VALUES FROM (10, 5) TO (20, MINVALUE);
CREATE TABLE added_3 PARTITION OF added FOR VALUES FROM (20, MINVALUE) TO (99, MAXVALUE);
INSERT INTO added SELECT n % 7, n % 17 FROM generate_series(0, 60) n;

CREATE TABLE hashed (doc text) PARTITION BY HASH (length(doc));
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO hashed SELECT repeat('d', n) FROM generate_series(0, 20) n;

CREATE TABLE yearly (at timestamp) PARTITION BY LIST (date_part('year', at));
CREATE TABLE yearly_30 PARTITION OF yearly FOR VALUES IN (2030);
CREATE TABLE yearly_31 PARTITION OF yearly FOR VALUES IN (2031);
INSERT INTO yearly VALUES ('2030-03-03'), ('2031-03-03');

-- reads signed: the expression itself
SELECT * FROM signed WHERE abs(v) = 5;
-- reads signed: a range of the expression
SELECT * FROM signed WHERE abs(v) >= 10 AND abs(v) < 20;
-- reads signed: the column inside does not prune
SELECT * FROM signed WHERE v = 5;
-- reads signed: the expression within another
SELECT * FROM signed WHERE abs(v) + 1 = 6;
-- reads signed: above all
SELECT * FROM signed WHERE abs(v) > 5000;
-- reads person: a list of an expression
SELECT * FROM person WHERE lower(name) = 'anna';
-- reads person: another function of the column
SELECT * FROM person WHERE upper(name) = 'ANNA';
-- reads person: IN
SELECT * FROM person WHERE lower(name) IN ('bob', 'cleo');
-- reads person: NULL of an expression
SELECT * FROM person WHERE lower(name) IS NULL;
-- reads added: the sum, which is the first of the key
SELECT * FROM added WHERE a + b = 10;
-- reads added: the sum and the column
SELECT * FROM added WHERE a + b = 10 AND a < 5;
-- reads added: the sum the other way round is another expression
SELECT * FROM added WHERE b + a = 10;
-- reads added: the column alone
SELECT * FROM added WHERE a = 3;
-- reads hashed: hash of an expression
SELECT * FROM hashed WHERE length(doc) = 7;
-- reads hashed: the column alone
SELECT * FROM hashed WHERE doc = 'ddd';
-- reads yearly: a function of a timestamp
SELECT * FROM yearly WHERE date_part('year', at) = 2031;
-- reads yearly: the timestamp alone
SELECT * FROM yearly WHERE at >= '2031-01-01';
-- reads signed, person: two expressions joined
SELECT * FROM signed JOIN person ON age = v WHERE abs(v) < 6 AND lower(name) = 'bob';
