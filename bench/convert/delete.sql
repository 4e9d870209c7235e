\set id 80 * random(0, :rows / 80 - 1) + 10 * :client_id
DELETE FROM events WHERE id = :id;
