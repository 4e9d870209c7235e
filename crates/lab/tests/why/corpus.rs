//! The queries of `queries.sql`, each with the reasons and suggestions that a person worked out.

use std::fmt::Write;

use lab::plan::why::{Moment, Reason, Suggestion, Why};
use serde_json::Value;
use tokio_postgres::{Client, Transaction};

use crate::{ask, tables};

/// A query and what is expected of it.
#[derive(Debug, Default)]
struct Case {
    name: String,
    /// Runs before the transaction.
    prepare: String,
    /// Runs in it.
    setup: String,
    /// `why` and `try` lines.
    expected: Vec<String>,
    sql: String,
}

/// A `why` or `try` line, if `text` is one that is meant for this version: `why<17:`, `try>=17:`.
fn expectation(text: &str, version: u32) -> Option<String> {
    let (word, rest) = text.split_once(": ")?;
    let at = word.find(['<', '>']).unwrap_or(word.len());
    let (kind, limit) = word.split_at(at);
    let meant = match (limit.strip_prefix('<'), limit.strip_prefix(">=")) {
        (Some(limit), _) => version < limit.parse().unwrap(),
        (_, Some(limit)) => version >= limit.parse().unwrap(),
        _ => true,
    };
    let line = format!("{kind}: {rest}").split_whitespace().collect::<Vec<_>>().join(" ");
    (meant && ["why", "try"].contains(&kind)).then_some(line)
}

fn cases(version: u32) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in include_str!("queries.sql").lines() {
        if let Some(name) = line.strip_prefix("-- case: ") {
            cases.push(Case { name: name.trim().to_owned(), ..Case::default() });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        if let Some(sql) = line.strip_prefix("-- prepare: ") {
            case.prepare.push_str(sql);
        } else if let Some(sql) = line.strip_prefix("-- setup: ") {
            case.setup.push_str(sql);
        } else if let Some(text) = line.strip_prefix("-- ") {
            case.expected.extend(expectation(text, version));
        } else if !line.starts_with("--") {
            writeln!(case.sql, "{line}").unwrap();
        }
    }
    cases
}

/// A line a reason and a line a suggestion.
pub(crate) fn lines(whys: &[Why]) -> Vec<String> {
    let mut lines = Vec::new();
    for why in whys {
        for level in &why.levels {
            let at = if level.level == 0 { String::new() } else { format!("@{}", level.level) };
            for reason in &level.reasons {
                lines.push(format!(
                    "why: {}{at}: {}",
                    why.alias,
                    flat(&serde_json::to_value(reason).unwrap())
                ));
            }
            for suggestion in &level.suggestions {
                let value = serde_json::to_value(suggestion).unwrap();
                let effect = suggestion.effect();
                let start = match effect.when {
                    Moment::Plan => "",
                    Moment::Start => " at start",
                    Moment::Running => " running",
                };
                lines.push(format!(
                    "try: {}{at}: {} {} [{}/{}{start}]",
                    why.alias,
                    value["kind"].as_str().unwrap(),
                    suggestion.text(),
                    effect.scanned,
                    effect.of
                ));
            }
        }
    }
    let short = |line: String| {
        line.replace("timestamp without time zone", "ts")
            .replace("timestamp with time zone", "tz")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    lines.into_iter().map(short).collect()
}

/// The kind, and then the other fields between bars.
fn flat(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let kind = fields.get("kind").map(flat).into_iter();
            let rest: Vec<String> = fields
                .iter()
                .filter(|(name, _)| *name != "kind")
                .map(|(_, value)| flat(value))
                .collect();
            let rest = (!rest.is_empty()).then(|| rest.join(" | ")).into_iter();
            kind.chain(rest).collect::<Vec<_>>().join(" ")
        }
        Value::Array(items) => items.iter().map(flat).collect::<Vec<_>>().join(", "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

async fn answer(client: &mut Client, case: &Case) -> Vec<Why> {
    client.batch_execute(&case.prepare).await.unwrap();
    let tx = client.transaction().await.unwrap();
    tx.batch_execute("SET LOCAL timezone = 'UTC'").await.unwrap();
    tx.batch_execute(&case.setup).await.unwrap();
    let (_, whys) = ask(&tx, &case.sql).await;
    for suggestion in whys.iter().flat_map(|why| why.suggestions().map(move |one| (why, one))) {
        same_rows(&tx, suggestion).await;
    }
    whys
}

/// A rewritten condition is true for the very rows for which the original is.
async fn same_rows(tx: &Transaction<'_>, (why, suggestion): (&Why, &Suggestion)) {
    let Suggestion::Rewrite { from, to, .. } = suggestion else { return };
    let differ = format!("(({from}) IS TRUE) <> (({to}) IS TRUE)");
    let sql = format!("SELECT count(*) FROM {} WHERE {differ}", why.table);
    let row = tx.query_one(&sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    assert_eq!(row.get::<_, i64>(0), 0, "{sql}");
}

#[tokio::test]
async fn every_reason_and_every_suggestion() {
    let mut client = tables().await;
    let version = client.query_one("SELECT current_setting('server_version_num')::int", &[]).await;
    let version = version.unwrap().get::<_, i32>(0).unsigned_abs() / 10_000;
    let cases = cases(version);
    let (mut wrong, mut unknown) = (Vec::new(), 0);
    for case in &cases {
        let whys = answer(&mut client, case).await;
        unknown += usize::from(whys.iter().flat_map(Why::reasons).any(Reason::is_unknown));
        let found = lines(&whys);
        if found != case.expected {
            wrong.push(format!(
                "{}\n{}  expected:\n    {}\n  found:\n    {}",
                case.name,
                case.sql,
                case.expected.join("\n    "),
                found.join("\n    ")
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ\n\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n\n")
    );
    assert!(
        cases.len() >= 60 && unknown * 10 <= cases.len(),
        "{unknown} of {} unknown",
        cases.len()
    );
}
