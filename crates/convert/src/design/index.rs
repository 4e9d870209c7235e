//! The target's indexes: the source's, with partition columns added where one is unique.

use lab::catalog::quote_ident;
use lab::script::lexer::tokens;

use super::{TargetIndex, key};
use crate::portrait::{Index, Portrait};
use crate::request::{Request, UniqueKey};

/// Key first, then by name. Invalid ones and exclusion constraints are left out.
pub(super) fn of_target(
    source: &Portrait,
    request: &Request,
    partitioned_by: &[String],
) -> Vec<TargetIndex> {
    let key = key(source).map(|index| index.oid);
    let mut indexes: Vec<&Index> =
        source.indexes.iter().filter(|i| i.valid && i.constraint != Some('x')).collect();
    indexes.sort_by_key(|index| (Some(index.oid) != key, index.constraint != Some('p')));
    indexes
        .into_iter()
        .map(|index| {
            let must = Some(index.oid) == key || index.constraint == Some('p');
            let missing = missing(index, partitioned_by);
            let way = if must { Some(UniqueKey::Extend) } else { way(request, index) };
            match way {
                _ if !index.unique || missing.is_empty() => as_it_is(index),
                Some(UniqueKey::Drop | UniqueKey::SideTable) => {
                    TargetIndex { unique: false, constraint: None, ..as_it_is(index) }
                }
                // Without a decision it is a blocker, and shown as if it were extended.
                Some(UniqueKey::Extend) | None => extended(source, index, missing),
            }
        })
        .collect()
}

/// What the user wants to become of a unique key.
pub(super) fn way(request: &Request, index: &Index) -> Option<UniqueKey> {
    request.unique.get(&index.name).or_else(|| request.unique.get("*")).copied()
}

/// Partition columns that the index has not as plain key columns.
pub(super) fn missing(index: &Index, partitioned_by: &[String]) -> Vec<String> {
    let has = |column: &String| index.columns.iter().flatten().any(|own| own == column);
    partitioned_by.iter().filter(|column| !has(column)).cloned().collect()
}

fn as_it_is(index: &Index) -> TargetIndex {
    TargetIndex {
        name: index.name.clone(),
        using: index.using.clone(),
        columns: index.columns.clone(),
        unique: index.unique,
        constraint: index.constraint,
        added: Vec::new(),
        tablespace: index.tablespace.clone(),
    }
}

fn extended(source: &Portrait, index: &Index, added: Vec<String>) -> TargetIndex {
    let nullable = |name: &String| {
        source.columns.iter().any(|column| column.name == *name && !column.not_null)
    };
    let own_not_null = !index.columns.iter().flatten().any(nullable);
    let quoted: Vec<_> = added.iter().map(|column| quote_ident(column)).collect();
    let list = format!(", {}", quoted.join(", "));
    // With NULLs distinct, a NULL in an added column would let the same key in twice.
    let nulls = own_not_null && !index.nulls_not_distinct && added.iter().any(nullable);
    TargetIndex {
        using: insert(&index.using, &list, nulls),
        columns: index.columns.iter().cloned().chain(added.iter().cloned().map(Some)).collect(),
        added,
        ..as_it_is(index)
    }
}

/// `using` with `more` at the end of its list of key columns, and NULLS NOT DISTINCT behind.
fn insert(using: &str, more: &str, nulls_not_distinct: bool) -> String {
    let Ok(tokens) = tokens(using) else { return using.to_owned() };
    let (mut depth, mut ends) = (0_u32, Vec::new());
    for token in &tokens {
        match token.text {
            "(" => depth += 1,
            ")" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    ends.push(token.start);
                }
            }
            _ => {}
        }
    }
    let Some(end) = ends.first().copied() else { return using.to_owned() };
    // Behind INCLUDE (…), whose list is the second one when that word stands between.
    let after = match ends.get(1) {
        Some(include)
            if using[end..*include].trim_start_matches(')').trim_start().starts_with("INCLUDE") =>
        {
            include + 1
        }
        _ => end + 1,
    };
    let nulls = if nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    format!("{}{more}{}{nulls}{}", &using[..end], &using[end..after], &using[after..])
}

#[cfg(test)]
mod tests {
    use super::insert;

    #[test]
    fn columns_go_to_the_end_of_the_first_list() {
        for (using, nulls, wanted) in [
            ("btree (id)", false, "btree (id, c)"),
            (
                "btree (lower((a)::text), b DESC) INCLUDE (d) WHERE (b > 1)",
                false,
                "btree (lower((a)::text), b DESC, c) INCLUDE (d) WHERE (b > 1)",
            ),
            ("btree (\"a)b\", f(')'))", false, "btree (\"a)b\", f(')'), c)"),
            (
                "btree (a) INCLUDE (d) WITH (fillfactor='70')",
                true,
                "btree (a, c) INCLUDE (d) NULLS NOT DISTINCT WITH (fillfactor='70')",
            ),
            ("btree (a) WHERE (b > 1)", true, "btree (a, c) NULLS NOT DISTINCT WHERE (b > 1)"),
        ] {
            assert_eq!(insert(using, ", c", nulls), wanted);
        }
    }
}
