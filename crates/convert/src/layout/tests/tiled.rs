//! Whatever the rows, the step and the time zone: parts without gap and overlap.

use proptest::prelude::*;

use super::*;

fn every() -> impl Strategy<Value = Every> {
    prop_oneof![
        Just(Every::Day),
        Just(Every::Week),
        Just(Every::Month),
        Just(Every::Quarter),
        Just(Every::Year)
    ]
}

fn zone() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("UTC"),
        Just("Europe/Berlin"),
        Just("America/Sao_Paulo"),
        Just("America/Havana"),
        Just("Pacific/Apia"),
        Just("Asia/Kathmandu"),
        Just("Africa/Monrovia"),
        Just("Africa/Casablanca"),
    ]
}

/// Seconds from 1900 to 2080.
fn second() -> impl Strategy<Value = i64> {
    -2_208_988_800_i64..3_471_292_800
}

proptest! {
    #[test]
    fn time_is_tiled(
        base_type in prop_oneof![Just("timestamptz"), Just("timestamp"), Just("date"), Just("uuid")],
        every in every(), zone in zone(), from in second(), width in 0_i64..200_000_000,
    ) {
        let from = if base_type == "uuid" { from.abs() } else { from };
        let unit = |second: i64| match base_type {
            "date" => i128::from(second.div_euclid(86_400)),
            "uuid" => i128::from(second) * 1_000,
            _ => i128::from(second) * 1_000_000 + 999_999,
        };
        let (least, greatest) = (unit(from), unit(from + width));
        let portrait = portrait(base_type, None);
        let request = request(Shape::Table, range(every), Some(zone));
        let facts = range_facts(Some((least, greatest)), "1970-01-01T00:00:00Z");
        // From before 1970 by days may be too many, which is said without making them.
        prop_assume!(every != Every::Day || from > -200_000_000);
        prop_assume!(every != Every::Week || from > -2_000_000_000);
        let layout = of(&request, &portrait, &facts).unwrap();
        let axis = Axis::of(&portrait.columns[0], Some(zone)).unwrap();
        let (first, last) = assert_tiles(&layout, &axis);
        prop_assert!(first <= least && greatest < last);
    }

    #[test]
    fn integers_are_tiled(step in 1_i64..1_000_000, least in any::<i64>(), rows in 0_i64..1_000) {
        let greatest = least.saturating_add(rows.saturating_mul(step));
        let portrait = portrait("int8", None);
        let request = request(Shape::Table, range(Every::Step(step)), None);
        let (least, greatest) = (i128::from(least), i128::from(greatest));
        let facts = range_facts(Some((least, greatest)), "1970-01-01T00:00:00Z");
        let layout = of(&request, &portrait, &facts).unwrap();
        let axis = Axis::of(&portrait.columns[0], None).unwrap();
        let (first, last) = assert_tiles(&layout, &axis);
        prop_assert!(first <= least && greatest < last);
    }

    #[test]
    fn a_split_tiles_what_it_splits(
        every in every(), zone in zone(), from in second(), width in 172_800_i64..100_000_000,
        open in 0..4,
    ) {
        let axis = Axis::Timestamptz(time_zone(zone).unwrap());
        let (low, high) = (i128::from(from) * 1_000_000, i128::from(from + width) * 1_000_000);
        let text = |at| axis.literal(at).unwrap();
        let from = if open & 1 == 1 { "MINVALUE".to_owned() } else { text(low) };
        let to = if open & 2 == 2 { "MAXVALUE".to_owned() } else { text(high) };
        let bound = format!("FOR VALUES FROM ({from}) TO ({to})");
        let portrait = portrait("timestamptz", Some(("RANGE (at)", &bound)));
        let request = request(Shape::Split, range(every), Some(zone));
        // The rows lie within the partition.
        let facts = range_facts(Some((low + 1, high - 1)), "1900-01-01T00:00:00Z");
        match of(&request, &portrait, &facts) {
            Ok(layout) => {
                let parts = parts(&layout);
                assert_tiles(&layout, &axis);
                prop_assert_eq!(&parts[0].1, &unquoted(&from));
                prop_assert_eq!(&parts[parts.len() - 1].2, &unquoted(&to));
                prop_assert!(parts.len() > 1);
            }
            Err(error) => {
                let text = error.to_string();
                prop_assert!(text.contains("holds all of"), "{}", text);
            }
        }
    }
}
