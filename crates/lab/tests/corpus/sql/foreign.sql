-- Foreign partitions, on this server by another connection, and from a program's output.

CREATE EXTENSION postgres_fdw;
CREATE EXTENSION file_fdw;
CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', port '{port}', dbname '{database}', fdw_startup_cost '1000', fdw_tuple_cost '0.1');
CREATE USER MAPPING FOR CURRENT_USER SERVER here;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;

CREATE SCHEMA far;
CREATE TABLE far.spot_1 (at int, v text);
CREATE TABLE far.spot_2 (at int, v text);
CREATE TABLE spot (at int, v text) PARTITION BY RANGE (at);
CREATE TABLE spot_0 PARTITION OF spot FOR VALUES FROM (0) TO (100);
CREATE FOREIGN TABLE spot_f1 PARTITION OF spot FOR VALUES FROM (100) TO (200) SERVER here OPTIONS (schema_name 'far', table_name 'spot_1');
CREATE FOREIGN TABLE "spot f2" PARTITION OF spot FOR VALUES FROM (200) TO (300) SERVER here OPTIONS (schema_name 'far', table_name 'spot_2');
CREATE FOREIGN TABLE spot_file PARTITION OF spot FOR VALUES FROM (300) TO (400) SERVER files OPTIONS (program 'echo 350,seen', format 'csv');
INSERT INTO spot SELECT n, 'v' || n FROM generate_series(0, 299) n;

CREATE TABLE far.area_1 (at int, w text);
CREATE TABLE far.area_2 (at int, w text);
CREATE TABLE area (at int, w text) PARTITION BY RANGE (at);
CREATE FOREIGN TABLE area_f1 PARTITION OF area FOR VALUES FROM (100) TO (200) SERVER here OPTIONS (schema_name 'far', table_name 'area_1');
CREATE FOREIGN TABLE area_f2 PARTITION OF area FOR VALUES FROM (200) TO (300) SERVER here OPTIONS (schema_name 'far', table_name 'area_2');
INSERT INTO area SELECT n, 'w' || n FROM generate_series(100, 299) n;

CREATE TABLE far.zone_1 (at int, w text);
CREATE TABLE far.zone_2 (at int, w text);
CREATE TABLE zone (at int, w text) PARTITION BY RANGE (at);
CREATE FOREIGN TABLE zone_f1 PARTITION OF zone FOR VALUES FROM (100) TO (200) SERVER here OPTIONS (schema_name 'far', table_name 'zone_1');
CREATE FOREIGN TABLE "zone (f) 2" PARTITION OF zone FOR VALUES FROM (200) TO (300) SERVER here OPTIONS (schema_name 'far', table_name 'zone_2');
INSERT INTO zone SELECT n, 'z' || n FROM generate_series(100, 299) n;

CREATE TABLE few (n int);
INSERT INTO few VALUES (50), (150);
ANALYZE;

-- reads spot: the foreign one
SELECT * FROM spot WHERE at = 150;
-- reads spot: the local one
SELECT * FROM spot WHERE at < 100;
-- reads spot: the program's output
SELECT * FROM spot WHERE at = 350;
-- reads spot: all of them
SELECT count(*) FROM spot;
-- reads spot: a limit before the foreign ones
SELECT * FROM spot LIMIT 1;
-- reads spot: generic
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS SELECT * FROM spot WHERE at = $1;
EXECUTE q(250);
-- reads spot: by an init plan
SELECT * FROM spot WHERE at = (SELECT max(n) FROM few);
-- reads spot: in a loop
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT * FROM few, LATERAL (SELECT * FROM spot WHERE at = n OFFSET 0) s;
-- reads spot: UPDATE, sent as it is
UPDATE spot SET v = 'new' WHERE at BETWEEN 150 AND 160;
-- reads spot: UPDATE of local and foreign rows
UPDATE spot SET v = 'new' WHERE at < 250;
-- reads spot: UPDATE, row by row
UPDATE spot SET v = v || random() WHERE at = 250;
-- reads spot: DELETE, sent as it is
DELETE FROM spot WHERE at = 250;
-- reads spot: DELETE with a join
DELETE FROM spot USING few WHERE at = n AND at >= 100 AND at < 200;
-- reads spot: DELETE, generic
-- until 17: 18.4 crashes when it executes this, be it explained or not (SIGSEGV)
SET plan_cache_mode = force_generic_plan;
PREPARE q(int) AS DELETE FROM spot WHERE at = $1 AND at < 300;
EXECUTE q(150);
-- reads nothing: INSERT into a foreign one
INSERT INTO spot VALUES (150, 'x');
-- reads nothing: a foreign one directly
SELECT * FROM "spot f2" WHERE at = 250;
-- reads area, spot: a join of whole tables
SELECT count(*) FROM area JOIN spot USING (at) WHERE at < 300;
-- reads area, zone: a join done far away, partition by partition
SET enable_partitionwise_join = on;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT count(*) FROM area JOIN zone USING (at);
-- reads area, zone: a join done far away, of one pair
SET enable_partitionwise_join = on;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT a.w, z.w FROM area a JOIN zone z ON a.at = z.at WHERE a.at >= 200 AND a.w <> 'x';
-- reads area, zone: a left join done far away
SET enable_partitionwise_join = on;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT a.w, z.w FROM area a LEFT JOIN zone z ON a.at = z.at AND z.w = 'z250';
-- reads area, zone: three of them joined
SET enable_partitionwise_join = on;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT count(*) FROM area "a (b)" JOIN zone z ON "a (b)".at = z.at JOIN area c ON c.at = z.at;
-- reads area: sums made far away
SET enable_hashagg = off;
SET enable_partitionwise_aggregate = on;
SELECT at, count(*) FROM area GROUP BY at;
-- reads area: one partition's sums made far away
SELECT count(*), max(w) FROM area WHERE at < 200;
-- reads area, zone: a join and sums made far away
SET enable_partitionwise_join = on;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SET enable_partitionwise_aggregate = on;
SET enable_hashagg = off;
SET enable_sort = off;
SELECT a.at, count(*) FROM area a JOIN zone z ON a.at = z.at GROUP BY a.at;
-- reads area, zone: a join done far away and never begun
SET enable_partitionwise_join = on;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT a.w FROM area a JOIN zone z ON a.at = z.at LIMIT 1;
-- reads area, zone: UPDATE of both partitions with a join
SET enable_partitionwise_join = on;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
UPDATE area a SET w = z.w FROM zone z WHERE a.at = z.at;
-- reads area, zone: DELETE with a join, done here
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
DELETE FROM area a USING zone z WHERE a.at = z.at AND a.at >= 200 AND z.at >= 200 AND z.w <> 'x';
-- reads area, zone: UPDATE with a join, done here
SET enable_partitionwise_join = on;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
UPDATE area a SET w = z.w FROM zone z WHERE a.at = z.at AND a.at < 200 AND z.at < 200;
-- reads area: ordered and limited far away
SELECT * FROM area WHERE at < 200 ORDER BY at LIMIT 2;
-- reads area: foreign ones asked at the same time
ALTER SERVER here OPTIONS (ADD async_capable 'true');
SELECT * FROM area WHERE w LIKE 'w1%';
-- reads area: merged in order
SET enable_sort = off;
SELECT * FROM area ORDER BY w LIMIT 3;
-- reads nothing: partitions named directly, and the plan of the far join names none
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
UPDATE area_f1 a SET w = z.w FROM zone_f1 z WHERE a.at = z.at;
