//! Names that an object bears while it is not live.

/// PostgreSQL's limit for an identifier, in bytes (`NAMEDATALEN - 1`).
const LIMIT: usize = 63;

/// The name that a partition, an index or a sequence of the shadow bears as long as the live one has
/// `name`: `name` and the conversion's number, cut at 63 bytes on a character's boundary. When it
/// had to be cut, a hash of the whole keeps two long names apart.
#[must_use]
pub fn parked(name: &str, conversion: i64) -> String {
    let suffix = format!("_convert_{conversion}");
    if name.len() + suffix.len() <= LIMIT {
        return format!("{name}{suffix}");
    }
    let suffix = format!("_{:08x}{suffix}", fnv(name));
    let mut end = LIMIT - suffix.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{suffix}", &name[..end])
}

/// `text` as a string constant, whatever `standard_conforming_strings` says.
#[must_use]
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') {
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}

/// FNV-1a, 32 bits: the same on every machine and in every version, unlike std's hasher.
fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_stay_readable() {
        assert_eq!(parked("orders_pkey", 7), "orders_pkey_convert_7");
    }

    #[test]
    fn long_names_are_cut_between_characters_and_stay_apart() {
        let a = format!("{}a", "ü".repeat(31));
        let b = format!("{}b", "ü".repeat(31));
        assert!(parked(&a, 12).len() <= 63 && parked(&a, 12).ends_with("_convert_12"));
        assert_ne!(parked(&a, 12), parked(&b, 12));
    }
}
