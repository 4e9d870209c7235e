//! `run --swap` doubles one bucket after the other, and finishes each.

use testbed::{Database, ran, server};

use crate::halt::killed_at;

const RUN: [&str; 7] = ["run", "t", "--hash", "id", "--partitions", "4", "--swap"];

/// In the transaction after the one that ends a conversion.
const DROPPED: &str = "SET LOCAL search_path%DROP TABLE IF EXISTS public.{old}%";

/// A table of two buckets.
fn buckets() -> Database {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY HASH (id);
         CREATE TABLE t_p0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
         CREATE TABLE t_p1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         INSERT INTO t SELECT n, repeat('v', n % 100) FROM generate_series(1, 1000) AS n",
    );
    database
}

fn assert_doubled(database: &Database) {
    let phases = "SELECT DISTINCT phase FROM partition_convert.conversions
        UNION ALL SELECT 'something left' FROM partition_convert.settlements";
    assert_eq!(database.texts(phases), ["finished"]);
    let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relkind IN ('r', 'p') ORDER BY 1";
    assert_eq!(database.texts(tables), ["t", "t_p0", "t_p1", "t_p2", "t_p3"]);
}

/// Before a bucket that was swapped is finished, and before its old table is dropped: of the first
/// bucket, with one to go, and of the last.
#[tokio::test]
async fn a_bucket_that_was_swapped_is_finished_by_the_next_run() {
    for bucket in ["p0", "p1"] {
        let database = buckets();
        let rows = "SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM t";
        let before = database.text(rows);
        for (tag, pattern) in [("DROP FUNCTION", "%DROP FUNCTION%{old}%"), ("DROP TABLE", DROPPED)]
        {
            let pattern = pattern.replace("{old}", &format!("t_{bucket}_old"));
            killed_at(&database, &RUN, (tag, &pattern)).await;
        }
        let _ = ran(database.process("convert").args(RUN)).ok();
        assert_eq!(database.text(rows), before);
        assert_doubled(&database);
    }
}

/// The bucket's name is that of one of those that came of it.
#[tokio::test]
async fn finish_goes_on_after_a_kill_by_the_same_name() {
    let database = buckets();
    let (finish, dropped) = (["finish", "t_p0", "--yes"], DROPPED.replace("{old}", "t_p0_old"));
    for arguments in [&RUN[..RUN.len() - 1], &["swap", "t_p0"]] {
        let _ = ran(database.process("convert").args(arguments)).ok();
    }
    killed_at(&database, &finish, ("DROP TABLE", &dropped)).await;
    let old = "SELECT count(*) FROM pg_class WHERE relname = 't_p0_old'";
    assert_eq!(database.count(old), 1);
    let _ = ran(database.process("convert").args(finish)).ok();
    assert_eq!(database.count(old), 0);
}

#[tokio::test]
async fn a_table_that_has_so_many_buckets_already_is_left_alone() {
    let database = buckets();
    let run = ran(database.process("convert").args(RUN).args(["--format", "json"])).ok();
    assert_eq!(run.document().as_array().map(Vec::len), Some(2), "one for each bucket");
    let run = ran(database.process("convert").args(RUN)).exited(1);
    let _ = run.says(&["t has so many partitions already", "--partitions 8"]);
    assert_doubled(&database);
}
