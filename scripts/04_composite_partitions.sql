--
-- 04_composite_partitions.sql: sales_data by RANGE, then by LIST
-- Needs:   00_setup_base_tables.sql
-- Locks:   ACCESS EXCLUSIVE on sales_data to the end
-- Runs:    in one transaction
-- Expect:  sales_data with two quarters of 3 leaves each and a DEFAULT, 7 leaves; sales_data_old with the same rows
--

-- At once and at full strength: no write slips in between the copy and the rename, and no lock is upgraded later.
LOCK TABLE public.sales_data IN ACCESS EXCLUSIVE MODE;

CREATE TABLE public.sales_data_partitioned (
    id               bigint        GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME sales_data_partitioned_id_seq),
    sale_date        date          NOT NULL,
    product_category varchar(50)   NOT NULL,
    product_id       int           NOT NULL,
    quantity         int           NOT NULL,
    unit_price       numeric(10,2) NOT NULL,
    total_amount     numeric(10,2) NOT NULL,
    store_id         int
) PARTITION BY RANGE (sale_date);

-- A partition can be partitioned in turn: it then holds no rows itself, only its own partitions do.
CREATE TABLE public.sales_2024_q1 PARTITION OF public.sales_data_partitioned
    FOR VALUES FROM ('2024-01-01') TO ('2024-04-01') PARTITION BY LIST (product_category);
CREATE TABLE public.sales_2024_q1_electronics PARTITION OF public.sales_2024_q1 FOR VALUES IN ('electronics', 'computers');
CREATE TABLE public.sales_2024_q1_clothing    PARTITION OF public.sales_2024_q1 FOR VALUES IN ('clothing', 'shoes', 'accessories');
CREATE TABLE public.sales_2024_q1_other       PARTITION OF public.sales_2024_q1 DEFAULT;

CREATE TABLE public.sales_2024_q2 PARTITION OF public.sales_data_partitioned
    FOR VALUES FROM ('2024-04-01') TO ('2024-07-01') PARTITION BY LIST (product_category);
CREATE TABLE public.sales_2024_q2_electronics PARTITION OF public.sales_2024_q2 FOR VALUES IN ('electronics', 'computers');
CREATE TABLE public.sales_2024_q2_clothing    PARTITION OF public.sales_2024_q2 FOR VALUES IN ('clothing', 'shoes', 'accessories');
CREATE TABLE public.sales_2024_q2_other       PARTITION OF public.sales_2024_q2 DEFAULT;

-- A DEFAULT on each level: the two above take every category, this one takes every other date.
CREATE TABLE public.sales_default PARTITION OF public.sales_data_partitioned DEFAULT;

INSERT INTO public.sales_data_partitioned
    (id, sale_date, product_category, product_id, quantity, unit_price, total_amount, store_id)
OVERRIDING SYSTEM VALUE
SELECT id, sale_date, product_category, product_id, quantity, unit_price, total_amount, store_id
FROM public.sales_data;

-- The new identity starts at 1. Let it go on where the old one would have, but never at an id that is taken.
SELECT setval(
    pg_get_serial_sequence('public.sales_data_partitioned', 'id'),
    greatest(old.last_value + old.is_called::int, (SELECT max(id) + 1 FROM public.sales_data)),
    false)
FROM public.sales_data_id_seq AS old;

-- Names of indexes and sequences are unique in a schema: the old table gives up the plain ones.
ALTER INDEX public.sales_data_pkey                 RENAME TO sales_data_old_pkey;
ALTER INDEX public.sales_data_sale_date_idx        RENAME TO sales_data_old_sale_date_idx;
ALTER INDEX public.sales_data_product_category_idx RENAME TO sales_data_old_product_category_idx;
ALTER INDEX public.sales_data_product_id_idx       RENAME TO sales_data_old_product_id_idx;
ALTER SEQUENCE public.sales_data_id_seq             RENAME TO sales_data_old_id_seq;
ALTER SEQUENCE public.sales_data_partitioned_id_seq RENAME TO sales_data_id_seq;

-- After the copy, because building an index once is cheaper than keeping it up row by row. Each of these makes one
-- index on every leaf. A primary key must contain the keys of both levels.
ALTER TABLE public.sales_data_partitioned ADD CONSTRAINT sales_data_pkey PRIMARY KEY (id, sale_date, product_category);
CREATE INDEX sales_data_sale_date_idx        ON public.sales_data_partitioned (sale_date);
CREATE INDEX sales_data_product_category_idx ON public.sales_data_partitioned (product_category);
CREATE INDEX sales_data_product_id_idx       ON public.sales_data_partitioned (product_id);

ALTER TABLE public.sales_data             RENAME TO sales_data_old;
ALTER TABLE public.sales_data_partitioned RENAME TO sales_data;

COMMENT ON TABLE public.sales_data IS
    'Partition Lab: partitioned by RANGE (sale_date) into quarters, each of them by LIST (product_category).';
COMMENT ON TABLE public.sales_2024_q1             IS 'Partition Lab: the sales of January to March 2024, partitioned by LIST (product_category).';
COMMENT ON TABLE public.sales_2024_q1_electronics IS 'Partition Lab: electronics and computers, a partition of sales_2024_q1.';
COMMENT ON TABLE public.sales_2024_q1_clothing    IS 'Partition Lab: clothing, shoes and accessories, a partition of sales_2024_q1.';
COMMENT ON TABLE public.sales_2024_q1_other       IS 'Partition Lab: every other category, the DEFAULT partition of sales_2024_q1.';
COMMENT ON TABLE public.sales_2024_q2             IS 'Partition Lab: the sales of April to June 2024, partitioned by LIST (product_category).';
COMMENT ON TABLE public.sales_2024_q2_electronics IS 'Partition Lab: electronics and computers, a partition of sales_2024_q2.';
COMMENT ON TABLE public.sales_2024_q2_clothing    IS 'Partition Lab: clothing, shoes and accessories, a partition of sales_2024_q2.';
COMMENT ON TABLE public.sales_2024_q2_other       IS 'Partition Lab: every other category, the DEFAULT partition of sales_2024_q2.';
COMMENT ON TABLE public.sales_default             IS 'Partition Lab: the sales of every other date, the DEFAULT partition of sales_data.';
COMMENT ON TABLE public.sales_data_old IS
    'Partition Lab: sales_data as it was before 04_composite_partitions.sql, a single table kept to compare with. '
    'New sales do not come here.';

DO $$
DECLARE
    rows_old CONSTANT bigint := (SELECT count(*) FROM public.sales_data_old);
    rows_new CONSTANT bigint := (SELECT count(*) FROM public.sales_data);
BEGIN
    IF rows_new <> rows_old THEN
        RAISE EXCEPTION 'sales_data has % rows but sales_data_old has %', rows_new, rows_old;
    END IF;
END
$$;

ANALYZE public.sales_data;
