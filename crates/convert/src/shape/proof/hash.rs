//! The CHECK that lets ATTACH believe a hash partition's bound without a scan.
//!
//! PostgreSQL compares expressions as trees. A hash partition's constraint is the call
//! `satisfies_hash_partition(parent, modulus, remainder, columns…)` without a collation, whereas the
//! parser gives such a call the collation of its columns; so over a `text` column the two differ, and
//! ATTACH scans (measured on 15 and 18). Where the collations of the arguments conflict, the call has
//! none: hence the CASE below, whose two dead branches bring two collations. ATTACH simplifies it to
//! the bare column before it compares.

/// The type whose columns bring the conflicting collations.
pub const COLLATIONS: &str = "
    DO $$
    BEGIN
        CREATE TYPE partition_convert.collations AS (a text COLLATE \"C\", b text COLLATE \"POSIX\");
    EXCEPTION WHEN duplicate_object THEN
        NULL;
    END
    $$";

/// A column of a hash key.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// As it stands in a statement.
    pub quoted: String,
    /// Its base type without modifier (`text`, `character varying`), if that has a collation.
    pub collatable: Option<String>,
}

/// The condition for a partition of the table `parent` (OID).
pub fn condition(parent: u32, (modulus, remainder): (u32, u32), columns: &[Column]) -> String {
    let columns: Vec<_> = columns.iter().map(argument).collect();
    format!(
        "satisfies_hash_partition('{parent}'::oid, {modulus}, {remainder}, {})",
        columns.join(", ")
    )
}

fn argument(Column { quoted, collatable }: &Column) -> String {
    let Some(of_type) = collatable else { return quoted.clone() };
    let dead = |column| format!("(NULL::partition_convert.collations).{column}::{of_type}");
    format!("CASE WHEN true THEN {quoted} WHEN false THEN {} ELSE {} END", dead("a"), dead("b"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_columns_with_a_collation_need_the_conflict() {
        let id = Column { quoted: "id".into(), collatable: None };
        let name =
            Column { quoted: "\"Name\"".into(), collatable: Some("character varying".into()) };
        assert_eq!(
            condition(16384, (8, 4), &[id, name]),
            "satisfies_hash_partition('16384'::oid, 8, 4, id, CASE WHEN true THEN \"Name\" WHEN false THEN \
             (NULL::partition_convert.collations).a::character varying ELSE \
             (NULL::partition_convert.collations).b::character varying END)"
        );
    }
}
