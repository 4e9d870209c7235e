--
-- 03_list_partitions.sql: orders_by_region by LIST (region)
-- Needs:   00_setup_base_tables.sql
-- Locks:   ACCESS EXCLUSIVE on orders_by_region to the end
-- Runs:    in one transaction
-- Expect:  orders_by_region with 3 continents and a DEFAULT; orders_by_region_old with the same rows
--

-- At once and at full strength: no write slips in between the copy and the rename, and no lock is upgraded later.
LOCK TABLE public.orders_by_region IN ACCESS EXCLUSIVE MODE;

CREATE TABLE public.orders_by_region_partitioned (
    id           bigint        GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME orders_by_region_partitioned_id_seq),
    order_number varchar(50)   NOT NULL,
    user_id      int           NOT NULL,
    product_id   int           NOT NULL,
    region       varchar(20)   NOT NULL,
    order_total  numeric(10,2) NOT NULL,
    order_status varchar(20)   DEFAULT 'pending',
    created_at   timestamp     DEFAULT now()
) PARTITION BY LIST (region);

CREATE TABLE public.orders_north_america PARTITION OF public.orders_by_region_partitioned FOR VALUES IN ('US', 'CA', 'MX');
CREATE TABLE public.orders_europe        PARTITION OF public.orders_by_region_partitioned FOR VALUES IN ('UK', 'DE', 'FR', 'IT', 'ES');
CREATE TABLE public.orders_asia_pacific  PARTITION OF public.orders_by_region_partitioned FOR VALUES IN ('JP', 'CN', 'AU', 'IN', 'SG');

-- Without it, an order from a region that nobody listed would be refused.
CREATE TABLE public.orders_other         PARTITION OF public.orders_by_region_partitioned DEFAULT;

INSERT INTO public.orders_by_region_partitioned
    (id, order_number, user_id, product_id, region, order_total, order_status, created_at)
OVERRIDING SYSTEM VALUE
SELECT id, order_number, user_id, product_id, region, order_total, order_status, created_at
FROM public.orders_by_region;

-- The new identity starts at 1. Let it go on where the old one would have, but never at an id that is taken.
SELECT setval(
    pg_get_serial_sequence('public.orders_by_region_partitioned', 'id'),
    greatest(old.last_value + old.is_called::int, (SELECT max(id) + 1 FROM public.orders_by_region)),
    false)
FROM public.orders_by_region_id_seq AS old;

-- Names of indexes and sequences are unique in a schema: the old table gives up the plain ones.
ALTER INDEX public.orders_by_region_pkey             RENAME TO orders_by_region_old_pkey;
ALTER INDEX public.orders_by_region_user_id_idx      RENAME TO orders_by_region_old_user_id_idx;
ALTER INDEX public.orders_by_region_order_status_idx RENAME TO orders_by_region_old_order_status_idx;
ALTER INDEX public.orders_by_region_region_idx       RENAME TO orders_by_region_old_region_idx;
ALTER SEQUENCE public.orders_by_region_id_seq             RENAME TO orders_by_region_old_id_seq;
ALTER SEQUENCE public.orders_by_region_partitioned_id_seq RENAME TO orders_by_region_id_seq;

-- After the copy, because building an index once is cheaper than keeping it up row by row. Each of these makes one
-- index on every partition. A primary key must contain the partition key, so id alone is no longer enough.
ALTER TABLE public.orders_by_region_partitioned ADD CONSTRAINT orders_by_region_pkey PRIMARY KEY (id, region);
CREATE INDEX orders_by_region_user_id_idx      ON public.orders_by_region_partitioned (user_id);
CREATE INDEX orders_by_region_order_status_idx ON public.orders_by_region_partitioned (order_status);
CREATE INDEX orders_by_region_region_idx       ON public.orders_by_region_partitioned (region);

ALTER TABLE public.orders_by_region             RENAME TO orders_by_region_old;
ALTER TABLE public.orders_by_region_partitioned RENAME TO orders_by_region;

COMMENT ON TABLE public.orders_by_region IS
    'Partition Lab: partitioned by LIST (region), one partition a continent. An order moves when its region is updated.';
COMMENT ON TABLE public.orders_north_america IS 'Partition Lab: orders from US, CA and MX, a partition of orders_by_region.';
COMMENT ON TABLE public.orders_europe        IS 'Partition Lab: orders from UK, DE, FR, IT and ES, a partition of orders_by_region.';
COMMENT ON TABLE public.orders_asia_pacific  IS 'Partition Lab: orders from JP, CN, AU, IN and SG, a partition of orders_by_region.';
COMMENT ON TABLE public.orders_other         IS 'Partition Lab: orders from every other region, the DEFAULT partition of orders_by_region.';
COMMENT ON TABLE public.orders_by_region_old IS
    'Partition Lab: orders_by_region as it was before 03_list_partitions.sql, a single table kept to compare with. '
    'New orders do not come here.';

DO $$
DECLARE
    rows_old CONSTANT bigint := (SELECT count(*) FROM public.orders_by_region_old);
    rows_new CONSTANT bigint := (SELECT count(*) FROM public.orders_by_region);
BEGIN
    IF rows_new <> rows_old THEN
        RAISE EXCEPTION 'orders_by_region has % rows but orders_by_region_old has %', rows_new, rows_old;
    END IF;
END
$$;

ANALYZE public.orders_by_region;
