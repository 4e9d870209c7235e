-- Lists: several values, NULL beside others, NULL alone, DEFAULT, booleans, enumerations.

CREATE TABLE fruit (kind text, n int) PARTITION BY LIST (kind);
CREATE TABLE fruit_citrus PARTITION OF fruit FOR VALUES IN ('lemon', 'lime', 'orange');
CREATE TABLE fruit_stone PARTITION OF fruit FOR VALUES IN ('plum', 'peach', NULL);
CREATE TABLE fruit_berry PARTITION OF fruit FOR VALUES IN ('currant');
CREATE TABLE fruit_other PARTITION OF fruit DEFAULT;
INSERT INTO fruit SELECT (ARRAY['lemon', 'lime', 'plum', NULL, 'currant', 'durian'])[1 + n % 6], n FROM generate_series(1, 90) n;

CREATE TABLE strictly (kind text, n int) PARTITION BY LIST (kind);
CREATE TABLE strictly_null PARTITION OF strictly FOR VALUES IN (NULL);
CREATE TABLE strictly_x PARTITION OF strictly FOR VALUES IN ('x');
CREATE TABLE strictly_yz PARTITION OF strictly FOR VALUES IN ('y', 'z');
INSERT INTO strictly VALUES (NULL, 1), ('x', 2), ('y', 3), ('z', 4);

CREATE TABLE flag (set boolean, n int) PARTITION BY LIST (set);
CREATE TABLE flag_yes PARTITION OF flag FOR VALUES IN (true);
CREATE TABLE flag_no PARTITION OF flag FOR VALUES IN (false);
CREATE TABLE flag_unknown PARTITION OF flag FOR VALUES IN (NULL);
INSERT INTO flag VALUES (true, 1), (false, 2), (NULL, 3);

CREATE TYPE mood AS ENUM ('calm', 'cross', 'glad');
CREATE TABLE felt (how mood, n int) PARTITION BY LIST (how);
CREATE TABLE felt_bad PARTITION OF felt FOR VALUES IN ('cross');
CREATE TABLE felt_good PARTITION OF felt FOR VALUES IN ('calm', 'glad');
INSERT INTO felt VALUES ('calm', 1), ('cross', 2);

-- reads fruit: one value
SELECT * FROM fruit WHERE kind = 'lime';
-- reads fruit: a value that no list has
SELECT * FROM fruit WHERE kind = 'mango';
-- reads fruit: IN over two lists
SELECT * FROM fruit WHERE kind IN ('lemon', 'currant');
-- reads fruit: NOT IN leaves out a list of one
SELECT * FROM fruit WHERE kind NOT IN ('currant', 'lemon');
-- reads fruit: unequal to all of a list
SELECT * FROM fruit WHERE kind <> 'lemon' AND kind <> 'lime' AND kind <> 'orange';
-- reads fruit: NULL beside others
SELECT * FROM fruit WHERE kind IS NULL;
-- reads fruit: not NULL
SELECT * FROM fruit WHERE kind IS NOT NULL;
-- reads fruit: a range over lists
SELECT * FROM fruit WHERE kind > 'm' AND kind < 'n';
-- reads fruit: at most
SELECT * FROM fruit WHERE kind <= 'lemon';
-- reads fruit: NULL or a value
SELECT * FROM fruit WHERE kind IS NULL OR kind = 'currant';
-- reads fruit: coalesce hides the key
SELECT * FROM fruit WHERE coalesce(kind, 'plum') = 'plum';
-- reads fruit: an array with a NULL in it
SELECT * FROM fruit WHERE kind = ANY (ARRAY['lime', NULL]);
-- reads fruit: an empty array
SELECT * FROM fruit WHERE kind = ANY ('{}'::text[]);
-- reads fruit: IN with one NULL only
SELECT * FROM fruit WHERE kind IN (NULL);
-- reads fruit: distinct from
SELECT * FROM fruit WHERE kind IS NOT DISTINCT FROM 'plum';
-- reads fruit: contradicting values
SELECT * FROM fruit WHERE kind = 'lime' AND kind = 'plum';
-- reads fruit: contradicting NULLs
SELECT * FROM fruit WHERE kind IS NULL AND kind = 'plum';
-- reads strictly: NULL alone
SELECT * FROM strictly WHERE kind IS NULL;
-- reads strictly: not NULL, without DEFAULT
SELECT * FROM strictly WHERE kind IS NOT NULL;
-- reads strictly: below all lists
SELECT * FROM strictly WHERE kind < 'x';
-- reads strictly: a value without a list
SELECT * FROM strictly WHERE kind = 'a';
-- reads strictly: unequal, and never NULL
SELECT * FROM strictly WHERE kind <> 'x';
-- reads strictly: a value twice
SELECT * FROM strictly WHERE kind IN ('y', 'y');
-- reads flag: the bare key
SELECT * FROM flag WHERE set;
-- reads flag: not the key
SELECT * FROM flag WHERE NOT set;
-- reads flag: is true
SELECT * FROM flag WHERE set IS TRUE;
-- reads flag: is not true
SELECT * FROM flag WHERE set IS NOT TRUE;
-- reads flag: is unknown
SELECT * FROM flag WHERE set IS UNKNOWN;
-- reads flag: is not unknown
SELECT * FROM flag WHERE set IS NOT UNKNOWN;
-- reads flag: equal to a constant
SELECT * FROM flag WHERE set = false;
-- reads flag: is not false, or a range
SELECT * FROM flag WHERE set IS NOT FALSE OR set > false;
-- reads felt: an enumeration
SELECT * FROM felt WHERE how = 'glad';
-- reads felt: by the order of an enumeration
SELECT * FROM felt WHERE how > 'calm';
-- reads felt: an enumeration read as text
SELECT * FROM felt WHERE how::text = 'glad';
