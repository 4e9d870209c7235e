--
-- 99_reset.sql: removes every table that these scripts can have made
-- Needs:   nothing
-- Locks:   ACCESS EXCLUSIVE on each table
-- Runs:    in one transaction
-- Expect:  none of these tables; everything else untouched, for nothing is dropped by CASCADE
--

-- Most of them are missing in most states: that is no news.
SET LOCAL client_min_messages = warning;

-- A partitioned table takes its partitions along; those named here may have been detached from it.
DROP TABLE IF EXISTS event_logs;
DROP TABLE IF EXISTS event_logs_2024_01;
DROP TABLE IF EXISTS event_logs_2024_02;
DROP TABLE IF EXISTS event_logs_2024_02_week1;
DROP TABLE IF EXISTS event_logs_2024_02_week2;
DROP TABLE IF EXISTS event_logs_2024_02_week3;
DROP TABLE IF EXISTS event_logs_2024_02_week4;
DROP TABLE IF EXISTS event_logs_2024_03;
DROP TABLE IF EXISTS event_logs_2024_04;
DROP TABLE IF EXISTS event_logs_default;
DROP TABLE IF EXISTS event_logs_archive;
DROP TABLE IF EXISTS event_logs_old;

-- Before users_distributed, whose sequence it uses.
DROP TABLE IF EXISTS users_by_date;
DROP TABLE IF EXISTS users_by_date_2023_q1;
DROP TABLE IF EXISTS users_by_date_2023_q2;
DROP TABLE IF EXISTS users_by_date_2023_q3;
DROP TABLE IF EXISTS users_by_date_2023_q4;
DROP TABLE IF EXISTS users_by_date_2024_q1;
DROP TABLE IF EXISTS users_by_date_2024_q2;
DROP TABLE IF EXISTS users_by_date_2024_q3;
DROP TABLE IF EXISTS users_by_date_2024_q4;
DROP TABLE IF EXISTS users_by_date_default;

DROP TABLE IF EXISTS users_distributed;
DROP TABLE IF EXISTS users_distributed_p0;
DROP TABLE IF EXISTS users_distributed_p1;
DROP TABLE IF EXISTS users_distributed_p2;
DROP TABLE IF EXISTS users_distributed_p3;
DROP TABLE IF EXISTS users_distributed_old;

DROP TABLE IF EXISTS orders_by_region;
DROP TABLE IF EXISTS orders_north_america;
DROP TABLE IF EXISTS orders_europe;
DROP TABLE IF EXISTS orders_asia_pacific;
DROP TABLE IF EXISTS orders_other;
DROP TABLE IF EXISTS orders_by_region_old;

DROP TABLE IF EXISTS sales_data;
DROP TABLE IF EXISTS sales_2024_q1;
DROP TABLE IF EXISTS sales_2024_q1_electronics;
DROP TABLE IF EXISTS sales_2024_q1_clothing;
DROP TABLE IF EXISTS sales_2024_q1_other;
DROP TABLE IF EXISTS sales_2024_q2;
DROP TABLE IF EXISTS sales_2024_q2_electronics;
DROP TABLE IF EXISTS sales_2024_q2_clothing;
DROP TABLE IF EXISTS sales_2024_q2_other;
DROP TABLE IF EXISTS sales_default;
DROP TABLE IF EXISTS sales_data_old;
