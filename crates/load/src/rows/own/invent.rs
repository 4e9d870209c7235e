//! Finds for a column values that its type and its checks allow.

use lab::{Context, Result};
use rand::RngExt;
use tokio_postgres::Client;

use super::known::{Known, range};
use super::rows::Recipe;
use super::table::TableColumn;
use crate::rows::place::{Pick, TAG, unique};
use crate::rows::value::{
    Kind, Line, Pool, Walk, candidates, convert, literal, shapes, steady, typed_literals,
};

/// How many values a pool has.
const VALUES: usize = 1_000;

/// How to invent the values of `column` of `table` (as SQL names it); `once`: none twice. `None`
/// when no value is found that the server takes.
pub async fn invent(
    client: &Client,
    table: &str,
    column: &TableColumn,
    known: &Known,
    once: bool,
) -> Result<Option<Recipe>> {
    if let Some(values) = &known.one_of {
        let what = || format!("cannot read the check of column {}", column.quoted());
        let values = typed_literals(client, values, &column.typed.sql_type).await.context(what)?;
        return Ok(from_pool(values.into_iter().collect(), once));
    }
    match &column.typed.kind {
        Kind::Line(line) => on_line(client, table, column, known, *line, once).await,
        Kind::Text(most) => {
            let longest = [*most, known.longest].into_iter().flatten().min();
            texts(client, table, column, known, longest, once).await
        }
        Kind::Bytea if once => {
            let start = std::iter::once(Vec::new()).collect();
            Ok(Some(Recipe::Pick(Pick::tagged(start, TAG, ""))))
        }
        Kind::Bytea if column.checks.is_empty() => Ok(Some(Recipe::Bytes)),
        kind if once => {
            let mut random = steady();
            let make = |_| literal(kind, &column.name, &mut random);
            let texts: Vec<String> = (0..VALUES * 10).filter_map(make).collect();
            Ok(from_pool(unused(client, table, column, texts).await, true))
        }
        _ => Ok(from_pool(pool(client, column).await, false)),
    }
}

fn from_pool(pool: Pool, once: bool) -> Option<Recipe> {
    (!pool.is_empty()).then(|| {
        Recipe::Pick(if once {
            let walk = Walk::in_order(pool.len() as u128);
            Pick::Each(pool, walk)
        } else {
            Pick::Value(pool)
        })
    })
}

async fn on_line(
    client: &Client,
    table: &str,
    column: &TableColumn,
    known: &Known,
    line: Line,
    once: bool,
) -> Result<Option<Recipe>> {
    let (low, high) = range(line, &column.name, known);
    let mut random = steady();
    let mut sample = |low: i64, high: i64, count: usize| -> Vec<String> {
        (0..count).map(|_| line.text(random.random_range(low..=high))).collect()
    };
    if low > high {
        return Ok(None);
    }
    if !column.checks.is_empty() {
        let texts = sample(low, high, 64);
        if fitting(client, column, &texts).await.len() < texts.len() {
            // A check that was not understood: only what passes it, out of many.
            let mut texts = sample(low, high, 3_000);
            let (least, most) = line.limits();
            let small = |n: i64| (n >= least && n <= most).then(|| line.text(n));
            texts.extend((-100..=1_000).filter_map(small));
            let pool = if once {
                unused(client, table, column, texts).await
            } else {
                fitting(client, column, &texts).await
            };
            return Ok(from_pool(pool, once));
        }
    }
    if once {
        let (_, most) = line.limits();
        let high = known.high.unwrap_or(most).min(most);
        return Ok(unique(client, table, &column.name, line, (low, high)).await?.map(Recipe::Pick));
    }
    let (after, before) = (Vec::new(), Vec::new());
    Ok(Some(Recipe::Ordered { line, low, high, after, before }))
}

async fn texts(
    client: &Client,
    table: &str,
    column: &TableColumn,
    known: &Known,
    longest: Option<usize>,
    once: bool,
) -> Result<Option<Recipe>> {
    let mut random = steady();
    let most = longest.unwrap_or(usize::MAX);
    let lengthened = |text: String| {
        let missing = known.shortest.saturating_sub(text.chars().count());
        text + &"x".repeat(missing)
    };
    let usual = candidates(&column.name, longest, &mut random);
    if once && most <= FEW_CHARACTERS {
        let pool = unused(client, table, column, every(most)).await;
        return Ok(from_pool(pool, true));
    }
    if once {
        let pick = tagged(usual, known.shortest, most);
        let mut buffer = bytes::BytesMut::new();
        for _ in 0..20 {
            pick.write(&mut random, &mut crate::fields::Fields(&mut buffer));
        }
        let samples = samples(&buffer);
        if column.checks.is_empty() || fitting(client, column, &samples).await.len() == 20 {
            return Ok(Some(Recipe::Pick(pick)));
        }
        let pool = unused(client, table, column, shapes(&mut random)).await;
        return Ok(from_pool(pool, true));
    }
    let usual: Vec<String> = usual.into_iter().map(lengthened).collect();
    if column.checks.is_empty() {
        return Ok(Some(Recipe::Pick(Pick::Value(usual.into_iter().collect()))));
    }
    let passing = fitting(client, column, &usual).await;
    if passing.len() >= usual.len() / 10 {
        return Ok(from_pool(passing, false));
    }
    let mut texts = shapes(&mut random);
    texts.retain(|text| (known.shortest..=most).contains(&text.chars().count()));
    let others = fitting(client, column, &texts).await;
    Ok(from_pool(if others.is_empty() { passing } else { others }, false))
}

/// Up to so many characters all texts are tried, for there are few of them.
const FEW_CHARACTERS: usize = 3;

/// All texts of so many letters and digits.
fn every(characters: usize) -> Vec<String> {
    (0..characters).fold(vec![String::new()], |texts, _| {
        let longer = |text: &String| {
            let text = text.clone();
            ('0'..='9').chain('a'..='z').map(move |c| format!("{text}{c}"))
        };
        texts.iter().flat_map(longer).collect()
    })
}

/// Texts with a tag: an address keeps its end.
fn tagged(usual: Vec<String>, shortest: usize, most: usize) -> Pick {
    let end = "@example.org";
    let address =
        usual.first().is_some_and(|text| text.contains('@')) && most >= TAG + end.len() + 4;
    let end = if address { end } else { "" };
    let digits = TAG.min(most);
    let room = most - digits - end.len().min(most);
    let shortest = shortest.saturating_sub(digits + end.len());
    let before = usual.into_iter().map(|text| {
        let text = text.split('@').next().unwrap_or_default();
        let mut text: String = text.chars().take(room).collect();
        while text.chars().count() < shortest {
            text.push('x');
        }
        text
    });
    Pick::tagged(before.collect(), digits, end)
}

/// The texts of fields in a row.
fn samples(fields: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = fields;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0).min(after.len());
        let (text, after) = after.split_at(length);
        texts.push(String::from_utf8_lossy(text).into_owned());
        rest = after;
    }
    texts
}

/// Values of a type of which only the server knows the binary format.
async fn pool(client: &Client, column: &TableColumn) -> Pool {
    let mut random = steady();
    let texts: Vec<String> = (0..VALUES)
        .filter_map(|_| literal(&column.typed.kind, &column.name, &mut random))
        .collect();
    let all = fitting(client, column, &texts).await;
    if !all.is_empty() || texts.is_empty() {
        return all;
    }
    // One that the server refuses spoils them all, so a few are tried alone.
    let mut some = Vec::new();
    for text in texts.into_iter().take(50) {
        some.extend(fitting(client, column, &[text]).await.iter().map(|v| v.map(<[u8]>::to_vec)));
    }
    some.into_iter().collect()
}

/// Those of `texts` that the server takes for this column; none when it refuses one with an error.
async fn fitting(client: &Client, column: &TableColumn, texts: &[String]) -> Pool {
    passing(client, column, texts, &column.checks).await
}

/// Those that are not in `table` (as SQL names it) either, and each only once.
async fn unused(
    client: &Client,
    table: &str,
    column: &TableColumn,
    mut texts: Vec<String>,
) -> Pool {
    texts.sort();
    texts.dedup();
    let name = column.quoted();
    let mut checks = column.checks.clone();
    checks.push(format!("NOT EXISTS (SELECT FROM {table} own WHERE own.{name} = made.{name})"));
    passing(client, column, &texts, &checks).await
}

async fn passing(
    client: &Client,
    column: &TableColumn,
    texts: &[String],
    checks: &[String],
) -> Pool {
    let values = convert(client, texts, &column.typed.sql_type, &column.quoted(), checks).await;
    values.unwrap_or_default().into_iter().collect()
}
