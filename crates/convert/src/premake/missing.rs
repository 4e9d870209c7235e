//! The partitions that are missing. Pure.

use lab::catalog::Name;
use lab::{Error, Result};

use super::node::{Ground, New};
use super::pattern::Pattern;
use super::rhythm::Width;
use super::span::Span;
use crate::layout::{Axis, LIMIT, Names};

/// Between which partitions are kept.
pub(super) struct Limits {
    pub(super) present: i128,
    /// What ends here or before is too old.
    pub(super) cutoff: i128,
    pub(super) ahead: u32,
}

/// What is missing for `ahead` partitions beyond the present.
pub(super) fn missing(
    ground: &Ground,
    limits: &Limits,
    spans: &[Span],
    newest: &Span,
    width: Width,
) -> Result<Vec<New>> {
    let (axis, present) = (&ground.axis, limits.present);
    let ahead = spans.iter().filter(|span| span.from > present).count();
    let mut lacking = (limits.ahead as usize).saturating_sub(ahead);
    let Some(last) = spans.iter().max_by_key(|span| span.to) else { return Ok(Vec::new()) };
    let covers = last.to > present;
    if lacking == 0 && covers {
        return Ok(Vec::new());
    }
    if last.to == i128::MAX {
        // It may be the last that the type has room for.
        if let Axis::Integer { highest, .. } = axis
            && last.from > i128::MIN
            && width.after(axis, last.from)? > *highest
        {
            return Ok(Vec::new());
        }
        return Err(Error::failed(format!("{} ends with MAXVALUE", last.tree.name))
            .because("nothing can follow it")
            .next(format!(
                "cargo run -p convert -- run {} --split {} --every month",
                ground.tree.name, last.tree.name.name
            )));
    }
    let earlier = spans.iter().rev().find(|span| span.to == newest.from && span.from > i128::MIN);
    let pattern = Pattern::of(
        axis,
        width,
        (&newest.tree.name.name, newest.from),
        earlier.map(|span| (span.tree.name.name.as_str(), span.from)),
        &ground.tree.name.name,
    )?;
    let mut names = Names::beside(ground.taken);
    let (mut from, mut from_text) = (last.to, last.to_text.clone());
    let mut make = Vec::new();
    while lacking > 0 || from <= present {
        if let Axis::Integer { highest, .. } = axis
            && from > *highest
        {
            break;
        }
        let to = width.after(axis, from)?;
        // A day that its zone skips.
        if to == from {
            from = width.after(axis, to + 1)?;
            continue;
        }
        let to_text = match axis {
            Axis::Integer { highest, .. } if to > *highest => "MAXVALUE".to_owned(),
            _ => axis.literal(to)?,
        };
        let is_ahead = from > present;
        lacking = lacking.saturating_sub(usize::from(is_ahead));
        // What would be let go at once is not made.
        if to > limits.cutoff {
            let name = pattern.free_name(axis, width, from, &mut names)?;
            let name = Name::new(&newest.tree.name.schema, name);
            make.push(New { name, from: from_text, to: to_text.clone(), is_ahead });
        }
        if make.len() > LIMIT {
            return Err(Error::failed(format!("more than {LIMIT} partitions are missing"))
                .because(format!("the newest ends at {}", last.to_text))
                .next("make one partition over that time first"));
        }
        (from, from_text) = (to, to_text);
    }
    Ok(make)
}
