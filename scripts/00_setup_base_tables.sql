--
-- 00_setup_base_tables.sql: four tables, not partitioned
-- Needs:   nothing (no tables of these names)
-- Locks:   none, the tables are new
-- Runs:    in one transaction
-- Expect:  event_logs, users_distributed, orders_by_region and sales_data, empty and not partitioned
--

-- The sequences are named, so that a name that is taken is an error and not another name.
CREATE TABLE public.event_logs (
    id         bigint      GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME event_logs_id_seq) CONSTRAINT event_logs_pkey PRIMARY KEY,
    event_type varchar(50) NOT NULL,
    user_id    int         NOT NULL,
    event_data jsonb,
    ip_address inet,
    created_at timestamp   NOT NULL DEFAULT now()
);

CREATE INDEX event_logs_created_at_idx ON public.event_logs (created_at);
CREATE INDEX event_logs_event_type_idx ON public.event_logs (event_type);
CREATE INDEX event_logs_user_id_idx    ON public.event_logs (user_id);

COMMENT ON TABLE public.event_logs IS
    'Partition Lab: a single table, no partitioning. The events of every month share one heap and one set of '
    'indexes, so removing an old month means deleting its rows one by one and vacuuming up after them.';

CREATE TABLE public.users_distributed (
    id                int          GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME users_distributed_id_seq) CONSTRAINT users_distributed_pkey PRIMARY KEY,
    username          varchar(50)  NOT NULL CONSTRAINT users_distributed_username_key UNIQUE,
    email             varchar(100) NOT NULL,
    country_code      varchar(2),
    registration_date date         DEFAULT CURRENT_DATE,
    status            varchar(20)  DEFAULT 'active'
);

CREATE INDEX users_distributed_email_idx ON public.users_distributed (email);

COMMENT ON TABLE public.users_distributed IS
    'Partition Lab: a single table, no partitioning. Every writer meets in the same heap and the same indexes, '
    'and one VACUUM has to work through all of them.';

CREATE TABLE public.orders_by_region (
    id           bigint        GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME orders_by_region_id_seq) CONSTRAINT orders_by_region_pkey PRIMARY KEY,
    order_number varchar(50)   NOT NULL,
    user_id      int           NOT NULL,
    product_id   int           NOT NULL,
    region       varchar(20)   NOT NULL,
    order_total  numeric(10,2) NOT NULL,
    order_status varchar(20)   DEFAULT 'pending',
    created_at   timestamp     DEFAULT now()
);

CREATE INDEX orders_by_region_user_id_idx      ON public.orders_by_region (user_id);
CREATE INDEX orders_by_region_order_status_idx ON public.orders_by_region (order_status);
CREATE INDEX orders_by_region_region_idx       ON public.orders_by_region (region);

COMMENT ON TABLE public.orders_by_region IS
    'Partition Lab: a single table, no partitioning. The orders of all regions lie mixed in one heap, so a query '
    'for one region reads pages that are full of the others.';

CREATE TABLE public.sales_data (
    id               bigint        GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME sales_data_id_seq) CONSTRAINT sales_data_pkey PRIMARY KEY,
    sale_date        date          NOT NULL,
    product_category varchar(50)   NOT NULL,
    product_id       int           NOT NULL,
    quantity         int           NOT NULL,
    unit_price       numeric(10,2) NOT NULL,
    total_amount     numeric(10,2) NOT NULL,
    store_id         int
);

CREATE INDEX sales_data_sale_date_idx        ON public.sales_data (sale_date);
CREATE INDEX sales_data_product_category_idx ON public.sales_data (product_category);
CREATE INDEX sales_data_product_id_idx       ON public.sales_data (product_id);

COMMENT ON TABLE public.sales_data IS
    'Partition Lab: a single table, no partitioning. A report on one category in one quarter has to find its rows '
    'among those of all categories and all quarters.';
