//! What was changed on the live table since the shadow was made, and needs no copying: the shadow
//! gets it before it takes over.

use lab::catalog::quote_ident;

use super::around::Remark;
use super::{Turn, index, literal};

/// Before the renames, on the shadow.
pub(crate) fn put_on(turn: &Turn<'_>) -> Vec<String> {
    let (live, shadow, table) = (turn.live, turn.shadow, turn.shadow_name());
    let mut statements = Vec::new();
    if live.owner != shadow.owner {
        statements.push(format!("ALTER TABLE {table} OWNER TO {}", quote_ident(&live.owner)));
    }
    for column in &live.columns {
        let same = |other: &&crate::portrait::Column| other.name == column.name;
        let Some(other) = shadow.columns.iter().find(same) else { continue };
        if column.default != other.default && column.generated.is_none() {
            let default = column.default.as_ref();
            let to =
                default.map_or_else(|| "DROP DEFAULT".into(), |to| format!("SET DEFAULT {to}"));
            let name = quote_ident(&column.name);
            statements.push(format!("ALTER TABLE {table} ALTER COLUMN {name} {to}"));
        }
    }
    let on_table = |statement: &String| statement.replacen("{table}", &table.to_string(), 1);
    let gone = shadow.grants.iter().filter(|grant| !live.grants.contains(grant));
    statements.extend(gone.filter_map(|grant| revoke(grant)).map(|revoke| on_table(&revoke)));
    let new = live.grants.iter().filter(|grant| !shadow.grants.contains(grant));
    statements.extend(new.map(on_table));
    for policy in shadow.policies.iter().filter(|policy| !live.policies.contains(policy)) {
        statements.push(format!("DROP POLICY {} ON {table}", quote_ident(&policy.name)));
    }
    let new = live.policies.iter().filter(|policy| !shadow.policies.contains(policy));
    statements.extend(new.map(|policy| on_table(&policy.definition)));
    for (now, then, word) in [
        (live.row_security, shadow.row_security, ["DISABLE", "ENABLE"]),
        (live.force_row_security, shadow.force_row_security, ["NO FORCE", "FORCE"]),
    ] {
        if now != then {
            let word = word[usize::from(now)];
            statements.push(format!("ALTER TABLE {table} {word} ROW LEVEL SECURITY"));
        }
    }
    if live.comment != shadow.comment {
        let text = live.comment.as_deref().map_or_else(|| "NULL".to_owned(), literal);
        statements.push(format!("COMMENT ON TABLE {table} IS {text}"));
    }
    statements
}

/// After the renames, when what the new table has bears the names of the old one's.
pub(super) fn comments(turn: &Turn<'_>) -> Vec<String> {
    let table = turn.live_name().to_string();
    let pairs = index::pairs(turn);
    // A unique key may have become a plain index, or nothing.
    let applies = |remark: &&Remark| match &remark.index {
        None => true,
        Some(name) => pairs.iter().any(|(live, shadow)| {
            live.name == *name && (!remark.constraint || shadow.constraint.is_some())
        }),
    };
    let remarks = turn.around.comments.iter().filter(applies);
    remarks.map(|remark| remark.statement.replacen("{table}", &table, 1)).collect()
}

/// What takes a grant back: `GRANT SELECT ON {table} TO ann` → `REVOKE SELECT ON {table} FROM ann`;
/// and what gives back to an owner what it took from itself.
fn revoke(grant: &str) -> Option<String> {
    if let Some(own) = grant.strip_prefix("REVOKE ") {
        let (what, whom) = own.split_once(" ON {table} FROM ")?;
        return Some(format!("GRANT {what} ON {{table}} TO {whom}"));
    }
    let (what, whom) = grant.strip_prefix("GRANT ")?.split_once(" ON {table} TO ")?;
    let whom = whom.strip_suffix(" WITH GRANT OPTION").unwrap_or(whom);
    Some(format!("REVOKE {what} ON {{table}} FROM {whom} CASCADE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_back_what_was_granted() {
        assert_eq!(
            revoke("GRANT SELECT (a, b) ON {table} TO \"To Whom\" WITH GRANT OPTION").as_deref(),
            Some("REVOKE SELECT (a, b) ON {table} FROM \"To Whom\" CASCADE")
        );
        assert_eq!(revoke("ALTER TABLE x"), None);
    }
}
