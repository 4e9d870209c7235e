-- Keys of many types, operators of other classes, and partitions that were attached.

CREATE TABLE by_array (a int[], n int) PARTITION BY LIST (a);
CREATE TABLE by_array_1 PARTITION OF by_array FOR VALUES IN ('{1}', '{1,2}');
CREATE TABLE by_array_2 PARTITION OF by_array FOR VALUES IN ('{2}', '{3,NULL}');
INSERT INTO by_array VALUES ('{1}', 1), ('{2}', 2);

CREATE TYPE point3 AS (x int, y int, z int);
CREATE TABLE by_row (p point3) PARTITION BY LIST (p);
CREATE TABLE by_row_1 PARTITION OF by_row FOR VALUES IN ('(1,2,3)');
CREATE TABLE by_row_2 PARTITION OF by_row FOR VALUES IN ('(4,5,6)');
INSERT INTO by_row VALUES ('(1,2,3)'), ('(4,5,6)');

CREATE TABLE by_span (s int4range) PARTITION BY LIST (s);
CREATE TABLE by_span_1 PARTITION OF by_span FOR VALUES IN ('[1,5)');
CREATE TABLE by_span_2 PARTITION OF by_span FOR VALUES IN ('[5,9)');
INSERT INTO by_span VALUES ('[1,4]'), ('[5,8]');

CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE by_domain (n positive) PARTITION BY RANGE (n);
CREATE TABLE by_domain_1 PARTITION OF by_domain FOR VALUES FROM (1) TO (10);
CREATE TABLE by_domain_2 PARTITION OF by_domain FOR VALUES FROM (10) TO (20);
INSERT INTO by_domain SELECT generate_series(1, 19);

CREATE TABLE by_uuid (id uuid) PARTITION BY HASH (id);
CREATE TABLE by_uuid_0 PARTITION OF by_uuid FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE by_uuid_1 PARTITION OF by_uuid FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE by_uuid_2 PARTITION OF by_uuid FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO by_uuid SELECT gen_random_uuid() FROM generate_series(1, 30);

CREATE TABLE by_pattern (w text) PARTITION BY RANGE (w text_pattern_ops);
CREATE TABLE by_pattern_1 PARTITION OF by_pattern FOR VALUES FROM ('a') TO ('m');
CREATE TABLE by_pattern_2 PARTITION OF by_pattern FOR VALUES FROM ('m') TO (MAXVALUE);
INSERT INTO by_pattern VALUES ('alpha'), ('omega');

CREATE TABLE by_inet (ip inet) PARTITION BY RANGE (ip);
CREATE TABLE by_inet_10 PARTITION OF by_inet FOR VALUES FROM ('10.0.0.0') TO ('11.0.0.0');
CREATE TABLE by_inet_rest PARTITION OF by_inet DEFAULT;
INSERT INTO by_inet VALUES ('10.1.2.3'), ('192.168.0.1');

CREATE TABLE by_not (b boolean) PARTITION BY LIST ((NOT b));
CREATE TABLE by_not_t PARTITION OF by_not FOR VALUES IN (true);
CREATE TABLE by_not_f PARTITION OF by_not FOR VALUES IN (false);
INSERT INTO by_not VALUES (true), (false);

CREATE TABLE by_time (at timestamp, n int) PARTITION BY RANGE (at);
CREATE TABLE by_time_early PARTITION OF by_time FOR VALUES FROM ('-infinity') TO ('2030-01-01');
CREATE TABLE by_time_late PARTITION OF by_time FOR VALUES FROM ('2030-01-01') TO ('infinity');
CREATE TABLE by_time_never PARTITION OF by_time FOR VALUES FROM ('infinity') TO (MAXVALUE);
INSERT INTO by_time VALUES ('2020-01-01', 1), ('2040-01-01', 2), ('infinity', 3);

CREATE TABLE grown (a int, b text) PARTITION BY RANGE (a);
-- Other columns in another order, and one of them dropped.
CREATE TABLE grown_1 (gone int, b text, a int);
ALTER TABLE grown_1 DROP COLUMN gone;
ALTER TABLE grown ATTACH PARTITION grown_1 FOR VALUES FROM (0) TO (10);
CREATE UNLOGGED TABLE grown_2 PARTITION OF grown FOR VALUES FROM (10) TO (20);
INSERT INTO grown SELECT n, 'b' FROM generate_series(0, 19) n;

CREATE TABLE interleaved (c text) PARTITION BY LIST (c);
CREATE TABLE interleaved_1 PARTITION OF interleaved FOR VALUES IN ('a', 'c');
CREATE TABLE interleaved_2 PARTITION OF interleaved FOR VALUES IN ('b', 'd');
CREATE TABLE interleaved_3 PARTITION OF interleaved FOR VALUES IN ('e', 'f');
CREATE INDEX ON interleaved (c);
INSERT INTO interleaved SELECT chr(97 + n % 6) FROM generate_series(0, 599) n;

CREATE TABLE near (n int);
INSERT INTO near VALUES (3), (12);
ANALYZE;

-- reads by_array: an array
SELECT * FROM by_array WHERE a = '{1,2}';
-- reads by_array: an array among others
SELECT * FROM by_array WHERE a IN ('{2}', '{7}');
-- reads by_array: an array by order
SELECT * FROM by_array WHERE a < '{1,3}';
-- reads by_array: an element hides the key
SELECT * FROM by_array WHERE a[1] = 1;
-- reads by_row: a composite
SELECT * FROM by_row WHERE p = '(4,5,6)'::point3;
-- reads by_row: a field of a composite
SELECT * FROM by_row WHERE (p).x = 4;
-- reads by_row: a composite that has no place
SELECT * FROM by_row WHERE p = ROW(7, 8, 9)::point3;
-- reads by_span: a range as a value
SELECT * FROM by_span WHERE s = '[5,9)'::int4range;
-- reads by_span: an operator that is not of the class
SELECT * FROM by_span WHERE s && '[1,2]'::int4range;
-- reads by_domain: a domain
SELECT * FROM by_domain WHERE n = 12;
-- reads by_domain: a constant of the domain
SELECT * FROM by_domain WHERE n < 5::positive;
-- reads by_uuid: a uuid
SELECT * FROM by_uuid WHERE id = '00000000-0000-4000-8000-000000000001';
-- reads by_uuid: a uuid as text
SELECT * FROM by_uuid WHERE id::text = '00000000-0000-4000-8000-000000000001';
-- reads by_uuid: a volatile value
SELECT * FROM by_uuid WHERE id = gen_random_uuid();
-- reads by_pattern: equal
SELECT * FROM by_pattern WHERE w = 'beta';
-- reads by_pattern: the usual order is not that of the class
SELECT * FROM by_pattern WHERE w < 'b';
-- reads by_pattern: the order of the class
SELECT * FROM by_pattern WHERE w ~<~ 'b';
-- reads by_pattern: LIKE
SELECT * FROM by_pattern WHERE w LIKE 'al%';
-- reads by_inet: an address
SELECT * FROM by_inet WHERE ip = '10.9.9.9';
-- reads by_inet: within a network, which is no order
SELECT * FROM by_inet WHERE ip << '10.0.0.0/8';
-- reads by_not: the negated key
SELECT * FROM by_not WHERE NOT b;
-- reads by_not: the key
SELECT * FROM by_not WHERE b;
-- reads by_not: the negated key is true
SELECT * FROM by_not WHERE (NOT b) IS TRUE;
-- reads by_not: the negated key is not true
SELECT * FROM by_not WHERE (NOT b) IS NOT TRUE;
-- reads by_not: unknown
SELECT * FROM by_not WHERE (NOT b) IS UNKNOWN;
-- reads by_time: infinity
SELECT * FROM by_time WHERE at = 'infinity';
-- reads by_time: before infinity
SELECT * FROM by_time WHERE at >= '2035-01-01' AND at < 'infinity';
-- reads by_time: today, which is stable for a timestamp
SELECT * FROM by_time WHERE at < localtimestamp;
-- reads by_time: an interval added to a constant
SELECT * FROM by_time WHERE at > timestamp '2030-01-01' + interval '1 year';
-- reads grown: attached, with other columns
SELECT * FROM grown WHERE a = 3;
-- reads grown: whole rows
SELECT g FROM grown g WHERE a > 5;
-- reads grown: changed, with other columns
UPDATE grown SET a = a + 10 WHERE a = 3 RETURNING *;
-- reads grown: the attached one is never executed
SELECT * FROM near, LATERAL (SELECT * FROM grown WHERE a = n + 3 OFFSET 0) g WHERE n > 10;
-- reads interleaved: sorted, the lists interleave
SET enable_sort = off;
SELECT * FROM interleaved ORDER BY c LIMIT 3;
-- reads interleaved: sorted, those left do not
SET enable_sort = off;
SELECT * FROM interleaved WHERE c IN ('a', 'c', 'e') ORDER BY c LIMIT 3;
-- reads interleaved: sorted from the end
SET enable_sort = off;
SELECT * FROM interleaved ORDER BY c DESC LIMIT 3;
-- reads interleaved: sorted, generic
SET enable_sort = off;
SET plan_cache_mode = force_generic_plan;
PREPARE q(text, text) AS SELECT * FROM interleaved WHERE c IN ($1, $2) ORDER BY c;
EXECUTE q('a', 'c');
-- reads interleaved: ANY of a subquery's array
SELECT count(*) FROM interleaved WHERE c = ANY (ARRAY(SELECT chr(96 + n) FROM near WHERE n < 5));
-- reads interleaved: ALL of an array
SELECT count(*) FROM interleaved WHERE c <> ALL (ARRAY['a', 'c', 'e']);
-- reads by_array: an array, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(int[]) AS SELECT * FROM by_array WHERE a = $1;
EXECUTE q('{2}');
-- reads by_row: a composite, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(point3) AS SELECT * FROM by_row WHERE p = $1;
EXECUTE q('(1,2,3)');
-- reads by_domain: a domain, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(positive) AS SELECT * FROM by_domain WHERE n = $1;
EXECUTE q(12);
-- reads by_not: the negated key, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(boolean) AS SELECT * FROM by_not WHERE (NOT b) = $1;
EXECUTE q(false);
-- reads by_uuid: a uuid, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(uuid) AS SELECT * FROM by_uuid WHERE id = $1;
EXECUTE q('00000000-0000-4000-8000-000000000001');
