//! Layouts tile: no gap, no overlap, from the oldest row to beyond the newest.

mod tiled;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::request::Every;

const COLUMN: &str = "at";

/// A table `t` with one column, as a partition of `parent` with that bound if one is given.
fn portrait(base_type: &str, parent: Option<(&str, &str)>) -> Portrait {
    let parent = parent.map(|(key, bound)| {
        json!({"oid": 1, "schema": "public", "name": "parent", "partition_key": key,
               "bound": bound, "default": null, "siblings": []})
    });
    // As text: the macro's recursion does not reach that far.
    let mut portrait: serde_json::Value = serde_json::from_str(
        r#"{
        "oid": 2, "schema": "public", "name": "t", "kind": "r", "persistence": "p", "owner": "o",
        "partition_key": null, "partition_columns": [], "parent": null, "leaves": [], "tree": [2],
        "indexes": [], "constraints": [], "foreign_keys_out": [], "foreign_keys_in": [],
        "triggers": [], "policies": [], "row_security": false, "force_row_security": false,
        "views": [], "publications": [], "statistics": [], "grants": [], "comment": null,
        "options": [], "tablespace": null, "replica_identity": "d", "rules": [],
        "inheritance": [], "dependents": [], "extension": null, "rows": null, "heap_bytes": 0,
        "index_bytes": 0,
        "columns": [{"not_null": true, "default": null, "identity": null, "generated": null, "sequence": null}]
        }"#,
    )
    .unwrap();
    portrait["parent"] = json!(parent);
    for key in ["data_type", "base_type"] {
        portrait["columns"][0][key] = json!(base_type);
    }
    portrait["columns"][0]["name"] = json!(COLUMN);
    serde_json::from_value(portrait).unwrap()
}

fn request(shape: Shape, level: Level, zone: Option<&str>) -> Request {
    Request {
        shape,
        levels: vec![level],
        default: false,
        ahead: 2,
        time_zone: zone.map(str::to_owned),
        names: Vec::new(),
        unique: std::collections::BTreeMap::new(),
        accept: Vec::new(),
    }
}

fn range(every: Every) -> Level {
    Level::Range { column: COLUMN.to_owned(), every }
}

fn range_facts(ends: Option<(i128, i128)>, now: &str) -> Facts {
    let now: Timestamp = now.parse().unwrap();
    Facts {
        now: now.as_microsecond(),
        extents: vec![Extent::Range { ends, outside: None }],
        taken: BTreeSet::new(),
    }
}

/// Name, lower and upper value of each partition.
fn parts(layout: &Layout) -> Vec<(String, String, String)> {
    let ends = |bound: &str| match Bound::read(bound) {
        Some(Bound::Range(from, to)) => (from[0].clone(), to[0].clone()),
        other => panic!("{bound}: {other:?}"),
    };
    layout
        .parts
        .iter()
        .map(|part| {
            let (from, to) = ends(&part.bound);
            (part.name.clone(), unquoted(&from), unquoted(&to))
        })
        .collect()
}

fn names(layout: &Layout) -> Vec<&str> {
    layout.parts.iter().map(|part| part.name.as_str()).collect()
}

/// Asserts that each partition ends where the next begins, and that none is empty.
fn assert_tiles(layout: &Layout, axis: &Axis) -> (i128, i128) {
    let parts = parts(layout);
    for pair in parts.windows(2) {
        assert_eq!(pair[0].2, pair[1].1, "{pair:?}");
    }
    let at = |text: &str| match text {
        "MINVALUE" => i128::MIN,
        "MAXVALUE" => i128::MAX,
        text => axis.parse(text).unwrap_or_else(|| panic!("{text}")),
    };
    for (name, from, to) in &parts {
        assert!(at(from) < at(to), "{name}: {from} to {to}");
    }
    let unique: BTreeSet<_> = parts.iter().map(|(name, ..)| name).collect();
    assert_eq!(unique.len(), parts.len(), "names are not unique: {parts:#?}");
    (at(&parts[0].1), at(&parts[parts.len() - 1].2))
}

fn day(text: &str) -> i128 {
    Axis::Date.parse(text).unwrap()
}

#[test]
fn quarters_from_the_oldest_row_to_so_many_beyond_the_present() {
    let ends = Some((day("2024-02-10"), day("2024-05-01")));
    let request = request(Shape::Table, range(Every::Quarter), None);
    let layout = of(&request, &portrait("date", None), &range_facts(ends, "2024-08-31T12:00:00Z"));
    let layout = layout.unwrap();
    assert_eq!(layout.key, "RANGE (at)");
    let names = names(&layout);
    assert_eq!(names, ["t_2024_q1", "t_2024_q2", "t_2024_q3", "t_2024_q4", "t_2025_q1"]);
    assert_eq!(layout.parts[0].bound, "FOR VALUES FROM ('2024-01-01') TO ('2024-04-01')");
}

#[test]
fn each_width_has_its_names() {
    for (every, first) in [
        (Every::Day, "t_2026_01_01"),
        (Every::Week, "t_2026_w01"),
        (Every::Month, "t_2026_01"),
        (Every::Quarter, "t_2026_q1"),
        (Every::Year, "t_2026"),
    ] {
        let request = request(Shape::Table, range(every), None);
        let facts = range_facts(None, "2026-01-01T00:00:00Z");
        let layout = of(&request, &portrait("timestamp", None), &facts).unwrap();
        assert_eq!((layout.parts.len(), names(&layout)[0]), (3, first));
    }
    // The week of New Year's Day 2027 began in 2026, and belongs to it.
    let request = request(Shape::Table, range(Every::Week), None);
    let facts = range_facts(None, "2027-01-01T00:00:00Z");
    let layout = of(&request, &portrait("date", None), &facts).unwrap();
    assert_eq!(names(&layout), ["t_2026_w53", "t_2027_w01", "t_2027_w02"]);
}

#[test]
fn moments_need_a_zone_and_carry_their_offset() {
    let portrait = portrait("timestamptz", None);
    let facts = range_facts(None, "2024-03-31T00:30:00Z");
    let without = request(Shape::Table, range(Every::Month), None);
    let error = of(&without, &portrait, &facts).unwrap_err();
    assert!(error.to_string().contains("--time-zone"), "{error}");

    let berlin = request(Shape::Table, range(Every::Day), Some("Europe/Berlin"));
    let layout = of(&berlin, &portrait, &facts).unwrap();
    // 31 March 2024 has 23 hours there.
    let (name, from, to) = &parts(&layout)[0];
    assert_eq!(name, "t_2024_03_31");
    assert_eq!(
        (from.as_str(), to.as_str()),
        ("2024-03-31 00:00:00+01:00", "2024-04-01 00:00:00+02:00")
    );
}

#[test]
fn a_midnight_that_does_not_exist_is_the_first_moment_of_the_day() {
    let request = request(Shape::Table, range(Every::Day), Some("America/Sao_Paulo"));
    let facts = range_facts(None, "2018-11-04T12:00:00Z");
    let layout = of(&request, &portrait("timestamptz", None), &facts).unwrap();
    assert_eq!(parts(&layout)[0].1, "2018-11-04 01:00:00-02:00");
}

#[test]
fn a_day_that_a_zone_skips_has_no_partition() {
    let request = request(Shape::Table, range(Every::Day), Some("Pacific/Apia"));
    let facts = range_facts(None, "2011-12-30T08:00:00Z");
    let layout = of(&request, &portrait("timestamptz", None), &facts).unwrap();
    assert_eq!(names(&layout)[..2], ["t_2011_12_29", "t_2011_12_31"]);
    let axis = Axis::Timestamptz(time_zone("Pacific/Apia").unwrap());
    assert_tiles(&layout, &axis);
}

#[test]
fn integers_end_with_their_type() {
    let request = request(Shape::Table, range(Every::Step(10_000)), None);
    let facts = range_facts(Some((-32_768, 32_767)), "2024-01-01T00:00:00Z");
    let layout = of(&request, &portrait("int2", None), &facts).unwrap();
    let parts = parts(&layout);
    let first = ("t_minus_40000".to_owned(), "MINVALUE".to_owned(), "-30000".to_owned());
    assert_eq!(parts[0], first);
    assert_eq!(parts[parts.len() - 1].2, "MAXVALUE");
    assert_eq!(parts.len(), 8);
}

#[test]
fn uuids_are_cut_at_the_first_millisecond_of_a_period() {
    let request = request(Shape::Table, range(Every::Month), Some("UTC"));
    let facts = range_facts(None, "2024-01-15T00:00:00Z");
    let layout = of(&request, &portrait("uuid", None), &facts).unwrap();
    assert_eq!(parts(&layout)[0].1, "018cc251-f400-0000-0000-000000000000");
}

#[test]
fn east_of_greenwich_the_first_uuids_have_a_partition_too() {
    let request = request(Shape::Table, range(Every::Month), Some("Asia/Kathmandu"));
    let facts = range_facts(Some((0, 1_000)), "1970-01-10T00:00:00Z");
    let parts = parts(&of(&request, &portrait("uuid", None), &facts).unwrap());
    assert_eq!(parts[0].0, "t_1970_01");
    assert_eq!(parts[0].1, "00000000-0000-0000-0000-000000000000");
}

#[test]
fn a_stray_value_is_named_by_what_it_would_cost() {
    let ends = Some((day("0001-01-01 BC"), day("2024-05-01")));
    let request = request(Shape::Table, range(Every::Day), None);
    let facts = range_facts(ends, "2024-01-01T00:00:00Z");
    let error = of(&request, &portrait("date", None), &facts).unwrap_err().to_string();
    assert!(error.contains("739,"), "{error}");
    let ends = Some((i128::from(i64::MIN), i128::from(i64::MAX)));
    let error = of(&request, &portrait("date", None), &range_facts(ends, "2024-01-01T00:00:00Z"));
    assert!(error.unwrap_err().to_string().contains("partitions"));
}

#[test]
fn rows_outside_every_period_need_a_default() {
    let mut request = request(Shape::Table, range(Every::Month), None);
    let mut facts = range_facts(None, "2024-01-01T00:00:00Z");
    facts.extents = vec![Extent::Range { ends: None, outside: Some("infinity".to_owned()) }];
    let error = of(&request, &portrait("date", None), &facts).unwrap_err().to_string();
    assert!(error.contains("infinity") && error.contains("--default"), "{error}");
    request.default = true;
    let layout = of(&request, &portrait("date", None), &facts).unwrap();
    assert_eq!(layout.parts.last().unwrap().bound, "DEFAULT");
}

#[test]
fn lists_have_a_partition_a_value() {
    let mut request = request(Shape::Table, Level::List { column: COLUMN.to_owned() }, None);
    request.default = true;
    let values = ["default", "It's", "EU West", "eu-west"].map(str::to_owned).to_vec();
    let facts = Facts {
        now: 0,
        extents: vec![Extent::List { values, nulls: true }],
        taken: BTreeSet::from(["t_it_s".to_owned()]),
    };
    let layout = of(&request, &portrait("text", None), &facts).unwrap();
    assert_eq!(
        names(&layout),
        ["t_default_2", "t_it_s_2", "t_eu_west", "t_eu_west_2", "t_null", "t_default"]
    );
    assert_eq!(layout.parts[1].bound, "FOR VALUES IN ('It''s')");
    assert_eq!(layout.parts[4].bound, "FOR VALUES IN (NULL)");
}

#[test]
fn two_levels_name_both() {
    let mut request = request(Shape::Table, Level::List { column: COLUMN.to_owned() }, None);
    request.levels.push(Level::Hash { column: COLUMN.to_owned(), partitions: 2 });
    let values = vec!["a".to_owned(), "b".to_owned()];
    let facts = Facts {
        now: 0,
        extents: vec![Extent::List { values, nulls: false }, Extent::Hash],
        taken: BTreeSet::new(),
    };
    let layout = of(&request, &portrait("text", None), &facts).unwrap();
    let leaves: Vec<_> = layout.leaves().iter().map(|part| part.name.as_str()).collect();
    assert_eq!(leaves, ["t_a_p0", "t_a_p1", "t_b_p0", "t_b_p1"]);
    request.names = vec!["one".to_owned(), "two".to_owned()];
    let layout = of(&request, &portrait("text", None), &facts).unwrap();
    let leaves: Vec<_> = layout.leaves().iter().map(|part| part.name.as_str()).collect();
    assert_eq!(leaves, ["one_p0", "one_p1", "two_p0", "two_p1"]);
    request.names.push("three".to_owned());
    assert!(of(&request, &portrait("text", None), &facts).is_err());
}

#[test]
fn a_month_is_split_into_four_weeks_counted_from_its_first_day() {
    for (base_type, zone, bound) in [
        ("date", None, "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')"),
        ("timestamp", None, "FOR VALUES FROM ('2024-02-01 00:00:00') TO ('2024-03-01 00:00:00')"),
        (
            "timestamptz",
            Some("Europe/Berlin"),
            "FOR VALUES FROM ('2024-01-31 23:00:00+00') TO ('2024-02-29 23:00:00+00')",
        ),
    ] {
        let portrait = portrait(base_type, Some(("RANGE (at)", bound)));
        let request = request(Shape::Split, range(Every::Week), zone);
        let layout = of(&request, &portrait, &range_facts(None, "2026-01-01T00:00:00Z")).unwrap();
        assert_eq!(names(&layout), ["t_week1", "t_week2", "t_week3", "t_week4"]);
        let axis = Axis::of(&portrait.columns[0], zone).unwrap();
        let (from, to) = assert_tiles(&layout, &axis);
        assert_eq!(axis.date(from).unwrap().to_string(), "2024-02-01");
        assert_eq!(axis.date(to).unwrap().to_string(), "2024-03-01");
        let second = axis.parse(&parts(&layout)[1].1).unwrap();
        assert_eq!(axis.date(second).unwrap().to_string(), "2024-02-08");
    }
}

#[test]
fn hash_buckets_are_divided() {
    let bound = "FOR VALUES WITH (modulus 4, remainder 1)";
    let portrait = portrait("int8", Some(("HASH (at)", bound)));
    let level = Level::Hash { column: COLUMN.to_owned(), partitions: 2 };
    let mut facts = range_facts(None, "2024-01-01T00:00:00Z");
    facts.extents = vec![Extent::Hash];
    let layout = of(&request(Shape::Split, level, None), &portrait, &facts).unwrap();
    let bounds: Vec<_> = layout.parts.iter().map(|part| part.bound.as_str()).collect();
    assert_eq!(
        bounds,
        ["FOR VALUES WITH (MODULUS 8, REMAINDER 1)", "FOR VALUES WITH (MODULUS 8, REMAINDER 5)"]
    );
    assert_eq!(names(&layout), ["parent_p8_1", "parent_p8_5"]);
}

#[test]
fn buckets_named_by_their_remainder_stay_so() {
    let bound = "FOR VALUES WITH (modulus 4, remainder 1)";
    let mut portrait = portrait("int8", Some(("HASH (at)", bound)));
    "t_p1".clone_into(&mut portrait.name);
    let level = Level::Hash { column: COLUMN.to_owned(), partitions: 3 };
    let mut facts = range_facts(None, "2024-01-01T00:00:00Z");
    facts.extents = vec![Extent::Hash];
    facts.taken.insert("t_p9".to_owned());
    let layout = of(&request(Shape::Split, level, None), &portrait, &facts).unwrap();
    assert_eq!(names(&layout), ["t_p1", "t_p5", "parent_p12_9"]);
}

/// April and the rest of May, but for what siblings hold; DEFAULT keeps its name.
#[test]
fn a_default_partition_gives_away_the_periods_of_its_rows() {
    let mut portrait = portrait("date", Some(("RANGE (at)", "DEFAULT")));
    let parent = portrait.parent.as_mut().unwrap();
    parent.siblings = vec![
        "FOR VALUES FROM ('2024-05-01') TO ('2024-05-11')".to_owned(),
        "FOR VALUES FROM (MINVALUE) TO ('2024-04-01')".to_owned(),
    ];
    let ends = Some((day("2024-04-10"), day("2024-05-20")));
    let facts = range_facts(ends, "2026-03-15T00:00:00Z");
    let layout = of(&request(Shape::Split, range(Every::Month), None), &portrait, &facts).unwrap();
    let bounds: Vec<_> = layout.parts.iter().map(|part| part.bound.as_str()).collect();
    assert_eq!(
        bounds,
        [
            "FOR VALUES FROM ('2024-04-01') TO ('2024-05-01')",
            "FOR VALUES FROM ('2024-05-11') TO ('2024-06-01')",
            "DEFAULT"
        ]
    );
    assert_eq!(names(&layout), ["parent_2024_04", "parent_2024_05", "t"]);
    let empty = range_facts(None, "2026-03-15T00:00:00Z");
    let error = of(&request(Shape::Split, range(Every::Month), None), &portrait, &empty);
    assert!(error.unwrap_err().to_string().contains("no row"));
}

#[test]
fn the_old_table_becomes_the_first_partition() {
    let request = request(Shape::AttachOld, range(Every::Month), None);
    let ends = Some((day("2020-02-10"), day("2024-05-01")));
    let facts = range_facts(ends, "2024-03-15T00:00:00Z");
    let layout = of(&request, &portrait("date", None), &facts).unwrap();
    assert_eq!(names(&layout), ["t_old", "t_2024_07", "t_2024_08"]);
    assert_eq!(layout.parts[0].bound, "FOR VALUES FROM (MINVALUE) TO ('2024-07-01')");
}

#[test]
fn a_split_takes_column_and_strategy_from_the_parent() {
    let bound = "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')";
    let portrait = portrait("date", Some(("RANGE (at)", bound)));
    let empty = Level::Range { column: String::new(), every: Every::Week };
    let completed = request(Shape::Split, empty, None).completed(&portrait).unwrap();
    assert_eq!(completed.levels[0].column(), COLUMN);
    let hash = Level::Hash { column: COLUMN.to_owned(), partitions: 2 };
    let error = request(Shape::Split, hash, None).completed(&portrait).unwrap_err();
    assert!(error.to_string().contains("RANGE (at)"), "{error}");
}
