//! Whatever names the table and is bound to its OID is made again in its place, keeping its own OID:
//! grants on it, and what depends on it in turn, stay.

use lab::catalog::{Name, quote_ident};

use super::{Settlement, Turn};
use crate::portrait::View;

/// A view is locked before the table, as its readers do it. `LOCK TABLE view` would lock all
/// tables beneath it too; giving it to the owner it has locks the view alone and changes nothing.
pub(crate) fn locks(turn: &Turn<'_>) -> Vec<String> {
    let owned = |view: &View| {
        let owner = turn.around.owners.get(&view.oid)?;
        Some(format!("ALTER VIEW {} OWNER TO {}", name(view), quote_ident(owner)))
    };
    plain(turn).filter_map(owned).collect()
}

/// After the renames. Options are part of it: CREATE OR REPLACE would forget them.
pub(crate) fn put_on(turn: &Turn<'_>) -> Vec<String> {
    let replace = |view: &View| {
        let options = match view.options.as_slice() {
            [] => String::new(),
            options => format!(" WITH ({})", options.join(", ")),
        };
        format!("CREATE OR REPLACE VIEW {}{options} AS {}", name(view), view.definition)
    };
    let views = plain(turn).map(replace);
    views.chain(turn.around.replace.iter().cloned()).collect()
}

/// Materialised views cannot be replaced: a copy is built when nobody waits any more.
pub(crate) fn settle(turn: &Turn<'_>) -> Vec<Settlement> {
    let views = turn.live.views.iter().filter(|view| view.materialized);
    let mut settle: Vec<Settlement> = views
        .map(|view| Settlement::MaterializedView {
            schema: view.schema.clone(),
            name: view.name.clone(),
            definition: view.definition.clone(),
        })
        .collect();
    // One that waited for another to be built again still is bound to that one's old self.
    let waits = turn.pending.iter().filter(|left| {
        matches!(left, Settlement::MaterializedView { .. }) && !settle.contains(left)
    });
    let waits: Vec<Settlement> = waits.cloned().collect();
    settle.extend(waits);
    settle
}

fn plain<'a>(turn: &Turn<'a>) -> impl Iterator<Item = &'a View> {
    turn.live.views.iter().filter(|view| !view.materialized)
}

fn name(view: &View) -> Name {
    Name::new(&view.schema, &view.name)
}
