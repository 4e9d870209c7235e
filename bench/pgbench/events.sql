\set type random(1, 6)
\set user random(1, 10000)
\set second random(0, 31622399)
INSERT INTO event_logs (event_type, user_id, event_data, ip_address, created_at) VALUES (('{page_view,click,search,login,purchase,error}'::text[])[:type], :user, :data, :address, timestamp '2024-01-01' + :second * interval '1 second');
