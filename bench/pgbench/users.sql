\set number random(1, 2000000000)
\set country random(1, 12)
\set day random(0, 730)
INSERT INTO users_distributed (username, email, country_code, registration_date, status) VALUES ('benchmark_user_' || :number::int, 'benchmark_user_' || :number::int || '@example.org', ('{US,DE,UK,FR,JP,IN,CA,BR,ES,IT,AU,MX}'::text[])[:country], date '2023-01-01' + :day::int, 'active');
