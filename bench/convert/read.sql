SELECT changes FROM events WHERE id = 1;
