//! The values of rows in PostgreSQL's binary format, as `Bind` and binary `COPY` both take them:
//! each its length in bytes (big-endian, -1 for NULL) and then the bytes.

use std::net::IpAddr;

use bytes::{BufMut, BytesMut};
use postgres_protocol::types::{date_to_sql, inet_to_sql, time_to_sql, timestamp_to_sql};

#[cfg(test)]
pub mod on_server;

/// Appends values to a message.
pub struct Fields<'a>(pub &'a mut BytesMut);

impl Fields<'_> {
    /// NULL.
    pub fn null(&mut self) {
        self.0.put_i32(-1);
    }

    /// A value whose binary format `write` appends.
    pub fn put(&mut self, write: impl FnOnce(&mut BytesMut)) {
        let start = self.0.len();
        self.0.put_i32(0);
        write(self.0);
        // A value has at most 1 GB, or the server refuses it.
        let length = i32::try_from(self.0.len() - start - 4).unwrap_or(i32::MAX);
        self.0[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }

    /// A value in its binary format.
    pub fn raw(&mut self, value: &[u8]) {
        self.put(|buffer| buffer.put_slice(value));
    }

    /// `text`, `varchar`, `char(n)`, or an enum's label.
    pub fn text(&mut self, value: &str) {
        self.raw(value.as_bytes());
    }

    /// `text` formatted in place.
    pub fn format(&mut self, value: std::fmt::Arguments<'_>) {
        self.put(|buffer| {
            // A buffer in memory takes whatever fits it, and grows.
            let _ = std::fmt::Write::write_fmt(buffer, value);
        });
    }

    /// `smallint`.
    pub fn int2(&mut self, value: i16) {
        self.put(|buffer| buffer.put_i16(value));
    }

    /// `integer`.
    pub fn int4(&mut self, value: i32) {
        self.put(|buffer| buffer.put_i32(value));
    }

    /// `bigint`, and `money` in cents.
    pub fn int8(&mut self, value: i64) {
        self.put(|buffer| buffer.put_i64(value));
    }

    /// `oid`.
    pub fn oid(&mut self, value: u32) {
        self.put(|buffer| buffer.put_u32(value));
    }

    /// `real`.
    pub fn float4(&mut self, value: f32) {
        self.put(|buffer| buffer.put_f32(value));
    }

    /// `double precision`.
    pub fn float8(&mut self, value: f64) {
        self.put(|buffer| buffer.put_f64(value));
    }

    /// `uuid`, as the number that its 32 digits write.
    pub fn uuid(&mut self, value: u128) {
        self.put(|buffer| buffer.put_u128(value));
    }

    /// `time`, in microseconds since midnight.
    pub fn time(&mut self, microseconds: i64) {
        self.put(|buffer| time_to_sql(microseconds, buffer));
    }

    /// `date`, in days since 2000-01-01.
    pub fn date(&mut self, days: i32) {
        self.put(|buffer| date_to_sql(days, buffer));
    }

    /// `timestamp` and `timestamptz`, in microseconds since 2000-01-01 (UTC).
    pub fn timestamp(&mut self, microseconds: i64) {
        self.put(|buffer| timestamp_to_sql(microseconds, buffer));
    }

    /// `inet`, one host.
    pub fn inet(&mut self, address: IpAddr) {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        self.put(|buffer| inet_to_sql(address, bits, buffer));
    }

    /// `jsonb`, from its text.
    pub fn jsonb(&mut self, text: std::fmt::Arguments<'_>) {
        self.put(|buffer| {
            buffer.put_u8(1); // the version of the format
            let _ = std::fmt::Write::write_fmt(buffer, text);
        });
    }

    /// `numeric` with `scale` digits after the point: `value` is the number times 10^`scale`.
    pub fn numeric(&mut self, value: i64, scale: u16) {
        self.put(|buffer| numeric(value, scale, buffer));
    }
}

/// Source of the format: `numeric_send` in PostgreSQL's `numeric.c`: number of digits, weight of
/// the first, sign, display scale; digits to the base 10,000, aligned at the decimal point.
fn numeric(value: i64, scale: u16, buffer: &mut BytesMut) {
    let missing = (4 - scale % 4) % 4; // decimal digits that fill up the last base digit
    let mut rest = u128::from(value.unsigned_abs()) * 10_u128.pow(u32::from(missing));
    let mut digits = [0_u16; 6]; // an i64 has 19 decimal digits, and three are filled up
    let (mut first, mut count) = (digits.len(), 0_u16);
    while rest > 0 {
        first -= 1;
        count += 1;
        digits[first] = u16::try_from(rest % 10_000).unwrap_or_default();
        rest /= 10_000;
    }
    let after_point = scale.div_ceil(4);
    buffer.put_u16(count);
    // The weight is an i16 in two's complement: negative for 0.0001.
    buffer.put_u16(count.wrapping_sub(after_point).wrapping_sub(1));
    buffer.put_u16(if value < 0 { 0x4000 } else { 0 });
    buffer.put_u16(scale);
    for digit in &digits[first..] {
        buffer.put_u16(*digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(write: impl FnOnce(&mut Fields<'_>)) -> Vec<u8> {
        let mut buffer = BytesMut::new();
        write(&mut Fields(&mut buffer));
        buffer.to_vec()
    }

    #[test]
    fn a_field_is_its_length_and_its_bytes() {
        assert_eq!(bytes(|f| f.text("ab")), [0, 0, 0, 2, b'a', b'b']);
        assert_eq!(bytes(|f| f.text("")), [0, 0, 0, 0]);
        assert_eq!(bytes(|f| f.int4(-2)), [0, 0, 0, 4, 255, 255, 255, 254]);
        assert_eq!(bytes(|f| f.jsonb(format_args!("{}", 7))), [0, 0, 0, 2, 1, b'7']);
        let two = bytes(|f| {
            f.format(format_args!("{}-{}", 1, 2));
            f.int2(1);
        });
        assert_eq!(two, [0, 0, 0, 3, b'1', b'-', b'2', 0, 0, 0, 2, 0, 1]);
    }

    /// What `SELECT numeric_send('1234567.8')` answers, among others.
    #[test]
    fn a_numeric_is_aligned_at_its_point() {
        for (value, scale, wanted) in [
            (12_345_678, 1, &[0, 3, 0, 1, 0, 0, 0, 1, 0, 123, 17, 215, 31, 64][..]),
            (-5, 2, &[0, 1, 255, 255, 64, 0, 0, 2, 1, 244]),
            (10_000, 0, &[0, 2, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            assert_eq!(bytes(|f| f.numeric(value, scale))[4..], *wanted, "{value} / 10^{scale}");
        }
    }
}
