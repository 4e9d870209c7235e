\set second random(0, 15000000)
\set user random(0, 100000)
INSERT INTO events (created_at, user_id, reference, payload) VALUES (date_trunc('month', localtimestamp) - interval '5 months' + :second * interval '1 second', :user, gen_random_uuid(), repeat(md5(:user::text), 2));
