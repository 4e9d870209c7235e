\set id 80 * random(0, :rows / 80 - 1) + 10 * :client_id + random(2, 9)
UPDATE events SET changes = changes + 1 WHERE id = :id;
