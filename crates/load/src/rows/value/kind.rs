//! What values a type has.

use std::pin::Pin;

use tokio_postgres::Client;

use super::Line;
use crate::rows::sql;

/// What values a type has, domains resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A number, a date and so on.
    Line(Line),
    /// `text`, `varchar(n)` and so on; the most characters, if there is a limit.
    Text(Option<usize>),
    /// `boolean`
    Bool,
    /// `bytea`
    Bytea,
    /// An enum's labels, or the values of a type that has few.
    Labels(Vec<String>),
    /// Elements of one kind.
    Array(Box<Kind>),
    /// A row type.
    Composite(Vec<Kind>),
    /// A range; `true`: a multirange.
    Range(Box<Kind>, bool),
    /// Another type, by its name, with its modifier (-1: none).
    Named(String, i32),
}

/// A type's kind, and what its domains demand.
#[derive(Debug, Clone)]
pub struct Typed {
    /// Its kind.
    pub kind: Kind,
    /// The type beneath all domains, as SQL names it (`character varying(50)`).
    pub sql_type: String,
    /// Whether a domain refuses NULL.
    pub not_null: bool,
    /// The domains' checks, with `VALUE`.
    pub checks: Vec<String>,
}

/// The kind of the type with this OID and modifier.
pub fn kind<'a>(
    client: &'a Client,
    oid: u32,
    modifier: i32,
) -> Pin<Box<dyn Future<Output = Result<Typed, tokio_postgres::Error>> + Send + 'a>> {
    Box::pin(async move {
        let row = client.query_one(sql::TYPE, &[&oid]).await?;
        let name: String = row.try_get("name")?;
        let sql_type =
            client.query_one("SELECT format_type($1, $2)", &[&oid, &modifier]).await?.try_get(0)?;
        let (base, element, subtype): (u32, u32, u32) =
            (row.try_get("base")?, row.try_get("element")?, row.try_get("subtype")?);
        let found = match row.try_get::<_, &str>("kind")? {
            "d" => {
                let mut typed = kind(client, base, row.try_get("base_modifier")?).await?;
                typed.not_null |= row.try_get::<_, bool>("not_null")?;
                typed.checks.extend(row.try_get::<_, Vec<String>>("checks")?);
                return Ok(typed);
            }
            "e" => Kind::Labels(row.try_get("labels")?),
            "c" => {
                let (parts, modifiers): (Vec<u32>, Vec<i32>) =
                    (row.try_get("parts")?, row.try_get("part_modifiers")?);
                let mut kinds = Vec::new();
                for (oid, modifier) in parts.into_iter().zip(modifiers) {
                    kinds.push(kind(client, oid, modifier).await?.kind);
                }
                Kind::Composite(kinds)
            }
            range @ ("r" | "m") => {
                let subtype = kind(client, subtype, -1).await?.kind;
                Kind::Range(Box::new(subtype), range == "m")
            }
            _ if element != 0 => Kind::Array(Box::new(kind(client, element, modifier).await?.kind)),
            _ => scalar(&name, modifier),
        };
        Ok(Typed { kind: found, sql_type, not_null: false, checks: Vec::new() })
    })
}

fn scalar(name: &str, modifier: i32) -> Kind {
    Kind::Line(match name {
        "int2" => Line::Int2,
        "int4" => Line::Int4,
        "int8" => Line::Int8,
        "oid" => Line::Oid,
        "float4" => Line::Float4,
        "float8" => Line::Float8,
        "numeric" => return number(modifier),
        "money" => Line::Money,
        "date" => Line::Date,
        "time" => Line::Time,
        "timestamp" | "timestamptz" => Line::Timestamp,
        "uuid" => Line::Uuid,
        "bool" => return Kind::Bool,
        "bytea" => return Kind::Bytea,
        "name" => return Kind::Text(Some(63)),
        "text" | "citext" => return Kind::Text(None),
        // The modifier of varchar(n) and char(n) is n + 4.
        "varchar" | "bpchar" => return Kind::Text(usize::try_from(modifier - 4).ok()),
        _ => return Kind::Named(name.to_owned(), modifier),
    })
}

/// Source of the modifier's format: `make_numeric_typmod` in PostgreSQL's `numeric.c`.
fn number(modifier: i32) -> Kind {
    let Ok(packed) = u32::try_from(modifier - 4) else {
        return Kind::Line(Line::Numeric { scale: 2, precision: 15 });
    };
    let (precision, scale) = (packed >> 16, packed & 0x7ff);
    match u16::try_from(scale) {
        Ok(scale @ 0..=18) => Kind::Line(Line::Numeric { scale, precision }),
        // More digits than 64 bits have, or a negative scale (eleven bits, two's complement).
        _ => Kind::Named("numeric".to_owned(), modifier),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_modifiers_of_numbers_and_texts() {
        let packed = |precision: i32, scale: i32| (precision << 16 | scale) + 4;
        let numeric = |scale, precision| Kind::Line(Line::Numeric { scale, precision });
        assert_eq!(scalar("numeric", packed(10, 2)), numeric(2, 10));
        assert_eq!(scalar("numeric", packed(5, 0)), numeric(0, 5));
        assert_eq!(scalar("numeric", -1), numeric(2, 15));
        assert_eq!(scalar("varchar", 54), Kind::Text(Some(50)));
        assert_eq!(scalar("varchar", -1), Kind::Text(None));
    }
}
