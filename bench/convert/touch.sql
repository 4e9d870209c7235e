UPDATE events SET changes = changes + 1 WHERE id = 2 + :client_id;
