//! Every command, from its beginning to its end.

use crate::Shadowed;

fn lessons(shadowed: &Shadowed) {
    for line in [
        "setup --until base",
        "setup",
        "demo check",
        "demo traps",
        "load 5 1",
        "load 0 1 --workers 2 --batch 10",
        "load --table public.event_logs --rows 200 --verify",
        "load --table public.sales_data --rows 200 --copy --verify",
        "load --table public.users_distributed --rows 50 --dry-run",
        "repartition",
        "repartition all",
        "repartition cleanup",
        "repartition add --online",
        "repartition split --online",
        "repartition detach --online",
        "repartition migrate --online",
        "repartition cleanup",
        "repartition split --under-load 2",
        "repartition cleanup",
        "repartition split --compare",
        "repartition cleanup",
        "setup --reset",
    ] {
        let _ = shadowed.run(line);
    }
}

fn conversions(shadowed: &Shadowed) {
    let range =
        "--range created_at --every quarter --unique chat_messages_message_id_key=side-table";
    for line in [
        "setup --chat",
        &format!("convert plan public.chat_messages {range}"),
        &format!("convert plan public.chat_messages --format json {range}"),
        &format!("convert run public.chat_messages {range}"),
        "convert status",
        "convert validate public.chat_messages",
        "convert swap public.chat_messages",
        "convert rollback public.chat_messages",
        "convert swap public.chat_messages",
        "convert finish public.chat_messages --yes",
        "convert premake public.chat_messages --ahead 12",
        "convert premake public.chat_messages --ahead 12 --run",
        "convert premake public.chat_messages --retain '1 month' --old drop --run",
        "convert run event_logs_old --range created_at --every month --pace gentle --swap",
        "convert rollback event_logs_old",
        "convert abort event_logs_old",
        "convert run public.orders_by_region_old --list region --default --swap",
        "convert finish public.orders_by_region_old --yes",
        "convert run public.sales_data_old --range sale_date --every quarter --attach-old --swap",
        "convert rollback public.sales_data_old",
        "convert abort public.sales_data_old",
        "convert run public.event_logs --split event_logs_default --every month --swap",
        "convert finish public.event_logs --yes",
        "convert run public.users_distributed --hash id --partitions 8",
    ] {
        let _ = shadowed.run(line);
    }
}

fn todos(shadowed: &Shadowed) {
    let files = testbed::TestHome::new();
    let files = files.path().display();
    for line in [
        "todos all",
        "todos seed --reset",
        "todos partition",
        "todos migrate",
        "todos indexes",
        "todos validate",
        "todos cutover",
        "todos rollback",
        "todos validate",
        "todos cutover",
        "todos maintain daily",
        "todos maintain weekly",
        "todos maintain monthly",
        "todos stats",
        "todos secure",
        "todos finish --keep-days 0 --yes",
        "todos grow --partitions 32",
        &format!("todos retire --to {files} --retention-months 1"),
        "todos schedule --cron",
    ] {
        let _ = shadowed.run(line);
    }
}

#[test]
fn lessons_as_superuser() {
    lessons(&Shadowed::as_superuser());
}

#[test]
fn lessons_as_owner() {
    lessons(&Shadowed::as_owner());
}

#[test]
fn conversions_as_superuser() {
    conversions(&Shadowed::as_superuser());
}

#[test]
fn conversions_as_owner() {
    conversions(&Shadowed::as_owner());
}

#[test]
fn todos_as_superuser() {
    todos(&Shadowed::as_superuser());
}

#[test]
fn todos_as_owner() {
    todos(&Shadowed::as_owner());
}

/// What the user asks about is resolved as he would have it, and so meets the shadows; nothing of ours does.
#[test]
fn a_users_query_alone_is_resolved_under_his_own_path() {
    let shadowed = Shadowed::as_superuser();
    shadowed.sql(
        "CREATE TABLE public.t (a int, b int) PARTITION BY LIST (a);
        CREATE TABLE public.t_1 PARTITION OF public.t FOR VALUES IN (1);
        CREATE TABLE public.t_2 PARTITION OF public.t FOR VALUES IN (2);
         INSERT INTO public.t VALUES (1, 1), (2, 2)",
    );
    let ours = shadowed.run("demo query 'SELECT * FROM t WHERE a OPERATOR(pg_catalog.=) 1'");
    assert!(ours.out.contains("t_2"), "{ours:#?}");
    let theirs = testbed::ran(&mut shadowed.command("demo query 'SELECT * FROM t WHERE a = 1'"));
    assert!(theirs.err.contains("SHADOW"), "{theirs:#?}");
}

/// What `plan --sql` prints, run by psql in the user's own session.
fn psql(shadowed: &Shadowed) -> testbed::Ran {
    let flags =
        "--range created_at --every quarter --unique chat_messages_message_id_key=side-table";
    let script = shadowed.run(&format!("convert plan public.chat_messages {flags} --sql")).out;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), script).unwrap();
    let mut psql = std::process::Command::new("psql");
    psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(file.path()).arg(&shadowed.url);
    testbed::ran(&mut psql)
}

#[test]
fn a_plans_script_by_psql() {
    let shadowed = Shadowed::as_owner();
    let _ = shadowed.run("setup --chat");
    let _ = psql(&shadowed).ok();
}

/// A function of theirs would be called with our rights: replay(int) where the script calls replay(bigint) with an int.
#[test]
fn a_plans_script_refuses_a_schema_that_somebody_made_before() {
    let shadowed = Shadowed::as_superuser();
    let _ = shadowed.run("setup --chat");
    let role = format!("early_{}", crate::unique());
    shadowed
        .sql(&format!("CREATE ROLE {role}; CREATE SCHEMA partition_convert AUTHORIZATION {role}"));
    let refused = psql(&shadowed);
    assert!(
        refused.code == Some(3) && refused.complains_of("not this role's alone"),
        "{refused:#?}"
    );
}
