//! Publications name tables by OID: the table that takes over takes the place in them too.

use lab::catalog::quote_ident;

use super::Turn;
use crate::portrait::Publication;

/// Before the renames.
pub(crate) fn take_off(turn: &Turn<'_>) -> Vec<String> {
    let table = turn.live_name();
    named(turn)
        .map(|of| format!("ALTER PUBLICATION {} DROP TABLE {table}", quote_ident(&of.name)))
        .collect()
}

/// After the renames.
pub(crate) fn put_on(turn: &Turn<'_>) -> Vec<String> {
    let table = turn.live_name();
    named(turn)
        .map(|of| {
            let (name, tail) = (quote_ident(&of.name), of.tail.trim());
            let space = if tail.is_empty() { "" } else { " " };
            format!("ALTER PUBLICATION {name} ADD TABLE {table}{space}{tail}")
        })
        .collect()
}

/// Those that name the table itself.
fn named<'a>(turn: &Turn<'a>) -> impl Iterator<Item = &'a Publication> {
    turn.live.publications.iter().filter(|publication| !publication.all)
}
