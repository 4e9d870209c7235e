//! The server reads our binary values as it reads their texts.

use super::bench::run;
use crate::rows::own::probe::Raw;
use crate::rows::value::{DAY, Line};

#[test]
fn binary_values_are_what_their_texts_say() {
    let database = testbed::server().database();
    let many = [0, 1, -1, 9, 10, 99, 100, 9_999, 10_000, 10_001, -12_345, 100_000_000];
    let wide = [i64::MAX, i64::MIN, 999_999_999_999_999_999, 10_000_000_000_000_000];
    let mut cases: Vec<(String, Line, Vec<i64>)> = vec![
        ("int2".into(), Line::Int2, many[..11].to_vec()),
        ("int4".into(), Line::Int4, many.to_vec()),
        ("int8".into(), Line::Int8, [&many[..], &wide[..]].concat()),
        ("oid".into(), Line::Oid, vec![0, 1, 4_000_000_000]),
        ("float4".into(), Line::Float4, many.to_vec()),
        ("float8".into(), Line::Float8, many.to_vec()),
        ("money".into(), Line::Money, many.to_vec()),
        ("date".into(), Line::Date, vec![0, -1, 8_766, 59, -700_000]),
        ("time".into(), Line::Time, vec![0, 1, DAY - 1]),
        ("timestamp".into(), Line::Timestamp, vec![0, -1, 1, 8_766 * DAY + 123_456, -DAY / 2]),
        ("timestamptz".into(), Line::Timestamp, vec![0, -1, 8_766 * DAY + 123_456]),
        ("uuid".into(), Line::Uuid, [&many[..], &wide[..]].concat()),
    ];
    for scale in 0..=10 {
        let line = Line::Numeric { scale, precision: 18 };
        cases.push(("numeric".into(), line, [&many[..], &wide[..]].concat()));
    }
    run(async {
        let client = database.client().await;
        client.batch_execute("SET timezone = 'UTC'; SET lc_monetary = 'C'").await.unwrap();
        for (sql_type, line, places) in cases {
            let query = format!("SELECT $1::{sql_type}::text, $2::text::{sql_type}::text");
            for place in places {
                let (bytes, text) = (line.bytes(place), line.text(place));
                let row = client.query_one(&query, &[&Raw(Some(&bytes)), &text]).await.unwrap();
                let (binary, wanted): (String, String) = (row.get(0), row.get(1));
                assert_eq!(binary, wanted, "{line:?} {place}");
            }
        }
    });
}
