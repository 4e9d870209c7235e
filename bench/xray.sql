SELECT count(*) FROM many
SELECT count(*) FROM many WHERE id = 7
SELECT count(*) FROM many WHERE id BETWEEN 100 AND 20000
SELECT count(*) FROM many WHERE id::text = '5'
SELECT count(*) FROM many WHERE id = 7 OR v = 'b'
SELECT id, count(*) FROM many GROUP BY id
SELECT count(*) FROM many JOIN few USING (id)
SELECT count(*) FROM many AS a JOIN many AS b USING (id)
