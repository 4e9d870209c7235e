//! A month that goes to a file and comes back, and files that are not what they were.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use testbed::{Database, Ran, ran};

use crate::bench::{cut_over, todos};

/// What COPY cannot write as it is, and what it can.
const MONTH: &str = "
    SELECT todo_app.ensure_archive_partitions('2001-02-01', '2001-02-01');
    INSERT INTO todo_app.todos_archived (id, user_id, title, description, completed_at, due_date, archived_at, status)
    SELECT md5('old ' || n)::uuid, md5('user 1')::uuid, 'old ' || n,
           CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN E'tab\\t, newline\\n, backslash \\\\N, quote '' \"' WHEN 2 THEN '' ELSE 'größer ✓ 🗄' END,
           now(), CASE WHEN n % 3 = 0 THEN 'infinity'::timestamptz END, '2001-02-01'::timestamptz + n * interval '1 hour', 'done'
    FROM generate_series(1, 600) AS n";

const COPY: &str =
    "SELECT md5(string_agg(t::text, E'\\n' ORDER BY id)) FROM todo_app.todos_archived_2001_02 AS t";
const THERE: &str = "SELECT count(*) FROM pg_class WHERE relname = 'todos_archived_2001_02'";

struct Cold {
    database: Database,
    folder: TempDir,
    file: PathBuf,
}

fn old_month() -> Cold {
    let database = cut_over("SELECT 1");
    let _ = todos(&database, "finish --keep-days 0 --yes").ok();
    let _ = todos(&database, "maintain monthly").ok();
    database.batch(MONTH);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("todos_archived_2001_02.copy.gz");
    Cold { database, folder, file }
}

impl Cold {
    fn retire(&self) -> Ran {
        ran(self
            .database
            .process("todos")
            .args(["retire", "--format", "json", "--to"])
            .arg(self.folder.path()))
    }

    fn restore(&self) -> Ran {
        ran(self.database.process("todos").arg("restore").arg(&self.file))
    }
}

#[test]
fn a_month_comes_back_as_it_went() {
    let cold = old_month();
    let before = cold.database.text(COPY);
    let _ = ran(cold
        .database
        .process("todos")
        .args(["retire", "--dry-run", "--to"])
        .arg(cold.folder.path()))
    .ok();
    assert_eq!(
        (cold.database.count(THERE), fs::read_dir(cold.folder.path()).unwrap().count()),
        (1, 0)
    );
    let retired = cold.retire().ok().document();
    assert_eq!(
        (&retired[0]["partition"], &retired[0]["rows"]),
        (&"todos_archived_2001_02".into(), &600.into())
    );
    assert_eq!(cold.database.count(THERE), 0);
    assert_eq!(cold.retire().ok().document(), serde_json::json!([]));
    let _ = cold.restore().ok();
    assert_eq!(cold.database.text(COPY), before);
    let noted = "SELECT string_agg(action || ' ' || rows, ', ' ORDER BY id) FROM todo_app.maintenance_history
                 WHERE object = 'todos_archived_2001_02'";
    assert_eq!(cold.database.text(noted), "create 0, retire 600, restore 600");
    let _ = cold.restore().exited(1).says(&["todos_archived_2001_02"]);
    // And once more, over the files of the first time.
    let _ = cold.retire().ok();
    let _ = cold.restore().ok();
    assert_eq!(cold.database.text(COPY), before);
}

#[test]
fn a_damaged_file_is_noticed_before_anything_is_done() {
    let cold = old_month();
    let _ = cold.retire().ok();
    let (whole, manifest) =
        (fs::read(&cold.file).unwrap(), cold.folder.path().join("todos_archived_2001_02.json"));
    let said = fs::read_to_string(&manifest).unwrap();
    let state = cold.database.fingerprint();
    for at in [0, 11, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(&cold.file, damaged).unwrap();
        let _ = cold.restore().exited(1).says(&["is damaged"]);
    }
    fs::write(&cold.file, &whole[..whole.len() - 8]).unwrap();
    let _ = cold.restore().exited(1).says(&["is damaged"]);
    fs::write(&cold.file, &whole).unwrap();
    fs::write(&manifest, said.replace("600", "601")).unwrap();
    let _ = cold.restore().exited(1).says(&["was changed since it was written"]);
    fs::remove_file(&manifest).unwrap();
    let _ = cold.restore().exited(1).says(&["cannot read the manifest"]);
    cold.database.assert_unchanged(&state, "damaged files");
    fs::write(&manifest, said).unwrap();
    let _ = cold.restore().ok();

    // Retiring reads back what is there already.
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    fs::write(&cold.file, damaged).unwrap();
    let _ = cold.retire().exited(1).says(&["is damaged"]);
    assert_eq!(cold.database.count(THERE), 1);
    // And does not write over what is another month's, or the same one's as it was once.
    fs::write(&cold.file, &whole).unwrap();
    cold.database.batch(
        "UPDATE todo_app.todos_archived SET title = 'changed' WHERE id = md5('old 7')::uuid",
    );
    let _ = cold.retire().exited(1).says(&["holds something else"]);
    assert_eq!((cold.database.count(THERE), fs::read(&cold.file).unwrap() == whole), (1, true));
}

/// Whoever writes to it after it was read keeps it where it is.
#[tokio::test]
async fn a_month_that_is_written_meanwhile_is_not_dropped() {
    let cold = old_month();
    let content = cold
        .database
        .text("SELECT content FROM todo_app.table_content('todo_app.todos_archived_2001_02')");
    cold.database.batch("SELECT 1; UPDATE todo_app.todos_archived SET title = 'changed' WHERE id = md5('old 7')::uuid");
    let client = cold.database.client().await;
    let drop = "SELECT todo_app.drop_archive_partition('todos_archived_2001_02', 'retire', '', $1)";
    let refused = client.execute(drop, &[&content]).await.unwrap_err();
    assert!(
        refused.as_db_error().unwrap().message().contains("was changed meanwhile"),
        "{refused:?}"
    );
    assert_eq!(cold.database.count(THERE), 1);
}

#[test]
fn what_cannot_come_back_is_named_and_nothing_is_made() {
    let cold = old_month();
    let _ = cold.retire().ok();
    for (change, says) in [
        (
            "INSERT INTO todo_app.todos_active (id, user_id, title) VALUES (md5('old 9')::uuid, md5('user 1')::uuid, 'again')",
            "is there already",
        ),
        (
            "DELETE FROM todo_app.users WHERE id = md5('user 1')::uuid",
            "user or project of that time is gone",
        ),
        (
            "INSERT INTO todo_app.todos_archived (id, user_id, title, completed_at, archived_at)
             VALUES (gen_random_uuid(), md5('user 2')::uuid, '', now(), '2001-02-15')",
            "DEFAULT holds rows of that month",
        ),
    ] {
        let copy = Cold {
            database: cold.database.copy(),
            folder: tempfile::tempdir().unwrap(),
            file: cold.file.clone(),
        };
        copy.database.batch(change);
        let before = copy.database.fingerprint();
        let _ = copy.restore().exited(1).says(&[says]);
        copy.database.assert_unchanged(&before, change);
    }
}

#[test]
fn no_folder_no_room_no_way_back() {
    let database = cut_over("SELECT 1");
    database.batch(MONTH);
    let line = |to: &str| format!("retire --to {to}");
    let _ = todos(&database, &line("/nowhere/at/all")).exited(2).says(&["is no folder", "mkdir"]);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let _ = todos(&database, &line(to)).exited(1).says(&["todos_old is there still"]);
    let _ = todos(&database, "finish --keep-days 0 --yes").ok();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // Where the manifest cannot be written, the month stays, and the next run begins anew.
    let manifest = folder.path().join("todos_archived_2001_02.json");
    fs::create_dir(&manifest).unwrap();
    let _ = todos(&database, &line(to)).exited(1).says(&["cannot write the manifest"]);
    assert_eq!(database.count(THERE), 1);
    fs::remove_dir(&manifest).unwrap();
    let _ = todos(&database, &line(to)).ok();
    assert_eq!(database.count(THERE), 0);
}
