\set id 80 * random(0, :rows / 80 - 1) + 10 * :client_id + 1
\set second random(0, 15000000)
UPDATE events SET changes = changes + 1, created_at = date_trunc('month', localtimestamp) - interval '5 months' + :second * interval '1 second' WHERE id = :id;
