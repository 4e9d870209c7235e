//! The rows that writers make, change and remove: they bear a mark and are nobody else's.

use lab::catalog::{Name, Tree};
use lab::connect::Session;
use lab::{Context, Result};
use tokio_postgres::Client;

use crate::layout::{ARCHIVE, EVENTS, USERS, USERS_BY_DATE};

/// Which rows a load writes and reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Events of January to May 2024.
    Events,
    /// The same without January: it is about to leave, and its rows with it.
    EventsAfterJanuary,
    /// Users.
    Users,
}

/// What a writer does, as statements whose parameters and results are all text: `insert` takes the
/// writer's number and a date; the others the two values that `insert` returned, `again` a new date
/// besides. Each returns the row's two values.
#[derive(Debug, Clone, Copy)]
pub struct Statements {
    pub insert: &'static str,
    pub update: &'static str,
    /// An update that changes the partition key.
    pub again: &'static str,
    pub delete: &'static str,
    /// Counts those of the ids `$1` that are there.
    pub count: &'static str,
}

impl Subject {
    /// The table that is written to and read from.
    pub fn table(self) -> &'static str {
        match self {
            Self::Events | Self::EventsAfterJanuary => EVENTS,
            Self::Users => USERS,
        }
    }

    /// Tables into which a scenario may carry rows of the load, each with what finds them there by
    /// an index.
    fn places(self) -> &'static [(&'static str, &'static str)] {
        const EVENT: &str = "event_type = 'partition-lab under load'";
        const USER: &str = "email = 'under-load@partition-lab.invalid'";
        match self {
            Self::Events | Self::EventsAfterJanuary => &[(EVENTS, EVENT), (ARCHIVE, EVENT)],
            Self::Users => &[(USERS, USER), (USERS_BY_DATE, USER)],
        }
    }

    /// What writers and readers send.
    pub fn statements(self) -> Statements {
        match self {
            Self::Events | Self::EventsAfterJanuary => Statements {
                insert: "INSERT INTO public.event_logs (event_type, user_id, event_data, created_at)
                    VALUES ('partition-lab under load', $1::text::int, '{}', $2::text::timestamp)
                    RETURNING id::text, created_at::text",
                update: "UPDATE public.event_logs SET user_id = user_id + 1
                    WHERE id = $1::text::bigint AND created_at = $2::text::timestamp
                    RETURNING id::text, created_at::text",
                again: "UPDATE public.event_logs SET created_at = $3::text::timestamp
                    WHERE id = $1::text::bigint AND created_at = $2::text::timestamp
                    RETURNING id::text, created_at::text",
                delete: "DELETE FROM public.event_logs
                    WHERE id = $1::text::bigint AND created_at = $2::text::timestamp
                    RETURNING id::text, created_at::text",
                count: "SELECT count(*) FROM public.event_logs WHERE id = ANY ($1::bigint[])",
            },
            Self::Users => Statements {
                insert: "INSERT INTO public.users_distributed (username, email, registration_date)
                    VALUES ('writer ' || $1::text, 'under-load@partition-lab.invalid', $2::text::date)
                    RETURNING id::text, registration_date::text",
                update: "UPDATE public.users_distributed
                    SET status = CASE status WHEN 'active' THEN 'busy' ELSE 'active' END
                    WHERE id = $1::text::int AND registration_date = $2::text::date
                    RETURNING id::text, registration_date::text",
                again: "UPDATE public.users_distributed SET id = DEFAULT, registration_date = $3::text::date
                    WHERE id = $1::text::int AND registration_date = $2::text::date
                    RETURNING id::text, registration_date::text",
                delete: "DELETE FROM public.users_distributed
                    WHERE id = $1::text::int AND registration_date = $2::text::date
                    RETURNING id::text, registration_date::text",
                count: "SELECT count(*) FROM public.users_distributed WHERE id = ANY ($1::bigint[])",
            },
        }
    }

    /// A date for a writer's `n`th row: all over the partitions, February most.
    pub fn date(self, n: usize) -> String {
        let (from, days) = match self {
            Self::Events => (jiff::civil::date(2024, 1, 1), 150),
            Self::EventsAfterJanuary => (jiff::civil::date(2024, 2, 1), 120),
            Self::Users => (jiff::civil::date(2022, 12, 1), 800),
        };
        let february = jiff::civil::date(2024, 2, 1);
        // 37 has no divisor in common with any of the numbers of days.
        let (from, days) = if n.is_multiple_of(2) { (february, 29) } else { (from, days) };
        let day = i32::try_from(n / 2 * 37 % days).unwrap_or_default();
        from.saturating_add(jiff::Span::new().days(day)).to_string()
    }

    /// Ids of some rows of each of the table's leaves that nobody changes.
    pub async fn fixed_rows(self, session: &Session, tree: &Tree) -> Result<Vec<i64>> {
        const OF_EACH: usize = 10;
        let own = self.places()[0].1;
        let leaves = tree.leaves().filter(|leaf| {
            self != Self::EventsAfterJanuary || leaf.name.name != "event_logs_2024_01"
        });
        let of_leaf = |leaf: &Tree| {
            format!("(SELECT id::bigint FROM ONLY {} WHERE NOT ({own}) LIMIT {OF_EACH})", leaf.name)
        };
        let selects: Vec<_> = leaves.map(of_leaf).collect();
        let rows = session.client().query(&selects.join(" UNION ALL "), &[]).await;
        let rows = rows.context(|| format!("cannot choose rows of {} to count", tree.name))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Ids of the load's rows in the table itself, in order.
    pub async fn found(self, client: &Client) -> Result<Vec<String>> {
        let (table, own) = self.places()[0];
        let rows =
            client.query(&format!("SELECT id::text FROM public.{table} WHERE {own}"), &[]).await;
        let rows = rows.context(|| format!("cannot read the load's rows in {table}"))?;
        let mut ids: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Removes the load's rows wherever they are: those of this one, and of one that was killed.
    pub async fn remove(self, client: &Client) -> Result<()> {
        for (table, own) in self.places() {
            let what = || format!("cannot remove the load's rows from {table}");
            let there = client
                .query_one("SELECT to_regclass('public.' || $1::text) IS NOT NULL", &[table])
                .await;
            if there.context(what)?.get(0) {
                let delete = format!("DELETE FROM public.{table} WHERE {own}");
                client.execute(&delete, &[]).await.context(what)?;
            }
        }
        Ok(())
    }

    /// The tables whose locks are watched, in the schema of the one that is written to.
    pub fn watched(self, root: &Name) -> Vec<Name> {
        let names = self.places().iter().map(|(table, _)| *table);
        names.map(|name| Name::new(root.schema.clone(), name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_in_bounds_and_in_every_partition() {
        let dates = |subject: Subject| (0..600).map(|n| subject.date(n)).collect::<Vec<_>>();
        for (subject, first, months) in
            [(Subject::Events, "2024-01", 5), (Subject::EventsAfterJanuary, "2024-02", 4)]
        {
            let dates = dates(subject);
            let mut found: Vec<_> = dates.iter().map(|date| &date[..7]).collect();
            found.sort_unstable();
            found.dedup();
            assert_eq!((found[0], found.len()), (first, months), "{found:?}");
            let february = dates.iter().filter(|date| date.starts_with("2024-02")).count();
            assert!(february > 300, "{february}");
        }
        assert!(dates(Subject::Users).iter().any(|date| date.starts_with("2022")));
    }
}
