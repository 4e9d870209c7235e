-- Statements that write: their targets are read, too; an INSERT's is not.

CREATE TABLE stock (id int, kind text, n int) PARTITION BY LIST (kind);
CREATE TABLE stock_nut PARTITION OF stock FOR VALUES IN ('nut');
CREATE TABLE stock_bolt PARTITION OF stock FOR VALUES IN ('bolt', 'screw');
CREATE TABLE stock_rest PARTITION OF stock DEFAULT;
INSERT INTO stock SELECT n, (ARRAY['nut', 'bolt', 'screw', 'nail'])[1 + n % 4], n FROM generate_series(1, 80) n;

CREATE TABLE ledger (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
CREATE TABLE ledger_1 PARTITION OF ledger FOR VALUES FROM (0) TO (50);
CREATE TABLE ledger_2 PARTITION OF ledger FOR VALUES FROM (50) TO (100);
CREATE TABLE ledger_3 PARTITION OF ledger FOR VALUES FROM (100) TO (150);
INSERT INTO ledger SELECT n, n FROM generate_series(0, 149) n;

CREATE TABLE staff (boss int, id int, region text) PARTITION BY LIST (region);
CREATE TABLE staff_e PARTITION OF staff FOR VALUES IN ('e') PARTITION BY HASH (id);
CREATE TABLE staff_e0 PARTITION OF staff_e FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE staff_e1 PARTITION OF staff_e FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE staff_w PARTITION OF staff FOR VALUES IN ('w');
INSERT INTO staff SELECT n / 3, n, (ARRAY['e', 'w'])[1 + n % 2] FROM generate_series(1, 60) n;

CREATE TABLE entry (id int PRIMARY KEY, ledger_id int REFERENCES ledger ON DELETE CASCADE);
INSERT INTO entry VALUES (1, 60), (2, 120);
CREATE TABLE loose (id int, kind text);
INSERT INTO loose VALUES (3, 'nut'), (60, 'bolt'), (500, 'nail');

-- reads stock: UPDATE of one partition
UPDATE stock SET n = 0 WHERE kind = 'nut';
-- reads stock: UPDATE of all
UPDATE stock SET n = n + 1;
-- reads stock: UPDATE that moves rows
UPDATE stock SET kind = 'nut' WHERE kind = 'screw';
-- reads stock: UPDATE that moves rows to DEFAULT, and returns them
UPDATE stock SET kind = 'pin' WHERE kind IN ('nut', 'bolt') RETURNING *;
-- reads stock: UPDATE pruned to nothing
UPDATE stock SET n = 1 WHERE kind = 'nut' AND kind = 'bolt';
-- reads stock: UPDATE joined with a plain table
UPDATE stock s SET n = -1 FROM loose l WHERE s.kind = l.kind AND s.kind = 'bolt';
-- reads stock, ledger: UPDATE joined with a partitioned table
UPDATE stock s SET n = l.n FROM ledger l WHERE l.id = s.id AND s.kind = 'nut' AND l.id < 50;
-- reads stock: UPDATE by an init plan
UPDATE stock SET n = 7 WHERE kind = (SELECT kind FROM loose WHERE id = 3);
-- reads stock: UPDATE, generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(text) AS UPDATE stock SET n = 7 WHERE kind = $1;
EXECUTE q('bolt');
-- reads stock: UPDATE, generic, nothing left
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS UPDATE ledger SET n = 7 WHERE id = $1;
PREPARE r(text, text) AS UPDATE stock SET n = 7 WHERE kind = $1 AND kind = $2;
EXECUTE r('bolt', 'nut');
-- reads ledger: DELETE, generic, outside all
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS DELETE FROM ledger WHERE id = $1;
EXECUTE q(999);
-- reads ledger: DELETE by the key, and a cascade
DELETE FROM ledger WHERE id BETWEEN 55 AND 105;
-- reads ledger: DELETE of nothing
DELETE FROM ledger WHERE id > 1000;
-- reads ledger: DELETE USING
DELETE FROM ledger USING loose WHERE ledger.id = loose.id AND ledger.id < 50;
-- reads ledger: DELETE by a correlated condition
DELETE FROM ledger l WHERE id >= 100 AND EXISTS (SELECT FROM loose WHERE loose.id = l.id);
-- reads ledger: DELETE with the table in its own condition
DELETE FROM ledger WHERE id = (SELECT max(id) FROM ledger WHERE id < 100);
-- reads nothing: INSERT
INSERT INTO ledger VALUES (149, 1) ON CONFLICT DO NOTHING;
-- reads nothing: INSERT or UPDATE
INSERT INTO ledger VALUES (3, 1) ON CONFLICT (id) DO UPDATE SET n = excluded.n;
-- reads stock: INSERT from another partitioned table
INSERT INTO ledger SELECT id + 1000, n FROM stock WHERE kind = 'none of them';
-- reads stock: INSERT from itself
INSERT INTO stock SELECT id, 'nut', n FROM stock WHERE kind = 'bolt';
-- reads stock: rows deleted in a CTE and inserted elsewhere
WITH gone AS (DELETE FROM stock WHERE kind = 'nut' RETURNING *) INSERT INTO loose SELECT id, kind FROM gone;
-- reads stock: rows deleted in a CTE and inserted into the same table
WITH gone AS (DELETE FROM stock WHERE kind = 'nut' RETURNING *) INSERT INTO stock SELECT id, 'bolt', n FROM gone;
-- reads stock: nothing deleted in a CTE, and inserted into the same table
WITH gone AS (DELETE FROM stock WHERE kind = 'nut' AND kind = 'bolt' RETURNING *) INSERT INTO stock SELECT * FROM gone;
-- reads stock, ledger: two writes in one statement
WITH a AS (UPDATE stock SET n = 0 WHERE kind = 'nut' RETURNING id), b AS (DELETE FROM ledger WHERE id < 10 RETURNING id)
SELECT * FROM a UNION ALL SELECT * FROM b;
-- reads stock: MERGE of one partition
MERGE INTO stock s USING loose l ON s.id = l.id AND s.kind = 'nut'
WHEN MATCHED THEN UPDATE SET n = 0;
-- reads stock: MERGE that inserts what is missing
MERGE INTO stock s USING loose l ON s.id = l.id AND s.kind = l.kind
WHEN MATCHED AND s.n > 10 THEN DELETE WHEN MATCHED THEN UPDATE SET n = 1
WHEN NOT MATCHED THEN INSERT VALUES (l.id, l.kind, 0);
-- reads ledger, stock: MERGE from a partitioned table
MERGE INTO ledger t USING (SELECT * FROM stock WHERE kind = 'bolt') s ON t.id = s.id AND t.id < 100
WHEN MATCHED THEN UPDATE SET n = s.n;
-- reads stock: MERGE on false
MERGE INTO stock s USING loose l ON false WHEN NOT MATCHED THEN INSERT VALUES (l.id, l.kind, 0);
-- reads staff: UPDATE of a leaf two levels down
UPDATE staff SET boss = 0 WHERE region = 'e' AND id = 4;
-- reads staff: DELETE on both levels
DELETE FROM staff WHERE id = 4;
-- reads staff_e: UPDATE of a branch
UPDATE staff_e SET boss = 0 WHERE id = 4;
-- reads staff: UPDATE with a join to itself
UPDATE staff a SET boss = b.id FROM staff b WHERE a.boss = b.id AND a.region = 'w' AND b.region = 'e';
-- reads staff: generic UPDATE on two levels
SET plan_cache_mode = force_generic_plan;
PREPARE q(text, int) AS UPDATE staff SET boss = 0 WHERE region = $1 AND id = $2;
EXECUTE q('e', 4);
-- reads stock: FOR UPDATE
SELECT * FROM stock WHERE kind = 'nut' FOR UPDATE;
-- reads stock: FOR SHARE, limited
SELECT * FROM stock FOR SHARE LIMIT 1;
-- reads nothing: a leaf changed directly
UPDATE stock_nut SET n = 0;
-- reads nothing: a leaf filled from another leaf
INSERT INTO stock_nut SELECT id, 'nut', n FROM stock_bolt;
-- reads stock: a leaf filled from its parent
INSERT INTO stock_nut SELECT id, 'nut', n FROM stock WHERE kind = 'bolt';
-- reads ledger: after an INSERT of the same transaction
BEGIN;
INSERT INTO ledger VALUES (20, 1), (80, 2) ON CONFLICT DO NOTHING;
SELECT * FROM ledger WHERE id = 20;
-- reads stock: a table made of it
CREATE TABLE nuts AS SELECT * FROM stock WHERE kind = 'nut';
-- reads stock: a materialized view of it
CREATE MATERIALIZED VIEW bolts AS SELECT * FROM stock WHERE kind = 'bolt';
-- reads stock: INSERT from itself, of which nothing is left
INSERT INTO stock SELECT * FROM stock WHERE kind = 'nut' AND kind = 'bolt';
-- reads nothing: a leaf changed directly, and its rows inserted into the parent
WITH gone AS (DELETE FROM stock_nut RETURNING *) INSERT INTO stock SELECT id, 'bolt', n FROM gone;
-- reads staff_e: a branch changed directly, and its rows inserted into the parent
WITH gone AS (DELETE FROM staff_e RETURNING *) INSERT INTO staff SELECT boss, id, 'w' FROM gone;
-- reads staff_e: a branch read, and its rows inserted into the parent
INSERT INTO staff SELECT boss, id, 'w' FROM staff_e WHERE id = 4;
-- reads staff: the parent read, and its rows inserted into a branch
INSERT INTO staff_e SELECT boss, id, 'e' FROM staff WHERE region = 'w';
-- reads stock: MERGE with itself
MERGE INTO stock a USING stock b ON a.id = b.id AND a.kind = 'nut' AND b.kind = 'bolt' WHEN MATCHED THEN DO NOTHING;
-- reads stock: MERGE that deletes what the source lacks
-- since 17: BY SOURCE
MERGE INTO stock s USING loose l ON s.id = l.id AND s.kind = 'nut'
WHEN NOT MATCHED BY SOURCE AND s.kind = 'bolt' THEN DELETE WHEN MATCHED THEN DO NOTHING;
-- reads stock: MERGE that returns rows, in a CTE
-- since 17: RETURNING
WITH m AS (MERGE INTO stock s USING loose l ON s.id = l.id AND s.kind = 'nut' WHEN MATCHED THEN DELETE RETURNING s.id)
SELECT * FROM m;
-- reads stock: a plain table set from a partitioned one
UPDATE loose SET id = (SELECT max(n) FROM stock WHERE kind = 'bolt');
-- reads stock: the row of a cursor
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM stock FOR UPDATE;
FETCH c;
UPDATE stock SET n = 0 WHERE CURRENT OF c;
-- reads stock: locked for one of two names
SELECT * FROM stock a JOIN stock b USING (id) WHERE a.kind = 'nut' AND b.kind = 'bolt' FOR UPDATE OF a SKIP LOCKED;
-- reads stock: after LOCK TABLE
BEGIN;
LOCK TABLE stock;
SELECT * FROM stock WHERE kind = 'nut';
-- reads stock: through a view
CREATE OR REPLACE VIEW stock_view AS SELECT * FROM stock WHERE kind <> 'nut';
DELETE FROM stock_view WHERE kind = 'bolt';
