-- Puts into {target} what {source} holds now of the rows in the log's first entries; NULL for all entries.
CREATE FUNCTION {replay}(entries bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    taken bigint[];
BEGIN
    SELECT array_agg(l.seq) INTO taken
    FROM (SELECT seq FROM {log} ORDER BY seq LIMIT entries) l;

    DELETE FROM {target} t USING {log} l
    WHERE l.seq = ANY (taken) AND {target_is_logged};

    INSERT INTO {target} ({all_columns})
    OVERRIDING SYSTEM VALUE
    SELECT {source_columns}
    FROM (SELECT DISTINCT {columns} FROM {log} WHERE seq = ANY (taken)) l
    JOIN {source} s ON {source_is_logged}
    WHERE {as_user};
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);

    DELETE FROM {log} WHERE seq = ANY (taken);
    RETURN coalesce(cardinality(taken), 0);
END
$body$;
REVOKE ALL ON FUNCTION {replay}(bigint) FROM PUBLIC;

CREATE PROCEDURE {catch_up}()
LANGUAGE plpgsql AS $body$
DECLARE
    taken bigint;
BEGIN
    LOOP
        COMMIT;
        -- Log and source are read in one snapshot.
        SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
        BEGIN
            taken := {replay}(5000);
        EXCEPTION WHEN unique_violation THEN
            -- Another row took a unique value later: with the whole log, the two are as in the snapshot.
            taken := {replay}(NULL);
        END;
        EXIT WHEN taken < 5000;
    END LOOP;
    COMMIT;
END
$body$;
REVOKE ALL ON PROCEDURE {catch_up}() FROM PUBLIC;

CALL {catch_up}();

-- 6. Source and target are equal, but for rows that are in the log: compared in one snapshot.

DO $body$
DECLARE
    found record;
BEGIN
    SELECT a.count AS in_source, b.count AS in_target, a.sum IS NOT DISTINCT FROM b.sum AS same INTO found
    FROM (SELECT count(*), sum(hashtextextended(ROW({source_columns})::text, 0)::numeric)
          FROM {source} s
          WHERE NOT EXISTS (SELECT FROM {log} l WHERE {source_is_logged})) a,
         (SELECT count(*), sum(hashtextextended(ROW({target_columns})::text, 0)::numeric)
          FROM {target} t
          WHERE NOT EXISTS (SELECT FROM {log} l WHERE {target_is_logged})) b;
    IF found.in_source <> found.in_target OR NOT found.same THEN
        RAISE EXCEPTION 'the tables differ: % rows in the source, % in the target', found.in_source, found.in_target;
    END IF;
END
$body$;

