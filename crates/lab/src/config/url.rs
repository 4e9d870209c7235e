//! A connection URL, split into libpq's parameters.
//!
//! Our own, because `tokio_postgres` gives a host without a port the port 5432, so that `PGPORT` could not
//! fill it in, takes `%zz` as it stands, and knows half of the parameters.

use percent_encoding::percent_decode_str;

/// Names and values in the order in which they stand there; the later of two of a name counts.
/// `Err` says in words what is wrong, and shows nothing that may be part of a password.
pub(super) fn split(url: &str) -> Result<Vec<(String, String)>, String> {
    let rest = ["postgresql://", "postgres://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let Some(rest) = rest else { return Err("must begin with postgresql://".to_owned()) };
    if has_stray_at(rest) {
        return Err("is no connection URL: write @ / : % in a name or password as %40 %2F %3A %25"
            .to_owned());
    }
    parameters(rest).map_err(|why| format!("is no connection URL: {why}"))
}

fn parameters(rest: &str) -> Result<Vec<(String, String)>, String> {
    // A password may hold a question mark: the query begins behind it.
    let (credentials, rest) = match rest.split_once('@') {
        Some((credentials, rest)) => (Some(credentials), rest),
        None => (None, rest),
    };
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, database) = address.split_once('/').unwrap_or((address, ""));
    let mut all = Vec::new();
    let mut add = |name: &str, value: &str, what: &str| {
        let value = decoded(value, what)?;
        all.push((name.to_owned(), value));
        Ok::<_, String>(())
    };
    if let Some(credentials) = credentials {
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        add("user", user, "the user's name")?;
        add("password", password, "the password")?;
    }
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',') {
        let (name, port) = host_and_port(host)?;
        names.push(name);
        ports.push(port);
    }
    add("host", &names.join(","), "the host")?;
    if ports.iter().any(|port| !port.is_empty()) {
        add("port", &ports.join(","), "the port")?;
    }
    add("dbname", database, "the database's name")?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((name, value)) = pair.split_once('=') else {
            return Err("behind the ? stand pairs name=value with & between them".to_owned());
        };
        let name = decoded(name, "a parameter's name")?;
        add(&name, value, &format!("the value of {name}"))?;
    }
    Ok(all)
}

fn host_and_port(text: &str) -> Result<(&str, &str), String> {
    let (name, port) = match text.strip_prefix('[') {
        Some(address) => {
            let (address, port) = address.split_once(']').ok_or("an IPv6 address ends with ]")?;
            (address, port.strip_prefix(':').unwrap_or(port))
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    if port.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok((name, port))
    } else {
        Err("the port is no number".to_owned())
    }
}

/// `what` names the text in messages, which do not show it: it may be a password.
fn decoded(text: &str, what: &str) -> Result<String, String> {
    let stray = text.split('%').skip(1).any(|behind| {
        let digits = behind.as_bytes().iter().take(2);
        digits.filter(|byte| byte.is_ascii_hexdigit()).count() < 2
    });
    if stray {
        return Err(format!(
            "in {what} a % has no two hex digits behind it; write % itself as %25"
        ));
    }
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| format!("{what} is not UTF-8"))?;
    if decoded.contains('\0') {
        return Err(format!("{what} holds %00"));
    }
    Ok(decoded.into_owned())
}

/// Whether an `@` stands where it cannot end the name and password: half of a password would then be
/// taken for the host or the database, which messages name.
fn has_stray_at(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or(rest);
    let all = rest.matches('@').count();
    all > 1 || authority.matches('@').count() != all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_ports_and_parameters() {
        let url =
            "postgres://ann:wh?at%40@db1:6000,[::1],%2Fvar%2Frun/my%20shop?options=-c%20geqo%3Doff";
        let pairs = split(url).unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        let expected = [
            ("user", "ann"),
            ("password", "wh?at@"),
            ("host", "db1,::1,/var/run"),
            ("port", "6000,,"),
            ("dbname", "my shop"),
            ("options", "-c geqo=off"),
        ];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn a_percent_sequence_that_is_none_is_named_and_not_shown() {
        for (url, part) in [
            ("postgresql://ann:%zz@db/shop", "in the password a %"),
            ("postgresql://ann@db/shop%2", "in the database's name a %"),
            ("postgresql://ann@db/shop?options=50%", "in the value of options a %"),
            ("postgresql://a%00n@db/shop", "holds %00"),
            ("postgresql://ann:%ff@db/shop", "the password is not UTF-8"),
        ] {
            let why = split(url).unwrap_err();
            assert!(why.contains(part) && !why.contains("zz"), "{why}");
        }
    }
}
