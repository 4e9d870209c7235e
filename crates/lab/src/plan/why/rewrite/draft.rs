//! A condition in the making: what the server must compute first, and then its text.

use std::fmt::Write;

use super::interval::{End, Interval};

/// A condition that bounds the key, its values not computed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Draft {
    /// As it stands.
    Text(String),
    /// An interval of `key`, which has the type `kind`.
    Interval { key: String, kind: String, interval: Interval },
    /// Of these conditions each.
    Both(Vec<Draft>),
    /// Of these conditions at least one.
    Either(Vec<Draft>),
}

impl Draft {
    /// SQL expressions that the server must evaluate, in the order that [`text`](Self::text) takes.
    pub(in super::super) fn questions(&self) -> Vec<String> {
        match self {
            Self::Text(_) => Vec::new(),
            Self::Both(parts) | Self::Either(parts) => {
                parts.iter().flat_map(Self::questions).collect()
            }
            Self::Interval { kind, interval, .. } => {
                let Interval { low, high, guards, constant } = interval;
                let mut asked: Vec<String> = guards.clone();
                if *constant {
                    let value = |end: &End| format!("({})::{kind}", end.sql);
                    asked.extend([low, high].into_iter().flatten().map(value));
                    if let (Some(low), Some(high)) = (low, high) {
                        let op = if low.inclusive && high.inclusive { "<=" } else { "<" };
                        asked.push(format!("{} {op} {}", value(low), value(high)));
                    }
                }
                asked
            }
        }
    }

    /// The condition, given the answers; `None` when one of them is unfit.
    pub(in super::super) fn text(
        &self,
        answers: &mut impl Iterator<Item = String>,
    ) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Both(parts) => joined(parts, " AND ", answers),
            Self::Either(parts) => either(parts, answers),
            Self::Interval { key, kind, interval } => {
                let Interval { low, high, guards, constant } = interval;
                for _ in guards {
                    is_true(&answers.next()?)?;
                }
                let mut ends = |end: &Option<End>| -> Option<Option<String>> {
                    match end {
                        Some(_) if *constant => Some(Some(literal(&answers.next()?, kind))),
                        Some(end) => Some(Some(without_parentheses(&end.sql).to_owned())),
                        None => Some(None),
                    }
                };
                let (low_text, high_text) = (ends(low)?, ends(high)?);
                if *constant && low.is_some() && high.is_some() {
                    is_true(&answers.next()?)?;
                }
                let mut text = String::new();
                match (low, high, low_text, high_text) {
                    (Some(low), Some(high), Some(one), Some(other))
                        if one == other && low.inclusive && high.inclusive =>
                    {
                        write!(text, "{key} = {one}").ok()?;
                    }
                    (low, high, low_text, high_text) => {
                        if let (Some(low), Some(value)) = (low, low_text) {
                            let op = if low.inclusive { ">=" } else { ">" };
                            write!(text, "{key} {op} {value}").ok()?;
                        }
                        if let (Some(high), Some(value)) = (high, high_text) {
                            let op = if high.inclusive { "<=" } else { "<" };
                            let and = if text.is_empty() { "" } else { " AND " };
                            write!(text, "{and}{key} {op} {value}").ok()?;
                        }
                    }
                }
                Some(text)
            }
        }
    }
}

fn is_true(answer: &str) -> Option<()> {
    (answer == "true").then_some(())
}

fn joined(
    parts: &[Draft],
    connective: &str,
    answers: &mut impl Iterator<Item = String>,
) -> Option<String> {
    let texts: Option<Vec<String>> = parts
        .iter()
        .map(|part| {
            let text = part.text(answers)?;
            let whole = !matches!(part, Draft::Either(_)) || !text.contains(" OR ");
            Some(if whole { text } else { format!("({text})") })
        })
        .collect();
    texts.map(|texts| texts.join(connective))
}

/// Branches of an OR; several values of one key as a list.
fn either(parts: &[Draft], answers: &mut impl Iterator<Item = String>) -> Option<String> {
    let mut texts = Vec::new();
    for part in parts {
        // A branch without an answer (a value that no row can have) still takes its share of them.
        texts.push(part.text(answers)?);
    }
    let value = |text: &String| {
        let (key, value) = text.split_once(" = ")?;
        (!value.contains(" AND ") && !value.contains(" OR "))
            .then(|| (key.to_owned(), value.to_owned()))
    };
    let values: Option<Vec<(String, String)>> = texts.iter().map(value).collect();
    if let Some(values) = values
        && let Some((key, _)) = values.first().cloned()
        && values.len() > 1
        && values.iter().all(|(other, _)| *other == key)
    {
        let list: Vec<String> = values.into_iter().map(|(_, value)| value).collect();
        return Some(format!("{key} IN ({})", list.join(", ")));
    }
    let branch =
        |text: &String| if text.contains(" AND ") { format!("({text})") } else { text.clone() };
    Some(texts.iter().map(branch).collect::<Vec<_>>().join(" OR "))
}

/// A value as people write it: numbers bare, midnight without its zeros.
pub(in super::super) fn literal(value: &str, kind: &str) -> String {
    if super::types::is_integer(kind) {
        return value.to_owned();
    }
    let short = match value.strip_suffix(" 00:00:00") {
        Some(day) if kind == super::types::TIMESTAMP && day.len() == "2024-02-01".len() => day,
        _ => value,
    };
    format!("'{}'", short.replace('\'', "''"))
}

/// `text` without parentheses around the whole of it.
fn without_parentheses(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 1_i32;
    for c in inner.chars() {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth == 0 {
            return text;
        }
    }
    without_parentheses(inner)
}
