-- Hash: one column, two columns, unequal moduli, NULL.

CREATE TABLE member (id int, name text) PARTITION BY HASH (id);
CREATE TABLE member_0 PARTITION OF member FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE member_1 PARTITION OF member FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE member_2 PARTITION OF member FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE member_3 PARTITION OF member FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE member_7 PARTITION OF member FOR VALUES WITH (MODULUS 8, REMAINDER 7);
INSERT INTO member SELECT n, 'm' || n FROM generate_series(1, 200) n;

CREATE TABLE seat (hall text, nr int, taken boolean) PARTITION BY HASH (hall, nr);
CREATE TABLE seat_0 PARTITION OF seat FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE seat_1 PARTITION OF seat FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE seat_2 PARTITION OF seat FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO seat SELECT chr(65 + n % 3), n % 20, n % 2 = 0 FROM generate_series(1, 120) n;

-- Remainder 1 is missing: its rows are refused.
CREATE TABLE holed (id int) PARTITION BY HASH (id);
CREATE TABLE holed_0 PARTITION OF holed FOR VALUES WITH (MODULUS 2, REMAINDER 0);

-- reads member: equal
SELECT * FROM member WHERE id = 5;
-- reads member: one of three
SELECT * FROM member WHERE id IN (1, 2, 3);
-- reads member: a range does not prune
SELECT * FROM member WHERE id BETWEEN 4 AND 5;
-- reads member: unequal does not prune
SELECT * FROM member WHERE id <> 5;
-- reads member: NULL has a partition
SELECT * FROM member WHERE id IS NULL;
-- reads member: not NULL
SELECT * FROM member WHERE id IS NOT NULL;
-- reads member: OR
SELECT * FROM member WHERE id = 7 OR id = 70;
-- reads member: equal twice, the same
SELECT * FROM member WHERE id = 7 AND id = 7;
-- reads member: contradicting
SELECT * FROM member WHERE id = 7 AND id = 8;
-- reads member: equal to another type
SELECT * FROM member WHERE id = 7::bigint;
-- reads member: NULL and equal
SELECT * FROM member WHERE id IS NULL AND id = 7;
-- reads member: no condition on the key
SELECT * FROM member WHERE name = 'm7';
-- reads seat: both columns
SELECT * FROM seat WHERE hall = 'A' AND nr = 3;
-- reads seat: one column of two
SELECT * FROM seat WHERE hall = 'A';
-- reads seat: one equal, the other NULL
SELECT * FROM seat WHERE hall IS NULL AND nr = 3;
-- reads seat: both NULL
SELECT * FROM seat WHERE hall IS NULL AND nr IS NULL;
-- reads seat: one column with two values
SELECT * FROM seat WHERE hall = 'B' AND nr IN (1, 2);
-- reads seat: rows compared
SELECT * FROM seat WHERE (hall, nr) = ('C', 5);
-- reads seat: rows in a list
SELECT * FROM seat WHERE (hall, nr) IN (('C', 5), ('A', 6));
-- reads seat: equal and a range
SELECT * FROM seat WHERE hall = 'A' AND nr > 3;
-- reads holed: a remainder that is not there, or is
SELECT * FROM holed WHERE id IN (1, 2, 3, 4);
-- reads holed: one value each
SELECT * FROM holed WHERE id = 1 UNION ALL SELECT * FROM holed WHERE id = 2;
