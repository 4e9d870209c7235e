//! What the server reads in our bytes.

use bytes::{Buf, BytesMut};
use testbed::server;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::Fields;

/// A value in its binary format, whatever its type.
#[derive(Debug)]
pub struct Raw(Vec<u8>);

impl ToSql for Raw {
    fn to_sql(
        &self,
        _: &Type,
        buffer: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        buffer.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The values that `write` has written; none of them may be NULL.
pub fn written(write: impl FnOnce(&mut Fields<'_>)) -> Vec<Raw> {
    let mut buffer = BytesMut::new();
    write(&mut Fields(&mut buffer));
    let mut values = Vec::new();
    while buffer.has_remaining() {
        let length = usize::try_from(buffer.get_i32()).expect("no NULL");
        values.push(Raw(buffer.split_to(length).to_vec()));
    }
    values
}

impl Raw {
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.0).expect("text")
    }
}

#[tokio::test]
async fn a_numeric_is_the_number_with_its_scale() {
    let client = server().database().client().await;
    let read = client.prepare("SELECT ($1::numeric)::text").await.unwrap();
    for (value, scale, wanted) in [
        (0, 0, "0"),
        (0, 2, "0.00"),
        (5, 2, "0.05"),
        (-5, 2, "-0.05"),
        (5, 5, "0.00005"),
        (100, 2, "1.00"),
        (-1, 0, "-1"),
        (9_999, 0, "9999"),
        (10_000, 0, "10000"),
        (1_234_567_890, 2, "12345678.90"),
        (-1_234_567_890, 5, "-12345.67890"),
        (i64::MAX, 0, "9223372036854775807"),
        (i64::MAX, 2, "92233720368547758.07"),
        (i64::MAX, 5, "92233720368547.75807"),
        (i64::MIN, 5, "-92233720368547.75808"),
    ] {
        let sent = written(|fields| fields.numeric(value, scale)).remove(0);
        let row = client.query_one(&read, &[&sent]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), wanted, "{value} with {scale}");
    }
}
