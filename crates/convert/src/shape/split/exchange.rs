//! What is done when a partition and those that come of it change places. Pure.

use lab::catalog::{Name, quote_ident};

use super::family::{Family, Member};
use super::keys::{Key, Keys, cascade_name};
use crate::moves::{Exchange, ForeignKeyLeft, Settlement, literal, lock};
use crate::state::Side;

/// The facts of one exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The conversion's number.
    pub id: i64,
    /// Which side is live now.
    pub live: Side,
    /// The tables.
    pub family: Family,
    /// The parent's foreign keys.
    pub keys: Keys,
    /// `CREATE TRIGGER …` and `ALTER TABLE … ENABLE ALWAYS TRIGGER …` of the log of the new partitions, with `{table}`
    /// in place of the table.
    pub log_trigger: Vec<String>,
    /// Its name, quoted.
    pub log_trigger_name: String,
    /// Foreign keys that partitions have from the parent: the partition's OID and the key's name there, quoted.
    pub inherited: Vec<(u32, String)>,
    /// Renames among the tables: the old partition's two names, and of each new one.
    pub names: Names,
}

/// The names before and after, unquoted; the schema stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Names {
    /// The old partition's when live.
    pub old_live: String,
    /// And when not.
    pub old_parked: String,
    /// Of each new partition, in the order of [`Family::new`]: when live, and when not.
    pub new: Vec<(String, String)>,
}

/// The exchange in the direction that `facts.live` says.
pub fn exchange(facts: &Facts) -> Exchange {
    let family = &facts.family;
    let parent = &family.parent;
    let mut statements = vec![same_partitions(facts)];
    for key in &facts.keys.incoming {
        statements.push(format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            key.table,
            quote_ident(&key.name)
        ));
    }
    let old =
        Place { member: &family.old, live: &facts.names.old_live, parked: &facts.names.old_parked };
    let new: Vec<_> = family
        .new
        .iter()
        .zip(&facts.names.new)
        .map(|(member, (live, parked))| Place { member, live, parked })
        .collect();
    match facts.live {
        Side::Source => {
            statements.push(detach(parent, &old.member.name));
            statements.extend(drop_inherited(facts, old.member));
            statements.extend(old.rename(old.parked));
            for place in &new {
                statements.push(detach(&family.staging, &place.member.name));
                statements.extend(drop_cascades(facts, &place.member.name));
                statements.extend(place.rename(place.live));
                statements.extend(log(facts, &place.at(place.live)));
                statements.push(attach(parent, &place.at(place.live), &place.member.bound));
            }
        }
        Side::Target => {
            for place in &new {
                let name = &place.member.name;
                statements.push(detach(parent, name));
                statements.extend(drop_inherited(facts, place.member));
                statements.push(format!("DROP TRIGGER {} ON {name}", facts.log_trigger_name));
                statements.extend(place.rename(place.parked));
                let parked = place.at(place.parked);
                statements.push(attach(&family.staging, &parked, &place.member.bound));
            }
            statements.extend(drop_cascades(facts, &old.member.name));
            statements.extend(old.rename(old.live));
            statements.push(attach(parent, &old.at(old.live), &old.member.bound));
        }
    }
    for key in &facts.keys.incoming {
        statements.push(format!(
            "ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID",
            key.table,
            quote_ident(&key.name),
            key.definition
        ));
        if let Some(comment) = &key.comment {
            statements.push(format!(
                "COMMENT ON CONSTRAINT {} ON {} IS {}",
                quote_ident(&key.name),
                key.table,
                literal(comment)
            ));
        }
    }
    Exchange {
        locks: locks(facts),
        statements,
        settle: facts.keys.incoming.iter().map(validate).collect(),
        last: false,
    }
}

/// A table and its two names.
struct Place<'a> {
    member: &'a Member,
    live: &'a str,
    parked: &'a str,
}

impl Place<'_> {
    fn at(&self, name: &str) -> Name {
        Name::new(self.member.name.schema.clone(), name)
    }

    fn rename(&self, to: &str) -> Option<String> {
        (self.member.name.name != to)
            .then(|| format!("ALTER TABLE {} RENAME TO {}", self.member.name, quote_ident(to)))
    }
}

/// The parent before its partitions, as every query does; then what the statements touch besides.
fn locks(facts: &Facts) -> Vec<String> {
    let family = &facts.family;
    let exclusive = |table: &dyn std::fmt::Display| lock(&format!("ONLY {table}"));
    let mut locks = vec![exclusive(&family.parent)];
    let mut members: Vec<_> =
        family.new.iter().chain([&family.old]).chain(family.default()).collect();
    members.sort_by_key(|member| member.oid);
    locks.push(exclusive(&family.staging));
    locks.extend(members.iter().map(|member| lock(&member.name.to_string())));
    let keys = &facts.keys;
    let others = keys.outgoing.iter().map(|key| &key.references);
    let mut others: Vec<_> = others.chain(keys.incoming.iter().map(|key| &key.table)).collect();
    others.sort();
    others.dedup();
    locks.extend(others.into_iter().map(|table| exclusive(table)));
    locks
}

/// Fails the attempt when partitions came or went since the checks were made: ATTACH would scan.
fn same_partitions(facts: &Facts) -> String {
    let family = &facts.family;
    let mut members: Vec<_> = family.siblings.iter().map(|member| member.oid).collect();
    match facts.live {
        Side::Source => members.push(family.old.oid),
        Side::Target => members.extend(family.new.iter().map(|member| member.oid)),
    }
    members.sort_unstable();
    let members: Vec<_> = members.iter().map(ToString::to_string).collect();
    format!(
        "DO $check$ BEGIN
            IF (SELECT array_agg(inhrelid ORDER BY inhrelid) FROM pg_catalog.pg_inherits WHERE inhparent = {})
               IS DISTINCT FROM '{{{}}}'::oid[] THEN
                RAISE EXCEPTION 'partitions came or went meanwhile' USING HINT = 'run the same command again';
            END IF;
        END $check$",
        family.parent_oid,
        members.join(",")
    )
}

fn detach(parent: &Name, partition: &Name) -> String {
    format!("ALTER TABLE {parent} DETACH PARTITION {partition}")
}

fn attach(parent: &Name, partition: &Name, bound: &str) -> String {
    format!("ALTER TABLE {parent} ATTACH PARTITION {partition} {bound}")
}

/// A detached partition keeps its foreign keys, which would refuse what the live table allows.
fn drop_inherited(facts: &Facts, member: &Member) -> Vec<String> {
    facts
        .inherited
        .iter()
        .filter(|(table, _)| *table == member.oid)
        .map(|(_, key)| format!("ALTER TABLE {} DROP CONSTRAINT {key}", member.name))
        .collect()
}

fn drop_cascades(facts: &Facts, table: &Name) -> Vec<String> {
    (0..facts.keys.outgoing.len())
        .map(|n| format!("ALTER TABLE {table} DROP CONSTRAINT {}", cascade_name(facts.id, n)))
        .collect()
}

/// The staging table's trigger went with the detachment; this one is the partition's own.
fn log(facts: &Facts, table: &Name) -> Vec<String> {
    facts.log_trigger.iter().map(|text| text.replace("{table}", &table.to_string())).collect()
}

fn validate(key: &Key) -> Settlement {
    Settlement::ForeignKey(ForeignKeyLeft {
        name: key.name.clone(),
        table: key.table.clone(),
        references: key.references.clone(),
        on: vec![key.table.clone()],
        adopt: false,
        definition: key.definition.clone(),
        comment: key.comment.clone(),
    })
}
