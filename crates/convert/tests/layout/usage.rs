//! What is asked for wrongly is said before a server is asked: exit code 2.

use testbed::{process, ran};

/// Exits with 2 and says all of `texts`; no server of that URL exists.
fn refuses(flags: &[&str], texts: &[&str]) {
    let mut command = process("convert");
    command.env("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing");
    let _ = ran(command.arg("plan").arg("t").args(flags)).exited(2).says(texts);
}

#[test]
fn flags_that_make_no_sense_say_what_to_type() {
    refuses(&[], &["how shall t be partitioned?", "--range COL --every month"]);
    refuses(&["--range", "at"], &["--range at needs --every"]);
    refuses(&["--range", "at", "--every", "fortnight"], &["fortnight", "quarter"]);
    refuses(&["--range", "at", "--every", "0"], &["no width"]);
    refuses(&["--range", "at", "--every", "-5"], &["-5"]);
    refuses(&["--list", "at", "--every", "month"], &["--every is for --range"]);
    refuses(&["--hash", "id"], &["--hash id needs --partitions"]);
    refuses(&["--hash", "id", "--partitions", "0"], &["from 1"]);
    refuses(&["--list", "id", "--partitions", "4"], &["--partitions is for --hash"]);
    refuses(&["--hash", "id", "--partitions", "4", "--default"], &["hold every row"]);
    refuses(&["--hash", "id", "--partitions", "4", "--attach-old"], &["--attach-old needs"]);
    refuses(&["--range", "a", "--list", "b"], &["cannot be used with"]);
    refuses(
        &["--range", "at", "--every", "month", "--time-zone", "Mars/Olympus"],
        &["Mars/Olympus", "--time-zone UTC"],
    );
    refuses(&["--range", "at", "--every", "month", "--then", "hash:id"], &["second level"]);
    refuses(&["--range", "at", "--every", "month", "--then", "list:at"], &["names at again"]);
    refuses(&["--range", "at", "--every", "month", "--unique", "k=hope"], &["k=extend"]);
    refuses(&["--split", "p", "--every", "week", "--default"], &["--split and --default"]);
}
