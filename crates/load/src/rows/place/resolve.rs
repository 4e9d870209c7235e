//! From what a column may hold to how its values are chosen.

use lab::catalog::quote_ident;
use lab::{Context, Result};
use rand::RngExt;
use tokio_postgres::Client;

use super::key::KeyColumn;
use super::region::Allowed;
use crate::fields::Fields;
use crate::rows::Random;
use crate::rows::value::{
    Kind, Line, Pool, Walk, candidates, literal, natural, shapes, steady, typed,
};

/// How a column's values are chosen.
#[derive(Debug)]
pub enum Pick {
    /// Anywhere from the first to the last place.
    Place(Line, i64, i64),
    /// From the first place on, none twice.
    Once(Line, i64, Walk),
    /// One of these.
    Value(Pool),
    /// Each of these in turn.
    Each(Pool, Walk),
    /// One of these, a number that is not repeated in so many digits to the base 36, and an end.
    Tagged(Pool, Walk, usize, &'static str),
}

impl Pick {
    /// Writes a value; says whether it is NULL, for which nothing is written but the empty value.
    pub fn write(&self, random: &mut Random, fields: &mut Fields<'_>) -> bool {
        let value = match self {
            Self::Place(line, low, high) => {
                line.write(random.random_range(*low..=*high), fields);
                return false;
            }
            Self::Once(line, low, walk) => {
                line.write(low.wrapping_add_unsigned(walk.next()), fields);
                return false;
            }
            Self::Tagged(pool, walk, digits, end) => {
                let text = pool.pick(random).unwrap_or_default();
                let tag = base36(walk.next());
                fields.put(|buffer| {
                    buffer.extend_from_slice(text);
                    buffer.extend_from_slice(&tag[TAG - digits..]);
                    buffer.extend_from_slice(end.as_bytes());
                });
                return false;
            }
            Self::Value(pool) => pool.pick(random),
            Self::Each(pool, walk) => pool.get(usize::try_from(walk.next()).unwrap_or_default()),
        };
        fields.raw(value.unwrap_or_default());
        value.is_none()
    }

    /// The numbers behind values that don't repeat.
    pub fn walk(&self) -> Option<&Walk> {
        match self {
            Self::Once(_, _, walk) | Self::Each(_, walk) | Self::Tagged(_, walk, ..) => Some(walk),
            Self::Place(..) | Self::Value(_) => None,
        }
    }

    /// Texts of `digits` (8 at most) digits after one of `pool`, and then `end`; none twice.
    pub fn tagged(pool: Pool, digits: usize, end: &'static str) -> Self {
        let digits = digits.min(TAG);
        let tags = 36_u128.pow(u32::try_from(digits).unwrap_or(1));
        Self::Tagged(pool, Walk::scattered(tags), digits, end)
    }
}

/// The most digits of a tag.
pub const TAG: usize = 8;

/// The last digits of a number to the base 36.
fn base36(mut number: u64) -> [u8; TAG] {
    let mut digits = [b'0'; TAG];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(number % 36).unwrap_or(0)];
        number /= 36;
    }
    digits
}

/// How to choose values of `column` that are `allowed`; `once`: none twice, and none that is in
/// `table` (as SQL names it) already. `None` when there is no such value.
pub async fn resolve(
    client: &Client,
    table: &str,
    column: &KeyColumn,
    allowed: &Allowed,
    once: bool,
) -> Result<Option<Pick>> {
    match (allowed, column.line()) {
        (Allowed::Places(low, high), Some(line)) => {
            let (low, high) = ends(line, &column.name, *low, *high);
            if !once {
                return Ok((low <= high).then_some(Pick::Place(line, low, high)));
            }
            unique(client, table, &column.name, line, (low, high)).await
        }
        (Allowed::Values(values), _) => {
            Ok((!values.is_empty()).then(|| Pick::Value(values.iter().cloned().collect())))
        }
        (Allowed::Between { ranges, outside }, _) => {
            let pool = between(client, column, ranges, *outside, once).await?;
            let tagged = once && matches!(column.kind, Kind::Text(None | Some(16..)));
            Ok(match pool {
                pool if pool.is_empty() => None,
                pool if tagged => Some(Pick::tagged(pool, TAG, "")),
                pool => Some(Pick::Value(pool)),
            })
        }
        (Allowed::Places(..), None) => Ok(None),
    }
}

/// Ends for a range that may lack them.
fn ends(line: Line, name: &str, low: Option<i64>, high: Option<i64>) -> (i64, i64) {
    let (least, most) = line.limits();
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) => (low, low.saturating_add(line.reach())),
        (None, Some(high)) => (high.saturating_sub(line.reach()), high),
        (None, None) => natural(line, name),
    };
    (low.max(least), high.min(most))
}

/// Places from `low` to `high` that no row has. Where they lie close they are taken in order,
/// after the last that there is; moments and the like are scattered.
pub async fn unique(
    client: &Client,
    table: &str,
    name: &str,
    line: Line,
    (low, high): (i64, i64),
) -> Result<Option<Pick>> {
    let size = |low: i64| (i128::from(high) - i128::from(low) + 1).try_into().unwrap_or(0_u128);
    if matches!(line, Line::Timestamp | Line::Time | Line::Uuid) {
        return Ok((low <= high).then(|| Pick::Once(line, low, Walk::scattered(size(low)))));
    }
    let column = quote_ident(name);
    let (from, to) = (line.text(low), line.text(high));
    let last = typed(
        client,
        &format!("SELECT max({column}) FROM {table} WHERE {column} BETWEEN '{from}' AND '{to}'"),
    )
    .await
    .context(|| format!("cannot read the highest {column} of {table}"))?;
    let last = last.into_iter().flatten().next().and_then(|value| line.at(&value));
    let low = last.map_or(low, |at| at.floor.saturating_add(1));
    Ok((low <= high).then(|| Pick::Once(line, low, Walk::in_order(size(low)))))
}

/// Values that the server finds in (or outside) ranges. Of a tagged text the tag must not lead
/// out again.
async fn between(
    client: &Client,
    column: &KeyColumn,
    ranges: &[(Option<String>, Option<String>)],
    outside: bool,
    tagged: bool,
) -> Result<Pool> {
    let mut random = steady();
    let mut texts: Vec<String> = match &column.kind {
        Kind::Text(most) => {
            let mut texts = candidates(&column.name, *most, &mut random);
            texts.extend(shapes(&mut random));
            texts.extend(('0'..='9').chain('a'..='z').chain('A'..='Z').map(String::from));
            texts.retain(|text| most.is_none_or(|most| text.chars().count() <= most));
            texts
        }
        kind => (0..2_000).filter_map(|_| literal(kind, &column.name, &mut random)).collect(),
    };
    texts.truncate(4_000);
    let (sql_type, collate) = (&column.sql_type, &column.collate);
    let mut conditions = Vec::new();
    for (from, to) in ranges {
        let both = [(">=", from), ("<", to)].into_iter().filter_map(|(is, literal)| {
            literal.as_ref().map(|literal| format!("v {is} ({literal})::{sql_type}"))
        });
        let both: Vec<String> = both.collect();
        let inside = if both.is_empty() { "true".to_owned() } else { both.join(" AND ") };
        let tag = |with: &str| {
            inside
                .replace("v >=", &format!("v || '{with}' >="))
                .replace("v <", &format!("v || '{with}' <"))
        };
        conditions.push(match (outside, tagged && matches!(column.kind, Kind::Text(_))) {
            (true, _) => format!("NOT ({inside})"),
            (false, true) => format!("{} AND {}", tag("00000000"), tag("zzzzzzzz")),
            (false, false) => inside,
        });
    }
    // A range's own lower end is the one value that is certain to be in it.
    let ends = ranges.iter().filter(|_| !outside).filter_map(|(from, _)| from.as_ref());
    let ends: Vec<String> =
        ends.map(|end| format!("UNION ALL SELECT ({end})::{sql_type}")).collect();
    let query = format!(
        "SELECT v FROM (SELECT t::{sql_type} {collate} AS v FROM unnest($1::text[]) t {}) made
         WHERE {}",
        ends.join(" "),
        conditions.join(" AND ")
    );
    let what = || format!("cannot find values for partition key {}", quote_ident(&column.name));
    let rows = client.query(&query, &[&texts]).await.context(what)?;
    rows.iter()
        .map(|row| {
            row.try_get::<_, crate::rows::value::Binary>(0).map(|value| value.0).context(what)
        })
        .collect()
}
