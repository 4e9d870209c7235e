//! Questions of the application, asked of the one big table and of the new ones in turns, for the same users.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use lab::app::App;
use lab::connect::Session;
use lab::report::{self, Progress};
use lab::{Context, Error, Result};
use todos::store::{Filter, Order, Pool, TodoStore, pool};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Line, Unit};

/// Asked before anything is measured, so that the connections know their partitions and statements.
const WARM_UP: usize = 50;

/// As often as they have open todos: who has many asks often.
const USERS: &str = "
    SELECT user_id FROM todo_app.todos_active TABLESAMPLE BERNOULLI
        ((SELECT least(100, 200.0 * $1::bigint / greatest(count(*), 1)) FROM todo_app.todos_active)) REPEATABLE (1)
    ORDER BY random() LIMIT $1";

/// A question of one user.
struct Ask {
    name: &'static str,
    /// With `{all}` for the table; the parameters are the user, a month ago and four months ago.
    before: &'static str,
    after: After,
}

enum After {
    /// A list of the store.
    Store(Filter),
    /// This.
    Sql(&'static str),
}

/// What is open, and what was done within a month.
const DASHBOARD: &str = "
    SELECT status, count(*), count(*) FILTER (WHERE status <> 'done' AND due_date < now()),
           count(*) FILTER (WHERE status <> 'done' AND due_date >= now() AND due_date < now() + interval '7 days')
    FROM {all} AS t WHERE user_id = $1 AND (status <> 'done' OR completed_at >= $2) GROUP BY status";

const SEARCH: &str = "
    SELECT id, title, completed_at FROM {all} AS t
    WHERE user_id = $1 AND status = 'done' AND title ILIKE '%7%' AND completed_at < $2 AND completed_at >= $3
    ORDER BY completed_at DESC LIMIT 50";

/// Nothing is archived before it is done.
const SEARCH_ARCHIVE: &str = "
    SELECT id, title, completed_at FROM todo_app.todos_archived AS t
    WHERE user_id = $1 AND title ILIKE '%7%' AND archived_at >= $3 AND completed_at < $2 AND completed_at >= $3
    ORDER BY completed_at DESC LIMIT 50";

fn asks() -> [Ask; 4] {
    let urgent = Filter { order: Order::MostUrgent, ..Filter::default() };
    [
        Ask {
            name: "a user's list, newest first",
            before: "SELECT * FROM {all} AS t WHERE user_id = $1 AND status <> 'done'
                     ORDER BY created_at DESC, id DESC LIMIT 51",
            after: After::Store(Filter::default()),
        },
        Ask {
            name: "a user's list, most urgent first",
            before: "SELECT * FROM {all} AS t WHERE user_id = $1 AND status <> 'done'
                     ORDER BY priority DESC, due_date, id LIMIT 51",
            after: After::Store(urgent),
        },
        Ask { name: "dashboard", before: DASHBOARD, after: After::Sql(DASHBOARD) },
        Ask { name: "search in the archive", before: SEARCH, after: After::Sql(SEARCH_ARCHIVE) },
    ]
}

/// The median and the 99th percentile of each, over so many users.
pub async fn measure(
    app: &App,
    session: &Session,
    old: Option<&str>,
    rounds: u32,
) -> Result<Vec<Line>> {
    let what = || "cannot choose users";
    let rows = session.client().query(USERS, &[&i64::from(rounds)]).await.context(what)?;
    let users =
        rows.iter().map(|row| row.try_get(0).context(what)).collect::<Result<Vec<Uuid>>>()?;
    if users.is_empty() {
        return Err(Error::failed("there is no active todo to measure with")
            .next("cargo run -p todos -- seed --reset --todos 1000000"));
    }
    let pool = pool(session.connector(), 1);
    let store = TodoStore::new(pool.clone());
    let bar = Progress::bar(4 * users.len() as u64, "asking");
    let mut lines = Vec::new();
    for ask in asks() {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let work = async {
            for (n, user) in users.iter().cycle().take(users.len() + WARM_UP).enumerate() {
                let old_took = match old {
                    Some(old) => Some(
                        timed(answer(&pool, ask.before, &format!("todo_app.{old}"), *user)).await?,
                    ),
                    None => None,
                };
                let new_took = match &ask.after {
                    After::Store(filter) => timed(listed(&store, *user, filter)).await?,
                    After::Sql(sql) => {
                        timed(answer(&pool, sql, "todo_app.todos_active", *user)).await?
                    }
                };
                if n >= WARM_UP {
                    before.extend(old_took);
                    after.push(new_took);
                    bar.advance();
                }
            }
            Ok(())
        };
        app.read(session, "while measuring", work).await?;
        for (name, percent) in [("p50", 50), ("p99", 99)] {
            lines.push(Line {
                measure: format!("{}, {name}", ask.name),
                unit: Unit::Milliseconds,
                before: percentile(&mut before, percent),
                after: percentile(&mut after, percent).unwrap_or_default(),
            });
        }
    }
    bar.finish();
    Ok(lines)
}

async fn answer(pool: &Pool, sql: &str, all: &str, user: Uuid) -> Result<()> {
    let what = || "cannot ask";
    let client = pool.get().await.context(what)?;
    let statement = client.prepare_cached(&sql.replace("{all}", all)).await.context(what)?;
    let ago = |days: u16| Timestamp::now() - SignedDuration::from_hours(24 * i64::from(days));
    let (month, quarter) = (ago(30), ago(120));
    let parameters: [&(dyn ToSql + Sync); 3] = [&user, &month, &quarter];
    let wanted = &parameters[..statement.params().len()];
    client.query(&statement, wanted).await.context(what).map(drop)
}

async fn listed(store: &TodoStore, user: Uuid, filter: &Filter) -> Result<()> {
    store.list(user, filter).await.context(|| "cannot list").map(drop)
}

/// How many milliseconds it took.
async fn timed(work: impl Future<Output = Result<()>>) -> Result<f64> {
    let begun = Instant::now();
    work.await?;
    Ok(report::milliseconds(begun.elapsed()))
}

/// The least figure that so many per cent are not above.
fn percentile(figures: &mut [f64], percent: usize) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get((figures.len() * percent).div_ceil(100).saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_figures_that_were_measured() {
        let mut figures: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut figures, 50), Some(100.0));
        assert_eq!(percentile(&mut figures, 99), Some(198.0));
        assert_eq!(percentile(&mut [7.0], 99), Some(7.0));
        assert_eq!(percentile(&mut [], 50), None);
    }
}
