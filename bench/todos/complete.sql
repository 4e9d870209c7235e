\set n random(0, :todos - 1)
UPDATE todo_app.todos SET status = 'done', completed_at = now() WHERE id = md5('todo ' || :n)::uuid;
