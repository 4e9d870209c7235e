//! The file `.env`: where it is looked for, whether it can be trusted, and what stands in it.
//!
//! It may name the server that passwords are sent to, so one that somebody else could have written is
//! refused. All that is looked at belongs to the folder and the file that were opened: nothing can
//! be exchanged between the look and the read.

use std::cell::Cell;
use std::fs::{File, Metadata};
use std::io::{self, BufRead, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::{env, fs};

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;
use nix::unistd::{Gid, Group, Uid, User, geteuid};

use crate::{Error, Result};

/// One setting of the file.
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) value: String,
}

/// The file's path as messages name it, and what stands in it.
pub(super) type Content = (PathBuf, Vec<Line>);

/// What stands in the `.env` of the current folder, else of the root of the checkout around it.
/// Folders between and above are not looked at: anybody may have put a file there.
pub(super) fn read() -> Result<Option<Content>> {
    if let Some(text) = open(Path::new("."))? {
        let path = PathBuf::from(".env");
        return parse(&path, &text).map(|lines| Some((path, lines)));
    }
    let root = env::current_dir().ok().and_then(|here| crate::server::checkout_around(&here));
    let Some(root) = root else { return Ok(None) };
    let Some(text) = open(&root)? else { return Ok(None) };
    let path = root.join(".env");
    parse(&path, &text).map(|lines| Some((path, lines)))
}

/// The bytes of the `.env` in `folder`; `None`: there is none.
fn open(folder: &Path) -> Result<Option<Vec<u8>>> {
    let path = if folder == Path::new(".") { ".env".into() } else { folder.join(".env") };
    let cannot = |error: io::Error| {
        Error::usage(format!("cannot read {}", path.display()))
            .caused_by(&error)
            .next("make it readable for you, or move it away")
    };
    // Not even its name can be looked for: as if there were none.
    let Ok(parent) = File::open(folder) else { return Ok(None) };
    // Without NONBLOCK a pipe of this name would hold us for ever.
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let mut file = match openat(&parent, ".env", flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::ENOENT | Errno::ENOTDIR) => return Ok(None),
        Err(error) => return Err(cannot(error.into())),
    };
    let described = file.metadata().map_err(cannot)?;
    if !described.is_file() {
        let what = if described.is_dir() { "a folder" } else { "no ordinary file" };
        return Err(Error::usage(format!("cannot read {}", path.display()))
            .because(format!("it is {what}"))
            .next("move it away; a file of settings begins as a copy of .env.example"));
    }
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    trusted(&path, &folder, &parent.metadata().map_err(cannot)?)?;
    // The path of the file itself, where the name is a link: what a `chmod` has to be given.
    let real = fs::canonicalize(folder.join(".env")).unwrap_or_else(|_| path.clone());
    trusted(&path, &real, &described)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(cannot)?;
    Ok(Some(bytes))
}

/// Refuses what somebody else could have written: `what` is the file, or its folder.
fn trusted(env: &Path, what: &Path, described: &Metadata) -> Result<()> {
    let refused =
        || Error::usage(format!("{} is not read: others could have written it", env.display()));
    let here = what.display();
    let (owner, me) = (described.uid(), geteuid().as_raw());
    if owner != me && owner != 0 {
        let name = user_name(owner);
        let error = refused()
            .because(format!("{here} belongs to user {name}, and you are {}", user_name(me)));
        return Err(if me == 0 {
            error
                .next(format!("run the command as {name}: sudo -u {name} COMMAND"))
                .next(format!("or, when you know what is in it: chown root {here:?}"))
        } else {
            error.next("move it away, or work in a folder of your own")
        });
    }
    let mode = described.mode();
    let by_group = mode & 0o020 != 0 && !is_private(described.gid(), owner);
    if !by_group && mode & 0o002 == 0 {
        return Ok(());
    }
    let error = refused().because(format!(
        "{here} has mode {:04o}: {} can write to it",
        mode & 0o7777,
        if mode & 0o002 != 0 { "everybody" } else { "its group" }
    ));
    // The mode of a folder that is meant for all (/tmp) is right: the file is in the wrong place.
    Err(if mode & 0o1000 != 0 || (owner == 0 && me != 0) {
        error.next("move it to a folder that only you can write to, and work there")
    } else {
        error.next(format!("chmod go-w {here:?}"))
    })
}

/// Whether the group is the user's own, which many systems make together with the user: named alike,
/// with nobody else in it.
fn is_private(group: u32, user: u32) -> bool {
    let user = User::from_uid(Uid::from_raw(user)).ok().flatten();
    let group = Group::from_gid(Gid::from_raw(group)).ok().flatten();
    user.zip(group).is_some_and(|(user, group)| {
        group.gid == user.gid
            && group.name == user.name
            && group.mem.iter().all(|member| *member == user.name)
    })
}

fn user_name(uid: u32) -> String {
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    user.map_or_else(|| format!("number {uid}"), |user| user.name)
}

/// The settings in `bytes`. A line that is none is told by its number alone: it may hold a password.
fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<Line>> {
    let wrong = |line: Option<usize>, why: String| {
        let at = line.map_or_else(String::new, |line| format!("line {line}: "));
        Error::usage(format!("cannot read {}", path.display()))
            .because(format!("{at}{why}"))
            .next("correct it; .env.example shows how such a file looks")
    };
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(wrong(None, "it is UTF-16; save it as UTF-8".to_owned()));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = line_of(bytes, error.valid_up_to());
        wrong(Some(line), "it is not UTF-8; save the file as UTF-8".to_owned())
    })?;
    let read = Rc::new(Cell::new(0));
    let reader = ByLine { rest: text.as_bytes(), read: Rc::clone(&read) };
    let lines: Vec<_> = text.lines().map(str::trim_start).collect();
    let mut items = dotenvy::from_read_iter(reader);
    let mut settings = Vec::new();
    loop {
        let done: usize = read.get();
        let item = items.next();
        let is_setting = |line: &&str| !line.is_empty() && !line.starts_with('#');
        // A value in quotes may go over many lines: the first one counts.
        let number = done + 1 + lines.iter().skip(done).position(is_setting).unwrap_or(0);
        match item {
            None => return Ok(settings),
            Some(Ok((name, value))) => settings.push(Line { number, name, value }),
            Some(Err(dotenvy::Error::LineParse(..))) => {
                return Err(wrong(
                    Some(number),
                    "it is not NAME=value, or a quote has no end".to_owned(),
                ));
            }
            Some(Err(other)) => return Err(wrong(Some(number), other.to_string())),
        }
    }
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].split(|byte| *byte == b'\n').count()
}

/// Gives out one line at a time and counts them: `dotenvy` does not tell where it is.
struct ByLine<'a> {
    rest: &'a [u8],
    read: Rc<Cell<usize>>,
}

impl Read for ByLine<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let end =
            self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |at| at + 1);
        let taken = end.min(buf.len());
        buf[..taken].copy_from_slice(&self.rest[..taken]);
        if taken > 0 && (buf[taken - 1] == b'\n' || taken == self.rest.len()) {
            self.read.set(self.read.get() + 1);
        }
        self.rest.consume(taken);
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(usize, String, String)> {
        let lines = parse(Path::new(".env"), bytes).unwrap_or_else(|error| panic!("{error}"));
        lines.into_iter().map(|line| (line.number, line.name, line.value)).collect()
    }

    #[test]
    fn each_setting_has_the_number_of_its_first_line() {
        let text =
            "\u{feff}# a comment\r\nA=1\r\n\r\nB=\"two\nlines\"\n  # another\nC='3' # why\nD=4";
        let expected = [(2, "A", "1"), (4, "B", "two\nlines"), (7, "C", "3"), (8, "D", "4")];
        let expected = expected.map(|(n, name, value)| (n, name.to_owned(), value.to_owned()));
        assert_eq!(lines(text.as_bytes()), expected);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn a_wrong_line_is_named_by_its_number_and_never_shown() {
        for (bytes, parts) in [
            (&b"A=1\n\nsecret\n"[..], ["line 3", "NAME=value"]),
            (b"A=1\nB='secret\nC=2\n", ["line 2", "quote"]),
            (b"A=1\nB=secret\xff\n", ["line 2", "UTF-8"]),
            (b"\xff\xfeA\0=\x001\0", ["UTF-16", "UTF-8"]),
        ] {
            let text = parse(Path::new(".env"), bytes).err().expect("wrong").to_string();
            assert!(parts.iter().all(|part| text.contains(part)), "{parts:?}:\n{text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
