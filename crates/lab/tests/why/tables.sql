--
-- tables.sql: what the queries of queries.sql are about
--
SET timezone = 'UTC';

-- Months of a timestamp, and a DEFAULT.
CREATE TABLE events (id int, user_id int, created_at timestamp, seen_at timestamp, kind text) PARTITION BY RANGE (created_at);
CREATE TABLE events_01 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE events_02 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE events_03 PARTITION OF events FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE INDEX ON events (created_at);
INSERT INTO events
SELECT n, n % 10, timestamp '2023-12-20' + n * interval '5 hours 7 minutes', timestamp '2024-02-01', 'k' || n % 3
FROM generate_series(1, 700) n;
INSERT INTO events VALUES (1000, 1, NULL, NULL, NULL), (1001, 1, '2024-02-05', NULL, 'k1'), (1002, 1, '2024-02-06', NULL, 'k1'),
    (1003, 1, '2024-02-01', NULL, 'k1'), (1004, 1, '2024-03-01', NULL, 'k1'), (1005, 2, '2024-02-29 23:59:59.999999', NULL, 'k2');

-- Months of a timestamp with time zone, nothing else.
CREATE TABLE stamps (id int, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE stamps_01 PARTITION OF stamps FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE stamps_02 PARTITION OF stamps FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE stamps_03 PARTITION OF stamps FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
CREATE TABLE stamps_old PARTITION OF stamps FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE stamps_new PARTITION OF stamps FOR VALUES FROM ('2024-04-01') TO (MAXVALUE);
INSERT INTO stamps SELECT n, timestamptz '2023-12-20' + n * interval '5 hours 7 minutes' FROM generate_series(1, 700) n;

-- Months of a date, nothing else.
CREATE TABLE days (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE days_01 PARTITION OF days FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE days_02 PARTITION OF days FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE days_03 PARTITION OF days FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
INSERT INTO days SELECT n, date '2024-01-01' + n % 91 FROM generate_series(1, 400) n;

CREATE TABLE readings (n int, big bigint, label text) PARTITION BY RANGE (n);
CREATE TABLE readings_0 PARTITION OF readings FOR VALUES FROM (0) TO (10);
CREATE TABLE readings_1 PARTITION OF readings FOR VALUES FROM (10) TO (20);
CREATE TABLE readings_2 PARTITION OF readings FOR VALUES FROM (20) TO (30);
INSERT INTO readings SELECT n % 30, n, 'r' || n FROM generate_series(0, 299) n;

CREATE TABLE users (id int PRIMARY KEY, name text) PARTITION BY HASH (id);
CREATE TABLE users_0 PARTITION OF users FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE users_1 PARTITION OF users FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE users_2 PARTITION OF users FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE users_3 PARTITION OF users FOR VALUES WITH (MODULUS 4, REMAINDER 3);
INSERT INTO users SELECT n, 'u' || n FROM generate_series(1, 400) n;

CREATE TABLE pairs (a int, b int, c int) PARTITION BY HASH (a, b);
CREATE TABLE pairs_0 PARTITION OF pairs FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE pairs_1 PARTITION OF pairs FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO pairs SELECT n % 7, n % 5, n FROM generate_series(1, 100) n;

CREATE TABLE grid (a int, b int, c int) PARTITION BY RANGE (a, b);
CREATE TABLE grid_1 PARTITION OF grid FOR VALUES FROM (1, 0) TO (1, 10);
CREATE TABLE grid_2 PARTITION OF grid FOR VALUES FROM (1, 10) TO (1, 20);
CREATE TABLE grid_3 PARTITION OF grid FOR VALUES FROM (2, 0) TO (2, 10);
INSERT INTO grid SELECT 1, n % 20, n FROM generate_series(1, 100) n;

-- Lists without a DEFAULT, and with one.
CREATE TABLE orders (id int, region varchar(10), amount numeric) PARTITION BY LIST (region);
CREATE TABLE orders_eu PARTITION OF orders FOR VALUES IN ('DE', 'FR');
CREATE TABLE orders_uk PARTITION OF orders FOR VALUES IN ('UK', 'IE');
CREATE TABLE orders_us PARTITION OF orders FOR VALUES IN ('US');
INSERT INTO orders SELECT n, (ARRAY['DE', 'FR', 'UK', 'IE', 'US'])[1 + n % 5], n FROM generate_series(1, 100) n;

CREATE TABLE shops (id int, region text) PARTITION BY LIST (region);
CREATE TABLE shops_eu PARTITION OF shops FOR VALUES IN ('DE', 'FR');
CREATE TABLE shops_us PARTITION OF shops FOR VALUES IN ('US', NULL);
CREATE TABLE shops_rest PARTITION OF shops DEFAULT;
INSERT INTO shops SELECT n, (ARRAY['DE', 'FR', 'XX', NULL, 'US'])[1 + n % 5] FROM generate_series(1, 100) n;

CREATE TYPE state AS ENUM ('open', 'paid', 'sent');
CREATE TABLE bills (id int, state state) PARTITION BY LIST (state);
CREATE TABLE bills_open PARTITION OF bills FOR VALUES IN ('open');
CREATE TABLE bills_paid PARTITION OF bills FOR VALUES IN ('paid', 'sent');
INSERT INTO bills SELECT n, (ARRAY['open', 'paid', 'sent'])[1 + n % 3]::state FROM generate_series(1, 30) n;

CREATE TABLE flags (id int, done bool) PARTITION BY LIST (done);
CREATE TABLE flags_true PARTITION OF flags FOR VALUES IN (true);
CREATE TABLE flags_false PARTITION OF flags FOR VALUES IN (false);
CREATE TABLE flags_null PARTITION OF flags FOR VALUES IN (NULL);

CREATE TABLE names (name text COLLATE "POSIX", id int) PARTITION BY RANGE (name COLLATE "C");
CREATE TABLE names_a PARTITION OF names FOR VALUES FROM ('a') TO ('n');
CREATE TABLE names_n PARTITION OF names FOR VALUES FROM ('n') TO ('zz');
INSERT INTO names VALUES ('bob', 1), ('zoe', 2);

-- Expressions as keys.
CREATE TABLE monthly (id int, at timestamp) PARTITION BY RANGE (date_trunc('month', at));
CREATE TABLE monthly_01 PARTITION OF monthly FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE monthly_02 PARTITION OF monthly FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
INSERT INTO monthly SELECT n, timestamp '2024-01-01' + n * interval '1 day' FROM generate_series(1, 50) n;
CREATE TABLE lowered (id int, name text) PARTITION BY LIST (lower(name));
CREATE TABLE lowered_a PARTITION OF lowered FOR VALUES IN ('ann');
CREATE TABLE lowered_b PARTITION OF lowered FOR VALUES IN ('bob');
INSERT INTO lowered VALUES (1, 'Ann'), (2, 'BOB');

-- Two levels.
CREATE TABLE sales (day date, category text, amount int) PARTITION BY RANGE (day);
CREATE TABLE sales_q1 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2024-04-01') PARTITION BY LIST (category);
CREATE TABLE sales_q1_a PARTITION OF sales_q1 FOR VALUES IN ('a');
CREATE TABLE sales_q1_b PARTITION OF sales_q1 FOR VALUES IN ('b');
CREATE TABLE sales_q1_rest PARTITION OF sales_q1 DEFAULT;
CREATE TABLE sales_q2 PARTITION OF sales FOR VALUES FROM ('2024-04-01') TO ('2024-07-01') PARTITION BY LIST (category);
CREATE TABLE sales_q2_a PARTITION OF sales_q2 FOR VALUES IN ('a');
CREATE TABLE sales_q2_b PARTITION OF sales_q2 FOR VALUES IN ('b');
CREATE TABLE sales_q2_rest PARTITION OF sales_q2 DEFAULT;
INSERT INTO sales SELECT date '2024-01-01' + n % 182, chr(97 + n % 3), n FROM generate_series(1, 600) n;

-- Bounds say nothing about kind; the checks do.
CREATE TABLE checked (n int, kind text) PARTITION BY RANGE (n);
CREATE TABLE checked_0 PARTITION OF checked (CHECK (kind = 'x')) FOR VALUES FROM (0) TO (10);
CREATE TABLE checked_1 PARTITION OF checked (CHECK (kind = 'y')) FOR VALUES FROM (10) TO (20);
INSERT INTO checked VALUES (1, 'x'), (11, 'y');

CREATE TABLE slots (n int, label text) PARTITION BY RANGE (n);
CREATE TABLE slots_0 PARTITION OF slots (label NOT NULL) FOR VALUES FROM (0) TO (10);
CREATE TABLE slots_1 PARTITION OF slots FOR VALUES FROM (10) TO (20);
CREATE TABLE slots_2 PARTITION OF slots FOR VALUES FROM (20) TO (30);
CREATE INDEX ON slots (n) WHERE n >= 20;
INSERT INTO slots SELECT n % 30, 'x' FROM generate_series(1, 300) n;

CREATE TABLE codes (code text COLLATE "C", id int) PARTITION BY LIST (code);
CREATE TABLE codes_a PARTITION OF codes FOR VALUES IN ('aa', 'bb');
CREATE TABLE codes_rest PARTITION OF codes DEFAULT;
CREATE INDEX ON codes (code);

CREATE TABLE "Odd Table" ("Key No" int, "select" text) PARTITION BY RANGE ("Key No");
CREATE TABLE "Odd Table 0" PARTITION OF "Odd Table" FOR VALUES FROM (0) TO (10);
CREATE TABLE "Odd Table 1" PARTITION OF "Odd Table" FOR VALUES FROM (10) TO (20);
INSERT INTO "Odd Table" SELECT n % 20 FROM generate_series(1, 40) n;

CREATE TABLE empty (n int, label text) PARTITION BY RANGE (n);

CREATE VIEW february AS SELECT * FROM events WHERE created_at >= '2024-02-01' AND created_at < '2024-03-01';

-- No table of the others' kind.
CREATE TABLE plain (id int PRIMARY KEY, at timestamp, day date, n int, name text);
INSERT INTO plain VALUES (1, '2024-02-10', '2024-02-10', 5, 'Ann'), (2, '2024-02-11', '2024-02-11', 15, 'Bob');

CREATE FUNCTION fickle() RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 5; END';
CREATE FUNCTION steady() RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN 5; END';

ANALYZE events, stamps, days, readings, users, pairs, grid, orders, shops, bills, flags, names, monthly, lowered, sales, checked, plain;
