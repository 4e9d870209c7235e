//! Text of the script, and statements that ask for locks again and again.

use super::names::Names;

/// Grows.
#[derive(Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    pub(super) fn add(&mut self, text: impl AsRef<str>) {
        self.0 += text.as_ref();
    }
}

/// `CALL briefly(…)` of these statements.
pub(super) fn briefly(names: &Names, statements: &[String]) -> String {
    let work = statements.iter().map(|statement| format!("{};\n", statement.trim_end_matches(';')));
    let work: String = work.collect();
    let mut tag = "$work$".to_owned();
    while work.contains(&tag) {
        tag = format!("$x{}", &tag[1..]);
    }
    format!("CALL {}({tag}\n{work}{tag});\n\n", names.ours("briefly"))
}
