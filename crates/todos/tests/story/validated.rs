//! Whatever is wrong, the check whose matter it is fails.

use crate::bench::{after, failing};

const ACTIVE: &str =
    "(SELECT id FROM todo_app.todos_active WHERE status = 'todo' AND parent_todo_id IS NULL
                      ORDER BY id LIMIT 1)";
const CHILD: &str =
    "(SELECT id FROM todo_app.todos_active WHERE parent_todo_id IS NOT NULL ORDER BY id LIMIT 1)";

#[test]
fn each_check_can_fail() {
    let database = after(&["seed --users 20 --todos 1000", "partition", "migrate"]);
    assert_eq!(failing(&database), (vec![], 9));
    for (wrong, checks) in [
        (
            format!("DELETE FROM todo_app.todos_active WHERE id = {ACTIVE}"),
            vec!["total", "active", "content"],
        ),
        (
            format!("UPDATE todo_app.todos_active SET status = 'done', completed_at = now() WHERE id = {ACTIVE}"),
            vec!["active", "done", "content"],
        ),
        (
            format!("UPDATE todo_app.todos_active SET parent_todo_id = NULL WHERE id = {CHILD}"),
            vec!["parents", "content"],
        ),
        (
            format!("UPDATE todo_app.todos_active SET depth = depth + 1 WHERE id = {CHILD}"),
            vec!["depth"],
        ),
        (
            format!(
                "INSERT INTO todo_app.todos_archived
                 SELECT (a).*, now() FROM (SELECT a FROM todo_app.todos_active AS a WHERE id = {ACTIVE}) AS one"
            ),
            vec!["total", "in both tables", "content"],
        ),
        (
            // Two that exchange a value: every count and sum stays as it was.
            format!(
                "UPDATE todo_app.todos_active AS a SET title = other.title FROM todo_app.todos_active AS other
                 WHERE a.id IN ({ACTIVE}, {CHILD}) AND other.id IN ({ACTIVE}, {CHILD}) AND a.id <> other.id"
            ),
            vec!["content"],
        ),
        (
            format!(
                "INSERT INTO todo_app.users VALUES (md5('somebody else')::uuid);
                 UPDATE todo_app.todos_active SET user_id = md5('somebody else')::uuid WHERE id = {ACTIVE}"
            ),
            vec!["users", "content"],
        ),
    ] {
        let copy = database.copy();
        copy.batch(&wrong);
        assert_eq!(failing(&copy).0, checks, "{wrong}");
    }
}

#[test]
fn many_changes_that_wait_fail_their_check() {
    let database = after(&["seed --users 20 --todos 1200", "partition", "migrate"]);
    database.batch("UPDATE todo_app.todos SET updated_at = now()");
    assert_eq!(failing(&database).0, ["changes to carry over"]);
}
