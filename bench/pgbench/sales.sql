\set day random(0, 365)
\set category random(1, 8)
\set product random(1, 500)
\set quantity random(1, 5)
\set cents random(300, 79999)
\set price :cents / 100.0
\set total :quantity * :cents / 100.0
\set store random(1, 40)
INSERT INTO sales_data (sale_date, product_category, product_id, quantity, unit_price, total_amount, store_id) VALUES (date '2024-01-01' + :day::int, ('{electronics,computers,clothing,shoes,accessories,home,books,toys}'::text[])[:category], :product, :quantity, :price, :total, :store);
