-- A partitioned table with the keys and indexes that a conversion would give it: :target like :source.
CREATE TABLE :target (LIKE :source INCLUDING DEFAULTS) PARTITION BY RANGE (created_at);
ALTER TABLE :target ADD PRIMARY KEY (id, created_at);
CREATE INDEX ON :target (user_id, created_at);
CREATE INDEX ON :target (created_at);
CREATE INDEX ON :target (reference);
