//! `convert plan` as a person runs it.

use testbed::{Database, Ran, ran, server};

use crate::bench::chat;

fn plan(database: &Database, arguments: &[&str]) -> Ran {
    ran(database.process("convert").arg("plan").args(arguments))
}

const QUARTERS: [&str; 5] = ["chat_messages", "--range", "created_at", "--every", "quarter"];

#[test]
fn every_point_of_the_specification_is_there_and_nothing_changes() {
    let database = chat();
    let before = database.fingerprint();
    let text = plan(&database, &QUARTERS).ok();
    for words in [
        "one thing stands in the way",
        "1. Foreign keys in",
        "none: nothing references the table, it is a leaf of the dependency graph",
        "2. Foreign keys out",
        "chat_messages_task_id_fkey",
        "(id) becomes (id, created_at)",
        "WHERE id = … AND created_at = …",
        "--unique 'chat_messages_message_id_key=side-table'",
        "A side table was measured: an INSERT takes",
        "chat_messages_2024_q1",
        "DEFAULT: no.",
        "6. What a rename leaves behind",
        "chat_messages_session_id_idx",
        "1,000 rows",
        "SHARE ROW EXCLUSIVE",
        "Way: copy.",
        "convert premake public.chat_messages --ahead 4 --run",
    ] {
        assert!(text.out.contains(words), "{words:?} is not in\n{}", text.out);
    }
    // The first line names the server, however long that is.
    // A line of a crontab cannot be broken.
    let lines = text.out.lines().skip(1).filter(|line| !line.starts_with("  0 3 * * *  "));
    let wide = lines.into_iter().find(|line| lab::report::measure_text_width(line) > 80);
    assert_eq!(wide, None, "a line has more than 80 columns");

    let markdown = plan(&database, &[&QUARTERS[..], &["--markdown"]].concat()).ok();
    assert!(
        markdown.out.starts_with("# public.chat\\_messages by RANGE (created\\_at)"),
        "{}",
        markdown.out
    );
    assert!(
        markdown.out.contains("## 8. Afterwards")
            && markdown.out.contains("| step | time | lock | held |")
    );
    database.assert_unchanged(&before, "plan");
}

#[test]
fn programs_read_the_same() {
    let database = chat();
    let all = [&QUARTERS[..], &["--format", "json"]].concat();
    let document = plan(&database, &all).ok().document();
    assert_eq!(document["table"], "public.chat_messages");
    assert_eq!(document["blockers"][0]["code"], "unique-key");
    assert_eq!(document["primary_key"]["becomes"], serde_json::json!(["id", "created_at"]));
    let lookups = &document["primary_key"]["get_by_id"];
    let partitions = document["partitions"].as_array().unwrap();
    assert_eq!(partitions[0]["name"], "chat_messages_2024_q1");
    // By the old key every partition is looked into, with the partition key one.
    assert_eq!(lookups["after"]["partitions"], partitions.len());
    assert_eq!(
        (&lookups["before"]["partitions"], &lookups["with_hint"]["partitions"]),
        (&1.into(), &1.into())
    );
    assert!(document["unique_keys"][0]["side_table"]["bytes"].as_u64().unwrap() > 0);
    assert!(document["cost"]["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(document["way"]["fits"], "copy");
}

#[test]
fn a_script_is_not_printed_over_a_blocker() {
    let refused = plan(&chat(), &[&QUARTERS[..], &["--sql"]].concat()).exited(1);
    let _ = refused.says(&["chat_messages_message_id_key", "=extend", "next"]);
}

#[test]
fn what_is_not_there_is_named() {
    let database = server().database();
    let _ = plan(&database, &QUARTERS).exited(2).says(&["chat_messages", "next"]);
    let database = chat();
    let _ = plan(&database, &["chat_messages", "--range", "nowhere", "--every", "day"])
        .exited(2)
        .says(&["nowhere"]);
}

#[test]
fn an_empty_table_is_planned_without_measurements() {
    let database = server().database();
    database.batch("CREATE TABLE t (id int PRIMARY KEY, at date NOT NULL)");
    let ran = plan(&database, &["t", "--range", "at", "--every", "month"]).ok();
    assert!(ran.out.contains("nothing was measured: the table has no rows"), "{}", ran.out);
}

#[test]
fn where_values_without_a_partition_go_is_said() {
    let database = server().database();
    database.batch(
        "CREATE TABLE t (id int, kind text, UNIQUE (id, kind)); INSERT INTO t VALUES (1, 'a')",
    );
    let afterwards = |flags: &[&str]| {
        let all = [&["t", "--list", "kind", "--format", "json"], flags].concat();
        plan(&database, &all).ok().document()["afterwards"].clone()
    };
    assert!(afterwards(&[])["why"].as_str().unwrap().contains("is refused until it gets one"));
    let with = afterwards(&["--default"]);
    assert!(with["why"].as_str().unwrap().contains("comes into t_default"), "{with}");
    assert_eq!(with["commands"][0], "convert run public.t --split t_default");
}

#[test]
fn who_makes_the_next_partitions_is_told_all_that_it_needs() {
    let database = server().database();
    database.batch("CREATE TABLE t (id int, at timestamptz, PRIMARY KEY (id, at)); INSERT INTO t VALUES (1, now())");
    let afterwards = |flags: &str| {
        let flags = ["t"].into_iter().chain(flags.split(' ')).chain(["--format", "json"]);
        plan(&database, &flags.collect::<Vec<_>>()).ok().document()["afterwards"]["commands"][0]
            .clone()
    };
    let premake = "/convert premake public.t --ahead 4 --time-zone Europe/Berlin --run";
    let of_zone = afterwards("--range at --every month --time-zone Europe/Berlin");
    assert!(of_zone.as_str().unwrap().ends_with(premake), "{of_zone}");
    let below = "--hash id --partitions 2 --then range:at:month --time-zone Europe/Berlin";
    assert_eq!(afterwards(below), of_zone);
    assert_eq!(afterwards("--hash id --partitions 2"), serde_json::Value::Null);
}

/// cron has neither our folder nor our variables, and takes a percent sign for the end of the command.
#[test]
fn cron_can_run_the_line_as_it_stands() {
    let database = server().database();
    database.batch(
        "CREATE SCHEMA \"100%\"; CREATE TABLE \"100%\".t (id int, at date NOT NULL) PARTITION BY RANGE (at);
         CREATE TABLE \"100%\".t_2024_01 PARTITION OF \"100%\".t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE \"100%\".plain (id int, at date, PRIMARY KEY (id, at));
         INSERT INTO \"100%\".plain VALUES (1, now())",
    );
    let flags = ["\"100%\".plain", "--range", "at", "--every", "month", "--format", "json"];
    let document = plan(&database, &flags).ok().document();
    let line = document["afterwards"]["commands"][0].as_str().unwrap();
    let command = line.strip_prefix("0 3 * * *  ").unwrap();
    assert!(!command.replace(r"\%", "").contains('%'), "{command}");
    let home = testbed::TestHome::new();
    // The table that is partitioned already.
    let command = command.replace(r"\%", "%").replace(".plain", ".t");
    let mut cron = std::process::Command::new("env");
    cron.arg("-i").arg(format!("HOME={}", home.path().display())).args(["sh", "-c", &command]);
    let _ = ran(cron.current_dir(home.path())).ok();
    assert!(database.count("SELECT count(*) FROM pg_inherits") > 1, "{command}");
}
