//! The table of rights in docs/security.md: each command works for a role that has what its row says and nothing else, and
//! not for one that lacks a part of it.

use testbed::{Database, Ran, process, ran, server};

use crate::{as_role, unique};

const PAGE: &str = include_str!("../../../../docs/security.md");

/// What a role gets, in the order of granting.
type Grants = &'static [&'static str];

/// Asserts that the page says so.
fn page_says(command: &str, rights: &str) {
    assert!(
        PAGE.contains(&format!("| {command} | {rights} |")),
        "docs/security.md lacks {command}: {rights}"
    );
}

/// A database of somebody else's; roles have in it what they are given.
struct Place {
    database: Database,
}

impl Place {
    /// With the tables of setup, of its chat, and one of a role `shop`'s own, in its schema.
    fn full() -> Self {
        let database = server().database();
        for line in ["setup", "setup --chat"] {
            let mut words = line.split(' ');
            let mut command = process(words.next().unwrap());
            let _ = ran(command.args(words).env("DATABASE_URL", database.url())).ok();
        }
        Self { database }
    }

    fn empty() -> Self {
        Self { database: server().database() }
    }

    /// A role that has `grants`, in which `{role}` and `{database}` are replaced.
    fn role(&self, grants: &[&str]) -> String {
        let role = format!("role_{}", unique());
        let sql: Vec<String> = grants
            .iter()
            .map(|grant| grant.replace("{role}", &role).replace("{database}", self.database.name()))
            .collect();
        self.database.batch(&format!("CREATE ROLE {role} LOGIN; {}", sql.join("; ")));
        role
    }

    fn run(&self, role: &str, line: &str) -> Ran {
        let words = shell_words::split(line).unwrap();
        let (name, words) = words.split_first().unwrap();
        ran(process(name).args(words).env("DATABASE_URL", as_role(self.database.url(), role)))
    }

    /// All of `lines` work for a role with `grants`; the first, which needs each, does not without one of them.
    fn assert_enough(make: fn() -> Self, grants: Grants, needed: &[usize], lines: &[&str]) {
        let place = make();
        let role = place.role(grants);
        for line in lines {
            let ran = place.run(&role, line);
            assert_eq!(ran.code, Some(0), "{line}: {ran:#?}");
        }
        for without in needed {
            let place = make();
            let mut less = grants.to_vec();
            let taken = less.remove(*without);
            let role = place.role(&less);
            let ran = place.run(&role, lines[0]);
            assert_ne!(ran.code, Some(0), "{} without {taken}: {ran:#?}", lines[0]);
            assert!(ran.err.contains("next"), "{ran:#?}");
        }
    }
}

#[test]
fn of_reading() {
    page_says("`demo query`", "`SELECT` on the tables");
    let query = "demo query \"SELECT * FROM public.event_logs WHERE created_at >= '2024-02-01'\"";
    let grants: Grants = &["GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"];
    Place::assert_enough(Place::full, grants, &[0], &[query]);
}

#[test]
fn of_load() {
    page_says("`load`, `load --table`", "`SELECT` and `INSERT` on the table");
    let grants: Grants = &[
        "GRANT SELECT ON public.event_logs, public.users_distributed, public.orders_by_region, public.sales_data TO {role}",
        "GRANT INSERT ON public.event_logs, public.users_distributed, public.orders_by_region, public.sales_data TO {role}",
    ];
    let lines = ["load --table public.event_logs --rows 50 --verify", "load 5 1"];
    Place::assert_enough(Place::full, grants, &[0, 1], &lines);
}

#[test]
fn of_setup_and_repartition() {
    page_says("`setup`, `repartition`", "`CREATE` on the database and on schema `public`");
    let grants: Grants = &[
        "GRANT CREATE ON DATABASE {database} TO {role}",
        "GRANT CREATE ON SCHEMA public TO {role}",
    ];
    let lines = [
        "setup",
        "setup --chat",
        "demo check",
        "repartition all",
        "repartition all --online",
        "setup --reset",
    ];
    Place::assert_enough(Place::empty, grants, &[0, 1], &lines);
}

const PLAN: &str =
    "convert plan public.chat_messages --range created_at --every quarter --unique *=extend";
const RUN: &str =
    "convert run public.chat_messages --range created_at --every quarter --unique *=extend";

#[test]
fn of_a_plan() {
    page_says("`convert plan`", "`SELECT` on the table; to measure, `TEMPORARY` on the database");
    let place = Place::full();
    let refused = place.run(&place.role(&[]), PLAN).exited(1);
    let _ = refused.says(&["permission denied for table chat_messages", "next"]);
    let role = place.role(&["GRANT SELECT ON public.chat_messages TO {role}"]);
    let ran = place.run(&role, PLAN);
    assert!(ran.out.contains("it does not own public.chat_messages"), "a blocker: {ran:#?}");
    place
        .database
        .batch(&format!("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", place.database.name()));
    let ran = place.run(&role, PLAN);
    assert!(
        ran.out.contains("it does not own public.chat_messages"),
        "without measuring: {ran:#?}"
    );
}

/// The owner, and an administrator of a managed server: no superuser, but a member of the owner.
#[test]
fn of_a_conversion() {
    page_says(
        "`convert run`, `swap`, `rollback`, `finish`, `abort`",
        "owner of the table and of those that it references or is referenced by, or a member of the owner; `CREATE` on its schema and on the database",
    );
    page_says(
        "`convert premake`",
        "owner of the table, or a member of the owner; `CREATE` on its schema",
    );
    let owner: Grants = &[
        OWN,
        "GRANT CREATE ON SCHEMA public TO {role}",
        "GRANT CREATE ON DATABASE {database} TO {role}",
    ];
    let lines = [
        RUN,
        "convert status",
        "convert swap public.chat_messages",
        "convert rollback public.chat_messages",
        "convert swap public.chat_messages",
        "convert finish public.chat_messages --yes",
        "convert premake public.chat_messages --ahead 6 --run",
    ];
    Place::assert_enough(Place::full, owner, &[0, 1, 2], &lines);
    let place = Place::full();
    let shop = place.role(&[OWN, "GRANT CREATE ON SCHEMA public TO {role}"]);
    let admin = place.role(&[
        "ALTER ROLE {role} CREATEROLE CREATEDB",
        &format!("GRANT {shop} TO {{role}}"),
        "GRANT CREATE ON DATABASE {database} TO {role}",
    ]);
    for line in lines {
        let ran = place.run(&admin, line);
        assert_eq!(ran.code, Some(0), "{line}: {ran:#?}");
    }
    let owner = place.database.text(
        "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'public.chat_messages'::regclass",
    );
    assert_eq!(owner, shop, "the owner stays");
}

const OWN: &str =
    "ALTER TABLE public.users OWNER TO {role}; ALTER TABLE public.tasks OWNER TO {role};
    ALTER TABLE public.chat_messages OWNER TO {role}";

#[test]
fn of_todos() {
    page_says("`todos`, all verbs", "`CREATE` on the database");
    let grants: Grants = &["GRANT CREATE ON DATABASE {database} TO {role}"];
    Place::assert_enough(Place::empty, grants, &[0], &["todos all"]);
}

/// Who owns a schema of ours, or something in it, could have code run with the rights of whoever works there.
#[test]
fn a_schema_that_others_rule_over_is_refused() {
    for (schema, line) in [
        ("partition_lab", "setup"),
        ("partition_convert", RUN),
        ("partition_convert", "convert status"),
        ("todo_app", "todos partition"),
    ] {
        for trap in [
            "CREATE SCHEMA {schema} AUTHORIZATION {role}; COMMENT ON SCHEMA {schema} IS 'Partition Lab: x';
             SET ROLE {role}; CREATE TABLE {schema}.conversions ()",
            "CREATE SCHEMA {schema}; COMMENT ON SCHEMA {schema} IS 'Partition Lab: x';
             CREATE TABLE {schema}.conversions (); ALTER TABLE {schema}.conversions OWNER TO {role}",
            "CREATE SCHEMA {schema}; COMMENT ON SCHEMA {schema} IS 'Partition Lab: x';
             GRANT USAGE, CREATE ON SCHEMA {schema} TO {role}; CREATE TABLE {schema}.conversions ()",
        ] {
            let place = Place::empty();
            let role = place.role(&[&trap.replace("{schema}", schema)]);
            if line == RUN {
                let chat = place.run("postgres", "setup --chat");
                assert_eq!(chat.code, Some(0), "{chat:#?}");
            }
            let ran = place.run("postgres", line).exited(1);
            let _ = ran.says(&[&format!("schema {schema} is not this role's alone"), &role, "next"]);
        }
    }
}
