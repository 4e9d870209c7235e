//! What hangs on the table and would get lost or do harm: triggers, views, publications, users of
//! its row type.

use lab::catalog::{Name, quote_ident};

use super::{accept, blocker};
use crate::design::{Blocker, Design};
use crate::request::Shape;

pub(super) fn all(design: &Design) -> Vec<Blocker> {
    let is_copy = matches!(design.request.shape, Shape::Copy { .. });
    // They stay with the table that stays.
    let mut found = if is_copy {
        Vec::new()
    } else {
        [triggers(design), views(design), dependents(design)].concat()
    };
    found.extend(publications(design));
    found
}

fn triggers(design: &Design) -> Vec<Blocker> {
    let table = Name::new(&design.source.schema, &design.source.name);
    let unfit = design.source.triggers.iter().filter(|trigger| trigger.row && trigger.transition);
    unfit
        .map(|trigger| {
            let name = quote_ident(&trigger.name);
            blocker(
                "trigger",
                format!("trigger {name}"),
                "a row trigger of a partitioned table can have no transition table",
                vec![
                    "make it FOR EACH STATEMENT".into(),
                    format!("DROP TRIGGER {name} ON {table}"),
                ],
            )
        })
        .collect()
}

fn views(design: &Design) -> Vec<Blocker> {
    let changed =
        design.indexes.iter().any(|index| index.constraint == Some('p') && !index.added.is_empty());
    let broken = design.source.views.iter().filter(|view| view.needs_key && changed);
    broken
        .map(|view| {
            let name = Name::new(&view.schema, &view.name);
            blocker(
                "view",
                format!("view {name}"),
                "its GROUP BY relies on the primary key, which gets more columns",
                vec![format!(
                    "CREATE OR REPLACE VIEW {name} with every selected column in GROUP BY"
                )],
            )
        })
        .collect()
}

fn dependents(design: &Design) -> Vec<Blocker> {
    let of_type = "it is bound to the old table's row type, or to one of its partitions, and would stay with these";
    let found = design.source.dependents.iter().map(|object| {
        blocker(
            "dependent",
            object.clone(),
            of_type,
            vec![
                "drop it, and make it again after the swap".into(),
                accept("dependent", "it stays with the old table"),
            ],
        )
    });
    found.collect()
}

fn publications(design: &Design) -> Vec<Blocker> {
    let mut found = Vec::new();
    for publication in &design.source.publications {
        let name = quote_ident(&publication.name);
        let object = format!("publication {name}");
        if publication.all {
            found.push(blocker(
                "publication-all",
                object,
                "it publishes every table, and so the new one and the log from their first row: subscribers that lack these tables stop",
                vec![
                    format!("a publication that names its tables: CREATE PUBLICATION … FOR TABLE …, then DROP PUBLICATION {name}"),
                    accept("publication-all", "subscribers must have the new tables before, and get each row twice"),
                ],
            ));
        } else if !publication.via_root
            && matches!(design.request.shape, Shape::Table | Shape::AttachOld)
        {
            found.push(blocker(
                "publication-partitions",
                object,
                "it would publish each partition under its own name, which subscribers do not know",
                vec![
                    format!("ALTER PUBLICATION {name} SET (publish_via_partition_root = true)"),
                    accept(
                        "publication-partitions",
                        "subscribers must have the partitions before the swap",
                    ),
                ],
            ));
        }
    }
    found
}
