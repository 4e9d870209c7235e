//! Partitions by list and by hash.

use lab::{Error, Result};

use super::bound::{Bound, unquoted};
use super::name::label_of;
use super::{LIMIT, Slot, too_many};
use crate::moves::literal;
use crate::portrait::Parent;

/// One partition a value, and one for NULL.
pub(super) fn list(values: &[String], nulls: bool) -> Result<Vec<Slot>> {
    if values.len() > LIMIT {
        return Err(Error::failed(format!("the column has more than {LIMIT} different values"))
            .because("each would get a partition of its own")
            .next("--hash COL --partitions N, or --range"));
    }
    let mut slots: Vec<_> = values.iter().map(|value| one(value, &literal(value))).collect();
    if nulls {
        slots.push(Slot::new("null", values_in(&["NULL".to_owned()])));
    }
    Ok(slots)
}

/// The old table holds all values that there are.
pub(super) fn attach_old(values: &[String], nulls: bool) -> Result<Vec<Slot>> {
    let mut literals: Vec<_> = values.iter().map(|value| literal(value)).collect();
    if nulls {
        literals.push("NULL".to_owned());
    }
    if literals.len() > LIMIT {
        return Err(too_many(literals.len() as u128));
    }
    if literals.is_empty() {
        return Err(Error::failed("the table is empty: --attach-old has no values to go by")
            .next("--list without --attach-old, which copies nothing either"));
    }
    Ok(vec![Slot::new("old", values_in(&literals))])
}

/// Each value of the partition's list on its own; of the DEFAULT partition `name`, each value that it holds.
pub(super) fn split_list(
    name: &str,
    parent: &Parent,
    values: &[String],
    nulls: bool,
) -> Result<Vec<Slot>> {
    match Bound::read(&parent.bound) {
        Some(Bound::Default) => {
            let elsewhere = parent.siblings.iter().filter_map(|bound| Bound::read(bound));
            let elsewhere: Vec<String> = elsewhere
                .flat_map(|bound| match bound {
                    Bound::List(literals) => literals,
                    _ => Vec::new(),
                })
                .map(|literal| unquoted(&literal))
                .collect();
            let values: Vec<_> =
                values.iter().filter(|value| !elsewhere.contains(value)).cloned().collect();
            if values.is_empty() && !nulls {
                return Err(nothing_in(name));
            }
            let mut slots = list(&values, nulls)?;
            for slot in &mut slots {
                slot.stem = Some(parent.name.clone());
            }
            slots.push(Slot::rest(name));
            Ok(slots)
        }
        Some(Bound::List(literals)) if literals.len() > 1 => Ok(literals
            .iter()
            .map(|literal| {
                let mut slot = match literal.as_str() {
                    "NULL" => Slot::new("null", values_in(&["NULL".to_owned()])),
                    literal => one(&unquoted(literal), literal),
                };
                slot.stem = Some(parent.name.clone());
                slot
            })
            .collect()),
        _ => Err(Error::usage("the partition holds no list of several values")
            .because(format!("its bound is {}", parent.bound))),
    }
}

/// Remainders `remainder`, `remainder + modulus`, …, of `modulus` × `parts`: what together holds
/// what one with that modulus and remainder holds.
pub(super) fn hash(modulus: u32, remainder: u32, parts: u32) -> Result<Vec<Slot>> {
    let product = modulus.checked_mul(parts).filter(|_| parts as usize <= LIMIT);
    // The server's limit is that of an int4.
    let Some(product) = product.filter(|product| i32::try_from(*product).is_ok()) else {
        return Err(too_many(u128::from(parts)));
    };
    if parts == 0 {
        return Err(Error::usage("--partitions takes a number from 1"));
    }
    Ok((0..parts)
        .map(|part| {
            let remainder = remainder + part * modulus;
            let bound = format!("FOR VALUES WITH (MODULUS {product}, REMAINDER {remainder})");
            Slot::new(format!("p{remainder}"), bound)
        })
        .collect())
}

/// The bucket `name` divided: with 2 parts, modulus doubled. Where the name ends with the remainder, the
/// new ones do so too: `t_p1` of 4 becomes `t_p1` and `t_p5` of 8.
pub(super) fn split_hash(name: &str, parent: &Parent, parts: u32) -> Result<Vec<Slot>> {
    match Bound::read(&parent.bound) {
        Some(Bound::Hash { modulus, remainder }) if parts > 1 => {
            let mut slots = hash(modulus, remainder, parts)?;
            let stem = name.strip_suffix(&remainder.to_string());
            let stem = stem.filter(|stem| !stem.ends_with(|c: char| c.is_ascii_digit()));
            for slot in &mut slots {
                slot.name = stem.map(|stem| format!("{stem}{}", &slot.label[1..]));
                slot.stem = Some(parent.name.clone());
                // p1 of 4 and p1 of 8 may stand side by side for a while.
                slot.label = format!("p{}_{}", modulus * parts, &slot.label[1..]);
            }
            Ok(slots)
        }
        Some(Bound::Hash { .. }) => {
            Err(Error::usage("a bucket is split into at least 2 parts").next("--partitions 2"))
        }
        _ => Err(Error::usage("the partition is no hash bucket")
            .because(format!("its bound is {}", parent.bound))),
    }
}

/// There is nothing to take out of the DEFAULT partition `name`.
pub(super) fn nothing_in(name: &str) -> Error {
    Error::usage(format!("{name} holds no row that a new partition would take"))
        .next("cargo run -p convert -- premake TABLE, for partitions ahead of time")
}

fn one(value: &str, literal: &str) -> Slot {
    Slot::new(label_of(value), values_in(&[literal.to_owned()]))
}

fn values_in(literals: &[String]) -> String {
    format!("FOR VALUES IN ({})", literals.join(", "))
}
