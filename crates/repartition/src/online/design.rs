//! What the engine is asked for, scenario by scenario.

use std::collections::BTreeMap;

use convert::design::{self, Design, TargetIndex};
use convert::layout::{Extent, Facts};
use convert::request::{Every, Level, Request, Shape};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use lab::{Error, Result, catalog};
use tokio_postgres::Client;

use crate::layout::{USERS, USERS_BY_DATE};
use crate::scenario::Scenario;

/// The table that the engine converts: a partition where others take its place.
pub fn source(scenario: Scenario) -> &'static str {
    match scenario {
        Scenario::Add => "event_logs_default",
        Scenario::Split => "event_logs_2024_02",
        Scenario::Migrate => USERS,
        // No rows move from one partition to another.
        Scenario::Detach | Scenario::Cleanup => "",
    }
}

/// The decision for `scenario`: the partitions are those of its script, whatever the rows are.
pub async fn design(client: &Client, scenario: Scenario) -> Result<Design> {
    let table = source(scenario);
    let oid = catalog::find_table(client, &format!("public.{table}")).await?;
    let oid = oid.ok_or_else(|| {
        Error::failed(format!("{table} does not exist")).next("cargo run -p repartition -- cleanup")
    })?;
    let (shape, column, every) = match scenario {
        Scenario::Migrate => {
            let copy = Shape::Copy { name: USERS_BY_DATE.to_owned() };
            (copy, "registration_date", Every::Quarter)
        }
        Scenario::Add => (Shape::Split, "created_at", Every::Month),
        _ => (Shape::Split, "created_at", Every::Week),
    };
    let request = Request {
        shape,
        levels: vec![Level::Range { column: column.to_owned(), every }],
        default: true,
        ahead: 0,
        time_zone: None,
        names: Vec::new(),
        unique: BTreeMap::new(),
        accept: Vec::new(),
    };
    let mut design =
        design::decide_with(client, oid, &request, |facts| correct(scenario, facts)).await?;
    if scenario == Scenario::Migrate {
        instead_of_the_primary_key(&mut design);
    }
    Ok(design)
}

/// April, though the DEFAULT holds rows of the months after it, or none; two years, though users
/// may have come later.
fn correct(scenario: Scenario, facts: &mut Facts) {
    const DAY: i64 = 86_400;
    let seconds =
        |date: Date| date.to_zoned(TimeZone::UTC).map_or(0, |at| at.timestamp().as_second());
    let ends = match scenario {
        Scenario::Add => {
            let april = i128::from(seconds(date(2024, 4, 15))) * 1_000_000;
            (april, april)
        }
        Scenario::Migrate => {
            let day = |date| i128::from(seconds(date) / DAY);
            (day(date(2023, 1, 1)), day(date(2024, 12, 31)))
        }
        Scenario::Split | Scenario::Detach | Scenario::Cleanup => return,
    };
    facts.now = seconds(date(2024, 1, 1)) * 1_000_000;
    for extent in &mut facts.extents {
        *extent = Extent::Range { ends: Some(ends), outside: None };
    }
}

/// A primary key would have to contain `registration_date`, which may be NULL. A unique key in which
/// NULLs are equal is as near as one comes to it.
fn instead_of_the_primary_key(design: &mut Design) {
    for index in &mut design.indexes {
        if index.constraint == Some('p') {
            *index = TargetIndex {
                name: format!("{USERS_BY_DATE}_id_registration_date_key"),
                using: "btree (id, registration_date) NULLS NOT DISTINCT".to_owned(),
                constraint: Some('u'),
                ..index.clone()
            };
        } else {
            // Names of indexes are unique in a schema, and the source keeps its own.
            index.name = index.name.replacen(USERS, USERS_BY_DATE, 1);
        }
    }
    design.blockers.retain(|blocker| blocker.code != "nullable-partition-column");
}
