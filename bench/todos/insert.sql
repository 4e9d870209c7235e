\set user random(0, :users - 1)
INSERT INTO todo_app.todos (user_id, title) VALUES (md5('user ' || :user)::uuid, 'written meanwhile');
