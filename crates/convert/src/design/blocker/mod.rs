//! What stands in the way of a conversion, and how each gets out of it.

mod attached;
mod key;
mod reference;
mod shape;
mod table;

use super::{Blocker, Circumstances, Design};
use crate::portrait::Portrait;
use crate::request::Shape;

/// Codes that `--accept` overrides; what then happens stands among the blocker's ways.
const ACCEPTABLE: [&str; 5] =
    ["deferrable", "dependent", "publication-all", "publication-partitions", "rule"];

/// Finds all of them; those that the user accepts become remarks.
pub(super) fn find(design: &mut Design, circumstances: &Circumstances, parent: Option<&Portrait>) {
    let found = [
        table::kind(design, circumstances),
        table::rights(design, circumstances),
        key::partition_key(design, circumstances),
        key::keys(design),
        reference::foreign_keys(design, circumstances),
        attached::all(design),
        shape::all(design, parent, circumstances),
    ]
    .concat();
    let accepted = |one: &Blocker| {
        ACCEPTABLE.contains(&&*one.code) && design.request.accept.contains(&one.code)
    };
    let (accepted, blockers): (Vec<_>, Vec<_>) = found.into_iter().partition(accepted);
    let accepted =
        accepted.iter().map(|one| format!("{}: accepted, though {}", one.object, one.why));
    let mut remarks: Vec<String> = accepted.collect();
    remarks.extend(remarks_on(design));
    remarks.extend(shape::remarks(design));
    design.blockers = blockers;
    design.remarks = remarks;
}

/// A blocker; the ways in the order of recommendation.
fn blocker(code: &str, object: String, why: impl Into<String>, ways: Vec<String>) -> Blocker {
    Blocker { code: code.to_owned(), object, why: why.into(), ways }
}

/// `--accept CODE` as a way out, with what then happens.
fn accept(code: &str, then: &str) -> String {
    format!("--accept {code}: {then}")
}

fn remarks_on(design: &Design) -> Vec<String> {
    let mut remarks = Vec::new();
    for index in design.source.indexes.iter().filter(|index| !index.valid) {
        remarks.push(format!("index {} is not valid and is left out", index.name));
    }
    let key = design.indexes.iter().find(|index| index.constraint == Some('p'));
    if let Some(key) = key.filter(|key| !key.added.is_empty()) {
        remarks.push(format!(
            "({}) alone is unique by how its values are made, no longer by {}",
            design.key.join(", "),
            key.name
        ));
    }
    if design.request.shape == Shape::Table && !design.source.foreign_keys_in.is_empty() {
        remarks.push(
            "foreign keys that reference it are dropped and added again in the swap".to_owned(),
        );
    }
    remarks
}
