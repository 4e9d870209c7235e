//! Names, queries and messages of others reach no terminal as they are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails; clippy.toml allows it in #[test] functions only"
)]

use testbed::{Database, Ran, ran, server};

/// What a terminal obeys: it clears the screen, changes its title, rings, hides, goes back to the line's start, turns round.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\r\u{9b}8m\u{7f}\u{202e}";

fn named(what: &str) -> String {
    format!("\"{what}{EVIL}\"")
}

fn hostile() -> Database {
    let database = server().database();
    let (schema, live, parts, leaf) = (named("s"), named("live"), named("parts"), named("leaf"));
    let (id, at, role) = (named("id"), named("at"), named("r"));
    database.batch(&format!(
        "CREATE SCHEMA {schema};
         CREATE TABLE {schema}.{live} ({id} int, {at} timestamptz, PRIMARY KEY ({id}, {at}));
         INSERT INTO {schema}.{live} SELECT n, now() FROM generate_series(1, 100) AS n;
         COMMENT ON TABLE {schema}.{live} IS 'comment{EVIL}';
         CREATE TABLE {schema}.{parts} ({id} int, {at} timestamptz NOT NULL) PARTITION BY RANGE ({at});
         CREATE TABLE {schema}.{leaf} PARTITION OF {schema}.{parts} FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE FUNCTION public.f() RETURNS int LANGUAGE plpgsql AS $$
             BEGIN RAISE EXCEPTION 'message{EVIL}' USING DETAIL = 'detail{EVIL}', HINT = 'hint{EVIL}'; END $$;
         CREATE FUNCTION public.g() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'notice{EVIL}'; RETURN 1; END $$;
         DROP ROLE IF EXISTS {role}; CREATE ROLE {role};
         ALTER TABLE {schema}.{live} OWNER TO {role};",
    ));
    database
}

/// What is left of `text` when our own colours are taken away.
fn without_colours(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        match after[end..].strip_prefix('m') {
            Some(behind) if after[..end].parse::<u8>().is_ok_and(|n| n != 8) => rest = behind,
            _ => {
                out.push('\u{1b}');
                rest = after;
            }
        }
    }
    out + rest
}

fn obeyed(text: &str) -> Option<char> {
    let is_direction = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().find(|c| is_direction(*c) || c.is_control() && !['\n', '\t'].contains(c))
}

#[test]
fn nothing_that_a_terminal_obeys_is_printed() {
    let database = hostile();
    let live = format!("{}.{}", named("s"), named("live"));
    let parts = format!("{}.{}", named("s"), named("parts"));
    let at = format!("at{EVIL}");
    let select = format!("SELECT * FROM {parts} WHERE {} < now()", named("at"));
    let wrong = format!("SELECT {} FROM {parts}", named("wrong"));
    let convert = ["--range", &at, "--every", "month", "--color"];
    let words = |program: &str, words: &[&str]| {
        (program.to_owned(), words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    };
    let lines = [
        words("convert", &[&["plan", &live], &convert[..]].concat()),
        words(
            "convert",
            &["plan", &live, "--range", "nowhere\u{1b}[2J", "--every", "month", "--color"],
        ),
        words("convert", &[&["run", &live], &convert[..]].concat()),
        words("convert", &["status", "--color"]),
        words("convert", &["status", &live, "--color"]),
        words("convert", &["swap", &live, "--color"]),
        words("convert", &["finish", &live, "--color"]),
        words("convert", &["rollback", &live, "--color"]),
        words("convert", &["abort", &live, "--color"]),
        words("convert", &["plan", EVIL, "--hash", "x", "--partitions", "2", "--color"]),
        words("convert", &["premake", &parts, "--color"]),
        words("demo", &["query", &select, "--color"]),
        words("demo", &["query", &wrong, "--color"]),
        words("demo", &["query", "SELECT public.f()", "--color"]),
        words("demo", &["query", "SELECT public.g()", "--color"]),
        words("load", &["0", "1", "--rows", "5", "--table", &live, "--color"]),
        words(
            "load",
            &["0", "1", "--rows", "5", "--table", &parts, "--set", &format!("{at}=x"), "--color"],
        ),
        words("repartition", &[EVIL, "--color"]),
        words("setup", &["--scripts", EVIL, "--color"]),
    ];
    let mut seen = 0;
    for (program, arguments) in &lines {
        for (color, format) in [("never", "table"), ("always", "table"), ("never", "json")] {
            let mut command = database.process(program);
            let Ran { out, err, .. } =
                ran(command.args(arguments).arg(color).args(["--format", format]));
            for text in [&out, &err] {
                let text = if color == "always" { without_colours(text) } else { text.clone() };
                assert_eq!(obeyed(&text), None, "{program} {arguments:?} {color}: {text:?}");
                seen += text.matches("\\x1b[2J").count();
            }
        }
    }
    assert!(seen > 50, "they are shown: {seen}");
}
