--
-- 00_initial_seed_data.sql: 1,400 rows, times partition_lab.scale
-- Needs:   00_setup_base_tables.sql
-- Locks:   ACCESS EXCLUSIVE on the four tables
-- Runs:    in one transaction
-- Expect:  the same rows on every machine and every run
--
-- No random(): each value is a die, a hash of the row's number n and of the die's own number, so the rows
-- are always the same. Weights are written as repetition: in '{a,a,a,b}' an a is three times as likely.
--

-- Millions of rows go in twice as fast when these indexes are built afterwards; the last lines do it.
ALTER TABLE public.users_distributed DROP CONSTRAINT users_distributed_username_key;
DROP INDEX public.event_logs_created_at_idx;
DROP INDEX public.event_logs_event_type_idx;
DROP INDEX public.event_logs_user_id_idx;
DROP INDEX public.users_distributed_email_idx;
DROP INDEX public.orders_by_region_user_id_idx;
DROP INDEX public.orders_by_region_order_status_idx;
DROP INDEX public.orders_by_region_region_idx;
DROP INDEX public.sales_data_sale_date_idx;
DROP INDEX public.sales_data_product_category_idx;
DROP INDEX public.sales_data_product_id_idx;

-- Events: all of 2024 in order of time, most of them around noon; few users cause many of the events.
INSERT INTO public.event_logs (event_type, user_id, event_data, ip_address, created_at)
WITH setting AS MATERIALIZED (SELECT coalesce(nullif(current_setting('partition_lab.scale', true), ''), '1')::bigint AS scale)
SELECT
    event_type,
    user_id,
    CASE event_type
        WHEN 'page_view' THEN jsonb_build_object(
            'path', '/products/' || product_id,
            'referrer', ('{search,search,direct,newsletter,social}'::text[])[1 + detail % 5])
        WHEN 'click' THEN jsonb_build_object(
            'element', ('{buy_button,image,review,menu,banner}'::text[])[1 + detail % 5],
            'path', '/products/' || product_id)
        WHEN 'search' THEN jsonb_build_object(
            'query', ('{"running shoes",laptop,headphones,"winter jacket","garden chair"}'::text[])[1 + detail % 5],
            'results', detail % 80)
        WHEN 'add_to_cart' THEN jsonb_build_object('product_id', product_id, 'quantity', 1 + detail % 3)
        WHEN 'purchase' THEN jsonb_build_object(
            'product_id', product_id,
            'amount', (500 + detail * 7) * 0.01,
            'currency', ('{USD,USD,EUR,GBP,JPY}'::text[])[1 + detail % 5])
        WHEN 'login' THEN jsonb_build_object(
            'method', ('{password,password,passkey,sso}'::text[])[1 + detail % 4],
            'success', detail % 20 <> 0)
        WHEN 'error' THEN jsonb_build_object(
            'code', ('{404,404,404,500,503}'::int[])[1 + detail % 5],
            'path', '/products/' || product_id)
        ELSE jsonb_build_object('session_seconds', detail)
    END,
    CASE WHEN detail % 25 <> 0 THEN inet '10.0.0.0' + user_id END,
    timestamp '2024-01-01' + (n - 1) * 366 / total * interval '1 day' + noonward * interval '1 second'
FROM setting
CROSS JOIN LATERAL (SELECT 500 * scale) AS amount (total)
CROSS JOIN LATERAL generate_series(1, total) AS n
CROSS JOIN LATERAL (SELECT
    ('{page_view,page_view,page_view,page_view,page_view,page_view,page_view,page_view,
       click,click,click,click,search,search,search,login,login,logout,add_to_cart,purchase,error}'::text[])
        [1 + abs(hashint8extended(n, 1) % 21)],
    1 + least(abs(hashint8extended(n, 2) % (200 * scale)), abs(hashint8extended(n, 3) % (200 * scale)))::int,
    1 + abs(hashint8extended(n, 4) % 500),
    abs(hashint8extended(n, 5) % 1000)::int,
    (abs(hashint8extended(n, 6) % 86400) + abs(hashint8extended(n, 7) % 86400)) / 2
) AS dice (event_type, user_id, product_id, detail, noonward);

-- Users: two years, 2023 and 2024, more and more of them. One in forty was imported without a date (NULL).
INSERT INTO public.users_distributed (username, email, country_code, registration_date, status)
WITH setting AS MATERIALIZED (SELECT coalesce(nullif(current_setting('partition_lab.scale', true), ''), '1')::bigint AS scale)
SELECT
    username,
    username || '@' || ('{example.com,example.com,example.org,example.net}'::text[])[1 + abs(hashint8extended(n, 10) % 4)],
    ('{US,US,US,US,US,US,US,GB,GB,GB,DE,DE,DE,IN,IN,IN,IN,FR,FR,JP,JP,CN,CN,BR,BR,
       CA,CA,MX,ES,IT,AU,NL,SE,PL,ZA,KR,SG,AE,NG,AR}'::text[])[1 + abs(hashint8extended(n, 11) % 40)],
    CASE WHEN abs(hashint8extended(n, 12) % 40) <> 0
         THEN date '2023-01-01' + floor(731 * sqrt((n - 1) / total::float8))::int
    END,
    ('{active,active,active,active,active,active,active,active,active,active,active,active,
       inactive,inactive,inactive,pending,suspended}'::text[])[1 + abs(hashint8extended(n, 13) % 17)]
FROM setting
CROSS JOIN LATERAL (SELECT 200 * scale) AS amount (total)
CROSS JOIN LATERAL generate_series(1, total) AS n
CROSS JOIN LATERAL (SELECT
    ('{anna,ben,carlos,divya,elena,farid,grace,hiro,ines,jack,kofi,lena,maria,noah,olga,pedro}'::text[])
        [1 + abs(hashint8extended(n, 8) % 16)]
    || '.' ||
    ('{smith,garcia,mueller,rossi,tanaka,wang,patel,silva,martin,okafor,kim,jansen}'::text[])
        [1 + abs(hashint8extended(n, 9) % 12)]
    || n                                                -- the number makes it unique at every scale
) AS person (username);

-- Orders: all of 2024. The last line of regions is in no named partition of 03_list_partitions.sql.
INSERT INTO public.orders_by_region (order_number, user_id, product_id, region, order_total, order_status, created_at)
WITH setting AS MATERIALIZED (SELECT coalesce(nullif(current_setting('partition_lab.scale', true), ''), '1')::bigint AS scale)
SELECT
    'ORD-2024-' || lpad(n::text, 8, '0'),
    1 + abs(hashint8extended(n, 14) % (200 * scale)),
    1 + abs(hashint8extended(n, 15) % 500),
    ('{US,US,US,US,US,US,US,US,US,US,US,US,US,CA,CA,CA,MX,MX,
       UK,UK,UK,UK,UK,UK,DE,DE,DE,DE,DE,DE,FR,FR,FR,FR,IT,IT,ES,ES,
       JP,JP,JP,CN,CN,CN,CN,AU,AU,IN,IN,IN,SG,
       BR,BR,KR,KR,NL,ZA,AE,SE,NZ}'::text[])[1 + abs(hashint8extended(n, 16) % 60)],
    (500 + abs(hashint8extended(n, 17) % 1000) * abs(hashint8extended(n, 18) % 1000) / 10) * 0.01,
    ('{delivered,delivered,delivered,delivered,delivered,delivered,delivered,
       shipped,shipped,processing,pending,cancelled,returned}'::text[])[1 + abs(hashint8extended(n, 19) % 13)],
    timestamp '2024-01-01' + (n - 1) * 366 / total * interval '1 day'
        + (abs(hashint8extended(n, 20) % 86400) + abs(hashint8extended(n, 21) % 86400)) / 2 * interval '1 second'
FROM setting
CROSS JOIN LATERAL (SELECT 300 * scale) AS amount (total)
CROSS JOIN LATERAL generate_series(1, total) AS n;

-- Sales: the 182 days of the first half of 2024. Online sales have no store (NULL).
INSERT INTO public.sales_data (sale_date, product_category, product_id, quantity, unit_price, total_amount, store_id)
WITH setting AS MATERIALIZED (SELECT coalesce(nullif(current_setting('partition_lab.scale', true), ''), '1')::bigint AS scale)
SELECT
    date '2024-01-01' + ((n - 1) * 182 / total)::int,
    product_category,
    product_id,
    quantity,
    cents * 0.01,
    quantity * cents * 0.01,
    CASE WHEN abs(hashint8extended(n, 25) % 10) <> 0 THEN 1 + abs(hashint8extended(n, 26) % 25) END
FROM setting
CROSS JOIN LATERAL (SELECT 400 * scale) AS amount (total)
CROSS JOIN LATERAL generate_series(1, total) AS n
CROSS JOIN LATERAL (SELECT
    1 + abs(hashint8extended(n, 22) % 500),
    ('{1,1,1,1,1,2,2,3,5}'::int[])[1 + abs(hashint8extended(n, 23) % 9)]
) AS dice (product_id, quantity)
CROSS JOIN LATERAL (SELECT                              -- of the product, which never changes its category
    ('{electronics,electronics,electronics,electronics,computers,computers,computers,
       clothing,clothing,clothing,clothing,shoes,shoes,shoes,accessories,accessories,
       home,home,home,books,books,toys,sports,garden}'::text[])[1 + product_id % 24]
) AS catalogue (product_category)
CROSS JOIN LATERAL (SELECT
    CASE product_category
        WHEN 'computers'   THEN 899
        WHEN 'electronics' THEN 249
        WHEN 'shoes'       THEN  90
        WHEN 'clothing'    THEN  50
        WHEN 'accessories' THEN  25
        WHEN 'books'       THEN  18
        ELSE                     40
    END * (70 + abs(hashint8extended(product_id, 24) % 61))
) AS price (cents);

ALTER TABLE public.users_distributed ADD CONSTRAINT users_distributed_username_key UNIQUE (username);
CREATE INDEX event_logs_created_at_idx ON public.event_logs (created_at);
CREATE INDEX event_logs_event_type_idx ON public.event_logs (event_type);
CREATE INDEX event_logs_user_id_idx ON public.event_logs (user_id);
CREATE INDEX users_distributed_email_idx ON public.users_distributed (email);
CREATE INDEX orders_by_region_user_id_idx ON public.orders_by_region (user_id);
CREATE INDEX orders_by_region_order_status_idx ON public.orders_by_region (order_status);
CREATE INDEX orders_by_region_region_idx ON public.orders_by_region (region);
CREATE INDEX sales_data_sale_date_idx ON public.sales_data (sale_date);
CREATE INDEX sales_data_product_category_idx ON public.sales_data (product_category);
CREATE INDEX sales_data_product_id_idx ON public.sales_data (product_id);

-- Without statistics the first plans would be guesses.
ANALYZE public.event_logs;
ANALYZE public.users_distributed;
ANALYZE public.orders_by_region;
ANALYZE public.sales_data;
