//! Log table, trigger function and triggers of one side of a conversion.

use lab::catalog::{Name, quote_ident};

use crate::moves::literal;
use crate::request::Shape;
use crate::state::{Conversion, Side};
use crate::work::Guards;

/// Set to `on` in transactions of ours that replay a log, whose changes are not to be logged again.
pub const REPLAY: &str = "partition_convert.replay";

/// The row trigger's name, and that of the one that refuses TRUNCATE.
#[must_use]
pub fn trigger(id: i64) -> String {
    format!("partition_convert_{id}")
}

fn truncate_trigger(id: i64) -> String {
    format!("partition_convert_truncate_{id}")
}

fn truncate_function(id: i64) -> Name {
    Name::new("partition_convert", format!("refuse_truncate_{id}"))
}

/// Log and functions for `table`, which is `side` of the conversion; `tree` are the OIDs of the table with all its
/// partitions. Nobody waits for it.
#[must_use]
pub fn functions(
    conversion: &Conversion,
    side: Side,
    table: &Name,
    tree: &[u32],
    guards: &Guards,
) -> String {
    log(conversion, side, (table, tree), guards) + &truncate_refusal(conversion)
}

/// The triggers that use them: from their commit on every change of `table` is known. `tree` is the
/// table with all its partitions. None for a conversion that moves no row.
#[must_use]
pub fn triggers(
    conversion: &Conversion,
    side: Side,
    table: &Name,
    tree: &[Name],
    guards: &Guards,
) -> String {
    if conversion.design.request.shape == Shape::AttachOld {
        return String::new();
    }
    let truncate = guards.truncate.then(|| truncate_triggers(conversion, tree));
    row_trigger(conversion, side, table, guards) + &truncate.unwrap_or_default()
}

/// Log and function for changes of `table`, which is `side` of the conversion.
///
/// The log's columns are made from the table's own, with type and collation, and may be null. It has no index: all
/// who write would meet on its last page. An entry is found by its place.
fn log(
    conversion: &Conversion,
    side: Side,
    (table, tree): (&Name, &[u32]),
    guards: &Guards,
) -> String {
    let (log, function) = (conversion.log(side), conversion.log_function(side));
    let columns = list(&conversion.design.log_columns, "");
    let (old, new) = (
        list(&conversion.design.log_columns, "OLD."),
        list(&conversion.design.log_columns, "NEW."),
    );
    // By image: 'a' and 'A' of citext are equal, and still two keys to whoever compares text.
    let update = if guards.both_keys {
        format!(
            "IF ROW({old})::record OPERATOR(pg_catalog.*<>) ROW({new})::record THEN
        INSERT INTO {log} ({columns}) VALUES ({old});
    END IF;
    INSERT INTO {log} ({columns}) VALUES ({new});"
        )
    } else {
        format!("INSERT INTO {log} ({columns}) VALUES ({new});")
    };
    let own = own_tables(conversion);
    let known = oids(tree);
    let of_another = literal(&format!("% is not converted by conversion {}", conversion.id));
    let body = format!(
        "
BEGIN
    -- The tree as it was first, since asking for a root costs 10 us a row; and apart from each other, since a condition with a
    -- query in it is planned and run as one, for each row.
    IF TG_RELID <> ALL ({known}) AND coalesce(pg_partition_root(TG_RELID)::oid, 0) <> ALL ({own}) THEN
        IF NOT EXISTS (SELECT FROM pg_partition_ancestors(TG_RELID) AS a WHERE a.relid::oid = ANY ({own})) THEN
            -- In a copy of the database, to which OIDs do not come, there is no conversion.
            IF EXISTS (SELECT FROM pg_class WHERE oid = {source}) THEN
                RAISE {of_another}, TG_RELID::regclass USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NULL;
        END IF;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO {log} ({columns}) VALUES ({new});
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO {log} ({columns}) VALUES ({old});
        RETURN NULL;
    END IF;
    {update}
    RETURN NULL;
END ",
        source = conversion.source,
    );
    format!(
        "CREATE TABLE {log} AS SELECT {columns} FROM {table} WITH NO DATA;
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS {body};
REVOKE ALL ON FUNCTION {function}() FROM PUBLIC;
",
        body = literal(&body)
    )
}

/// The tables whose changes a log may hold, those of their partitions too. A split's new partitions
/// become its parent's.
fn own_tables(conversion: &Conversion) -> String {
    let parent = conversion.design.source.parent.as_ref().map(|parent| parent.oid);
    let own = [Some(conversion.source), conversion.target, parent];
    oids(&own.into_iter().flatten().collect::<Vec<_>>())
}

/// OIDs, as SQL has an array.
fn oids(oids: &[u32]) -> String {
    let oids: Vec<String> = oids.iter().map(u32::to_string).collect();
    format!("'{{{}}}'::oid[]", oids.join(","))
}

/// The row trigger on `table`, which writes the log from its commit on.
///
/// A replication worker fires no trigger but those that are ENABLE ALWAYS.
fn row_trigger(conversion: &Conversion, side: Side, table: &Name, guards: &Guards) -> String {
    let (trigger, function) = (trigger(conversion.id), conversion.log_function(side));
    let create = format!(
        "CREATE TRIGGER {trigger} AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW
WHEN (pg_catalog.current_setting('{REPLAY}', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION {function}();
"
    );
    if guards.always {
        format!("{create}ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger};\n")
    } else {
        create
    }
}

/// What refuses TRUNCATE, which fires no row trigger, as long as the conversion lasts.
fn truncate_refusal(conversion: &Conversion) -> String {
    let message = format!(
        "{} cannot be truncated while it is being converted",
        conversion.name().to_string().replace('%', "%%")
    );
    let hint = format!(
        "DELETE its rows instead, or end the conversion: convert abort {}",
        conversion.name()
    );
    let body = format!(
        "
BEGIN
    RAISE {message} USING HINT = {hint}, ERRCODE = 'object_in_use';
END ",
        message = literal(&message),
        hint = literal(&hint)
    );
    format!(
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS {body};
REVOKE ALL ON FUNCTION {function}() FROM PUBLIC;
",
        function = truncate_function(conversion.id),
        body = literal(&body)
    )
}

/// The trigger on each of `tables`: one that truncates a partition names only that.
fn truncate_triggers(conversion: &Conversion, tables: &[Name]) -> String {
    let (trigger, function) = (truncate_trigger(conversion.id), truncate_function(conversion.id));
    let one = |table: &Name| {
        format!(
            "CREATE TRIGGER {trigger} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger};
"
        )
    };
    tables.iter().map(one).collect()
}

/// `a, "B"`, each with `prefix`.
#[must_use]
pub fn list(columns: &[String], prefix: &str) -> String {
    let quoted: Vec<String> =
        columns.iter().map(|column| format!("{prefix}{}", quote_ident(column))).collect();
    quoted.join(", ")
}
