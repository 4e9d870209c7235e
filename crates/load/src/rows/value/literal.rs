//! Values of any type, as SQL text that the server turns into binary.

use rand::RngExt;

use super::natural::natural;
use super::words::one;
use super::{Kind, Line};
use crate::rows::Random;

/// A value of `kind` for a column called `name`, as SQL text; `None`: of that type nobody knows
/// the values.
pub fn literal(kind: &Kind, name: &str, random: &mut Random) -> Option<String> {
    Some(match kind {
        Kind::Line(line) => {
            let (low, high) = natural(*line, name);
            line.text(random.random_range(low..=high))
        }
        Kind::Text(most) => one(name, *most, random),
        Kind::Bool => random.random::<bool>().to_string(),
        Kind::Bytea => format!("\\x{:032x}", random.random::<u128>()),
        Kind::Labels(labels) => labels.get(random.random_range(0..labels.len().max(1)))?.clone(),
        Kind::Array(element) => {
            let count = random.random_range(0..4);
            let items: Option<Vec<String>> =
                (0..count).map(|_| Some(quoted(&literal(element, name, random)?))).collect();
            format!("{{{}}}", items?.join(","))
        }
        Kind::Composite(parts) => {
            let items: Option<Vec<String>> =
                parts.iter().map(|part| Some(quoted(&literal(part, name, random)?))).collect();
            format!("({})", items?.join(","))
        }
        Kind::Range(of, many) => {
            let Kind::Line(line) = **of else { return None };
            let (low, high) = natural(line, name);
            let from = random.random_range(low..=high);
            let to = from.saturating_add(random.random_range(1..=(line.reach() / 10).max(1)));
            let range = format!("[\"{}\",\"{}\")", line.text(from), line.text(to));
            if *many { format!("{{{range}}}") } else { range }
        }
        Kind::Named(name, modifier) => return named(name, *modifier, random),
    })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Source of the formats: the manual's chapter 8.
fn named(name: &str, modifier: i32, random: &mut Random) -> Option<String> {
    let bits = |random: &mut Random, count: i32| -> String {
        (0..count.max(1)).map(|_| if random.random() { '1' } else { '0' }).collect()
    };
    let half = |random: &mut Random| random.random_range(-1_000_i32..1_000);
    Some(match name {
        "json" | "jsonb" => format!(
            r#"{{"id": {}, "kind": "{}", "score": {}.{}, "tags": ["a", "b"], "seen": {}}}"#,
            random.random_range(1..100_000),
            ["view", "click", "order", "login"][random.random_range(0..4)],
            random.random_range(0..100),
            random.random_range(0..10),
            random.random::<bool>()
        ),
        "jsonpath" => "$.id".to_owned(),
        "inet" => format!(
            "10.{}.{}.{}",
            random.random::<u8>(),
            random.random::<u8>(),
            random.random_range(1..255)
        ),
        "cidr" => format!("10.{}.{}.0/24", random.random::<u8>(), random.random::<u8>()),
        "macaddr" => format!("02{:010x}", random.random::<u64>() >> 24),
        "macaddr8" => format!("02{:014x}", random.random::<u64>() >> 8),
        "interval" => format!(
            "{} days {} seconds",
            random.random_range(0..60),
            random.random_range(0..86_400)
        ),
        "timetz" => format!("{}+00", Line::Time.text(random.random_range(0..86_400) * 1_000_000)),
        "bit" => bits(random, modifier),
        "varbit" => bits(random, if modifier > 0 { modifier.min(16) } else { 16 }),
        "xml" => format!("<row id=\"{}\"/>", random.random::<u16>()),
        "point" => format!("({},{})", half(random), half(random)),
        "lseg" | "box" | "path" => {
            let (x, y) = (half(random), half(random));
            format!("(({x},{y}),({},{}))", x + 5, y + 7)
        }
        "polygon" => {
            let (x, y) = (half(random), half(random));
            format!("(({x},{y}),({},{y}),({x},{}))", x + 5, y + 7)
        }
        "circle" => format!("<({},{}),{}>", half(random), half(random), random.random_range(1..50)),
        "line" => format!("{{{},{},{}}}", random.random_range(1..50), half(random), half(random)),
        "pg_lsn" => format!("{:X}/{:X}", random.random_range(0..16), random.random::<u32>()),
        "char" => char::from(random.random_range(b'a'..=b'z')).to_string(),
        "tsvector" => one("title", None, random).replace('\'', ""),
        "hstore" => format!("\"a\"=>\"{}\"", random.random::<u16>()),
        "ltree" => format!("top.a{}.b{}", random.random_range(0..10), random.random_range(0..10)),
        "numeric" => random.random_range(0..10).to_string(),
        "vector" | "halfvec" => {
            let count = if modifier > 0 { modifier } else { 3 };
            let items: Vec<String> =
                (0..count).map(|_| format!("0.{}", random.random::<u16>())).collect();
            format!("[{}]", items.join(","))
        }
        _ => return None,
    })
}
