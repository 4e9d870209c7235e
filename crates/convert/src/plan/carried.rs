//! What a rename leaves behind, and what becomes of each.

use lab::catalog::Name;

use super::document::Carried;
use crate::design::Design;
use crate::portrait::Portrait;
use crate::request::Shape;

/// Everything else that hangs on the table, in the order in which people ask for it.
pub(super) fn all(design: &Design) -> Vec<Carried> {
    let source = &design.source;
    let mut all =
        List { items: Vec::new(), stays: matches!(design.request.shape, Shape::Copy { .. }) };
    for index in source.indexes.iter().filter(|index| !index.unique) {
        let target = design.indexes.iter().find(|target| target.name == index.name);
        let made = match design.request.shape {
            Shape::AttachOld => "on the new table; the old one's becomes a part of it",
            _ => "built on each partition after the copy, same name",
        };
        let becomes = target.map_or("is left out", |_| made);
        all.add(format!("index {}", index.name), Some(&index.using), becomes);
    }
    for index in source.indexes.iter().filter(|index| index.valid) {
        if let Some(tablespace) = &index.tablespace {
            all.add(format!("tablespace of index {}", index.name), Some(tablespace), "the same");
        }
        if index.clustered {
            all.add(format!("CLUSTER ON {}", index.name), None, "on each partition");
        }
    }
    for check in source.constraints.iter().filter(|constraint| constraint.kind == 'c') {
        all.add(
            format!("constraint {}", check.name),
            Some(&check.definition),
            "on the new table from the start",
        );
    }
    for column in &source.columns {
        if let Some(sequence) = &column.sequence {
            let sequence = Name::new(&sequence.schema, &sequence.name);
            let becomes = match column.identity {
                Some(_) => "the new table's identity goes on from its value",
                None => "the same sequence, owned by the new table from the swap on",
            };
            all.add(format!("sequence {sequence} of {}", column.name), None, becomes);
        } else if column.generated.is_some() {
            all.add(
                format!("generated column {}", column.name),
                column.default.as_ref(),
                "computed anew",
            );
        }
    }
    own_settings(&mut all, source);
    followers(&mut all, source);
    all.items
}

/// Rights and settings, which the new table has from the start.
fn own_settings(all: &mut List, source: &Portrait) {
    for policy in &source.policies {
        all.add(format!("policy {}", policy.name), None, "on the new table from the start");
    }
    if source.row_security {
        all.add("row level security".into(), None, "enabled on the new table from the start");
    }
    for grant in &source.grants {
        let grant = grant.replacen(" {table}", "", 1).replacen(" ON", "", 1);
        all.add("grant".into(), Some(&grant), "on the new table from the start");
    }
    all.add("owner".into(), Some(&source.owner), "the same");
    for statistics in &source.statistics {
        all.add(
            format!("statistics {}", statistics.name),
            None,
            "made with the new table, renamed in the swap, analysed",
        );
    }
    if source.comment.is_some() {
        all.add("comment".into(), None, "on the new table from the start");
    }
    if !source.options.is_empty() {
        all.add("storage".into(), Some(&source.options.join(", ")), "on each partition");
    }
    if let Some(tablespace) = &source.tablespace {
        all.add("tablespace".into(), Some(tablespace), "the same");
    }
    if source.replica_identity != 'd' {
        let identity = match source.replica_identity {
            'f' => "FULL",
            'n' => "NOTHING",
            _ => "USING INDEX",
        };
        all.add("replica identity".into(), Some(&identity.to_owned()), "on each partition");
    }
}

/// What names the table, and must name the other one when these change places.
fn followers(all: &mut List, source: &Portrait) {
    for view in &source.views {
        let name = Name::new(&view.schema, &view.name);
        if view.materialized {
            let becomes = "built again over the new table after the swap, then takes its own place";
            all.changed(format!("materialized view {name}"), None, becomes);
        } else {
            all.changed(
                format!("view {name}"),
                None,
                "CREATE OR REPLACE in the swap, over the new table",
            );
        }
    }
    for trigger in &source.triggers {
        all.changed(
            format!("trigger {}", trigger.name),
            None,
            "dropped from the old and made on the new table, in the swap",
        );
    }
    for publication in &source.publications {
        let becomes = if publication.all {
            "publishes every table"
        } else {
            "DROP TABLE and ADD TABLE in the swap"
        };
        all.changed(
            format!("publication {}", publication.name),
            Some(&publication.tail).filter(|tail| !tail.is_empty()),
            becomes,
        );
    }
    for object in &source.rebound {
        all.changed(object.clone(), None, "made again in the swap, so that it names the new table");
    }
    for object in &source.dependents {
        all.changed(
            object.clone(),
            None,
            "BLOCKER dependent, unless accepted: stays with the old table",
        );
    }
}

struct List {
    items: Vec<Carried>,
    /// The table keeps its name, and what names it.
    stays: bool,
}

impl List {
    fn add(&mut self, object: String, definition: Option<&String>, becomes: &str) {
        self.items.push(Carried {
            object,
            definition: definition.cloned(),
            becomes: becomes.to_owned(),
        });
    }

    /// Something that is moved from the old to the new table when these change places.
    fn changed(&mut self, object: String, definition: Option<&String>, becomes: &str) {
        self.add(
            object,
            definition,
            if self.stays { "stays with the table that stays" } else { becomes },
        );
    }
}
