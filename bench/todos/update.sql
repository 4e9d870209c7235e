\set n random(0, :todos - 1)
UPDATE todo_app.todos SET priority = 1 + (priority + 1) % 5 WHERE id = md5('todo ' || :n)::uuid;
