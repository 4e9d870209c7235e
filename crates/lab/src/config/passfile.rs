//! libpq's password file (PostgreSQL manual, "The Password File").

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whom a password is wanted for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// `localhost` for the default socket, else the folder of the socket.
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// The file's text; `Ok(None)`: there is no such file. `Err` says in words why it is ignored, for which libpq
/// has a warning, too.
pub(super) fn read(path: &Path) -> Result<Option<String>, String> {
    let ignored = |why: String| format!("the password file {} is ignored: {why}", path.display());
    let described = match path.metadata() {
        Ok(described) => described,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ignored(error.to_string())),
    };
    // Before it is opened: opening a pipe would hold us.
    if !described.is_file() {
        return Err(ignored("it is no ordinary file".to_owned()));
    }
    let mut file = File::open(path).map_err(|error| ignored(error.to_string()))?;
    let opened = file.metadata().map_err(|error| ignored(error.to_string()))?;
    if opened.mode() & 0o077 != 0 {
        let mode = opened.mode() & 0o7777;
        return Err(ignored(format!("its mode is {mode:04o}; chmod 600 {:?}", path.display())));
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(|error| ignored(error.to_string()))?;
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

/// The password of the first line that fits.
pub(super) fn find(text: &str, wanted: Wanted<'_>) -> Option<String> {
    let port = wanted.port.to_string();
    let wanted = [wanted.host, &port, wanted.database, wanted.user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let fits = |(field, wanted): (&Field, &&str)| field.raw == "*" || field.text == **wanted;
        let password = fields.get(4).filter(|password| !password.text.is_empty())?;
        fields.iter().zip(&wanted).all(fits).then(|| password.text.clone())
    })
}

#[derive(Default)]
struct Field {
    /// As it is meant.
    text: String,
    /// As it stands there: `\*` is no `*`.
    raw: String,
}

/// What stands between colons; the fifth goes to the next one, if there is one. `\` makes what follows
/// a part of the field.
fn fields(line: &str) -> Vec<Field> {
    let mut fields = vec![Field::default()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let escaped = if character == '\\' { characters.next() } else { None };
        if character == ':' {
            fields.push(Field::default());
        } else if let Some(field) = fields.last_mut() {
            field.text.push(escaped.unwrap_or(character));
            field.raw.push(character);
            field.raw.extend(escaped);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_counts() {
        let wanted = Wanted { host: "db", port: 5432, database: "a:b", user: "ann" };
        for (text, password) in [
            ("#db:5432:a:b:ann:no\ndb:5432:a\\:b:ann:yes\n*:*:*:*:later", Some("yes")),
            ("other:*:*:*:no\n*:*:*:*:all", Some("all")),
            ("db:5432:a\\:b:ann:with\\:colon\\\\", Some("with:colon\\")),
            ("db:5432:a\\:b:ann:windows\r\n", Some("windows")),
            ("db:6000:*:*:no\n\\*:*:*:*:no\ndb:*:*\n:\n", None),
            ("*:*:*:bob:no", None),
        ] {
            assert_eq!(find(text, wanted).as_deref(), password, "{text}");
        }
    }
}
