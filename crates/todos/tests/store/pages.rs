//! Pages, while others write.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use todos::store::{Filter, NewTodo, Order, Which};

use crate::bench::{cut_over, store, user};

/// Priorities and due dates in which many are equal, some of none.
#[tokio::test]
async fn each_todo_is_on_one_page_in_order() {
    let (database, user) = (cut_over("seed --users 3 --todos 0"), user(1));
    let store = store(&database, 4).await;
    let client = database.client().await;
    client
        .execute(
            "INSERT INTO todo_app.todos_active (user_id, title, priority, due_date, created_at)
             SELECT $1, 'before', 1 + n % 5, CASE n % 4 WHEN 0 THEN NULL ELSE '2026-01-01'::timestamptz + n % 3 * interval '1 day' END,
                    '2026-01-01'::timestamptz + n % 7 * interval '1 hour'
             FROM generate_series(1, 500) AS n",
            &[&user],
        )
        .await
        .unwrap();
    for (order, sorted) in [
        (Order::Newest, "ORDER BY created_at DESC, id DESC"),
        (Order::MostUrgent, "ORDER BY priority DESC, due_date, id"),
    ] {
        let query = format!("SELECT id FROM todo_app.todos_active WHERE title = 'before' {sorted}");
        let wanted: Vec<uuid::Uuid> =
            client.query(&query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
        for limit in [1, 7, 500] {
            let stop = Arc::<AtomicBool>::default();
            let writes = {
                let (store, stop) = (store.clone(), stop.clone());
                tokio::spawn(async move {
                    for _ in 0..300 {
                        if stop.load(Ordering::SeqCst) {
                            break;
                        }
                        store
                            .create(user, &NewTodo { priority: 3, ..NewTodo::titled("meanwhile") })
                            .await
                            .unwrap();
                    }
                })
            };
            let mut filter = Filter { status: Which::Any, order, limit, ..Filter::default() };
            let mut found = Vec::new();
            loop {
                let page = store.list(user, &filter).await.unwrap();
                found.extend(
                    page.todos
                        .into_iter()
                        .filter(|todo| todo.title == "before")
                        .map(|todo| todo.id),
                );
                // As a browser sends it back.
                let Some(next) = page.next else { break };
                filter.after = Some(next.to_string().parse().unwrap());
            }
            stop.store(true, Ordering::SeqCst);
            writes.await.unwrap();
            client
                .execute("DELETE FROM todo_app.todos_active WHERE title = 'meanwhile'", &[])
                .await
                .unwrap();
            let mut times = BTreeMap::new();
            for id in &found {
                *times.entry(*id).or_insert(0) += 1;
            }
            assert!(
                times.values().all(|n| *n == 1),
                "{order:?}, {limit} a page: some are there twice"
            );
            assert_eq!(found, wanted, "{order:?}, {limit} a page");
        }
    }
}
