\set number random(1, 2000000000)
\set user random(1, 10000)
\set product random(1, 500)
\set region random(1, 17)
\set total random(500, 99999) / 100.0
\set status random(1, 5)
\set second random(0, 31622399)
INSERT INTO orders_by_region (order_number, user_id, product_id, region, order_total, order_status, created_at) VALUES ('ORD-20240101-' || :number::int, :user, :product, ('{US,CA,MX,UK,DE,FR,IT,ES,JP,CN,AU,IN,SG,BR,ZA,KR,AE}'::text[])[:region], :total, ('{pending,processing,shipped,delivered,cancelled}'::text[])[:status], timestamp '2024-01-01' + :second * interval '1 second');
