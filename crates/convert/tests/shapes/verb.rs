//! The verbs as a person types them, for shapes beside a new table.

use testbed::{Database, Ran, ran, server};

fn convert(database: &Database, line: &str) -> Ran {
    ran(database.process("convert").args(line.split(' ')))
}

const ATTACH: &str = "run orders --range day --every month --attach-old";

fn orders() -> Database {
    let database = server().database();
    database.batch(
        "CREATE TABLE orders (id int, day date, PRIMARY KEY (id, day));
         INSERT INTO orders SELECT g, date '2024-01-01' + g FROM generate_series(1, 60) g",
    );
    database
}

#[test]
fn where_no_row_was_copied_there_is_nothing_to_validate() {
    let database = orders();
    let _ = convert(&database, ATTACH).ok();
    let nothing = ["nothing to compare public.orders with", "copies no row"];
    let refused = convert(&database, "validate orders").exited(1).says(&nothing);
    let _ = refused.says(&["convert -- swap public.orders"]);
    let _ = convert(&database, "swap orders").ok();
    let refused = convert(&database, "validate orders").exited(1).says(&nothing);
    let _ = refused.says(&["convert -- finish public.orders"]);
}

#[test]
fn a_table_and_a_partition_of_it_are_not_converted_at_one_time() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
         INSERT INTO t SELECT g, date '2024-01-01' + g % 60 FROM generate_series(1, 100) g",
    );
    let (split, whole) = ("run t --split t_1 --every week", "run t --hash id --partitions 2");
    let _ = convert(&database, split).ok();
    let refused = |phase: &str, next: &str, back: &str| {
        let under_way = format!("the conversion of public.t_1 is under way ({phase})");
        let words = ["cannot convert public.t now", &under_way, next, back];
        let _ = convert(&database, whole).exited(1).says(&words);
    };
    refused("ready", "convert -- swap public.t_1", "abort public.t_1");
    // What was asked for goes on, and so does another partition.
    let _ = convert(&database, split).ok();
    let _ = convert(&database, "run t --split t_2 --every week").ok();
    let _ = convert(&database, "abort t_2").ok();
    let _ = convert(&database, "swap t_1").ok();
    refused("swapped", "convert -- finish public.t_1", "rollback public.t_1");
    let refused = convert(&database, "finish t_1").exited(2);
    let _ = refused.says(&["finish drops the old table", "finish public.t_1 --yes"]);
    assert_eq!(database.count("SELECT count(*) FROM pg_class WHERE relname = 't_1_old'"), 1);
    let _ = convert(&database, "finish t_1 --yes").ok();
    let _ = convert(&database, whole).ok();
    let words = ["cannot convert public.t_2 now", "the conversion of public.t is under way"];
    let _ = convert(&database, "run t --split t_2 --every week").exited(1).says(&words);
}

#[test]
fn a_split_that_was_interrupted_is_named_with_its_parent() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
         CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
    );
    let split = "run t --split t_1 --every week";
    let _ = convert(&database, split).ok();
    database.batch("UPDATE partition_convert.conversions SET phase = 'caught_up'");
    let next = "convert -- run public.t --split public.t_1 …, as before";
    let _ = convert(&database, "run t --hash id --partitions 2").exited(1).says(&[next]);
    let _ = convert(&database, split).ok();
}

#[test]
fn the_way_back_from_an_attached_table_ends_with_fifty_thousand_later_rows() {
    let database = orders();
    database.batch("ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id)");
    let plan = convert(&database, &ATTACH.replacen("run", "plan", 1)).ok();
    assert!(plan.out.contains("rollback moves the rows of later"), "{}", plan.out);
    let _ = convert(&database, ATTACH).ok();
    let swapped = convert(&database, "swap orders").ok();
    for words in ["the old table is its partition orders_old\n", "no more than 50,000 rows"] {
        assert!(swapped.out.contains(words), "{words:?} is not in {}", swapped.out);
    }
    database.batch(
        "INSERT INTO orders SELECT g, current_date + 80 FROM generate_series(1000, 51000) g",
    );
    let refused = convert(&database, "rollback orders").exited(1);
    let _ = refused.says(&["more than 50,000 rows", "into orders_old", "finish public.orders"]);
    // It said so before it built the narrow key.
    assert_eq!(
        database.texts("SELECT relname::text FROM pg_class WHERE relname ~ '_back_convert_'"),
        [""; 0]
    );
    database.batch("DELETE FROM orders WHERE id = 1000");
    let _ = convert(&database, "rollback orders").ok();
    assert_eq!(database.count("SELECT count(*) FROM ONLY orders"), 50_060);
}

/// They would hold for the rows of one partition only.
#[test]
fn what_the_old_table_got_meanwhile_does_not_become_one_partitions_own() {
    let database = orders();
    let _ = convert(&database, ATTACH).ok();
    for (add, name, drop) in [
        ("CREATE UNIQUE INDEX late ON orders (id)", "index late", "DROP INDEX late"),
        (
            "ALTER TABLE orders ADD CONSTRAINT more CHECK (id > 0)",
            "constraint more",
            "ALTER TABLE orders DROP CONSTRAINT more",
        ),
    ] {
        database.batch(add);
        let _ = convert(&database, "swap orders").exited(1).says(&[name]);
        database.batch(drop);
    }
    for verb in ["swap", "rollback", "swap"] {
        let _ = convert(&database, &format!("{verb} orders")).ok();
    }
    let finished = convert(&database, "finish orders").ok();
    assert!(!finished.out.contains("dropped"), "{}", finished.out);
    assert_eq!(database.count("SELECT count(*) FROM orders_old"), 60);
}
