//! `plan`: what would be done, what stands in the way, and what it costs.

use convert::shape::{self, Subject};
use convert::{design, plan};
use lab::app::App;
use lab::cli::Format;
use lab::{Error, Result, report};

use crate::cli::{Plan, Wish};

/// Reads, and prints in the form that was asked for.
pub async fn run(flags: &Plan, mut app: App) -> Result<()> {
    let request = flags.wish.request()?;
    let people = app.is_table();
    if flags.markdown || flags.sql {
        // The line that names the server would stand at the top of the file.
        app.format = Format::Json;
    }
    let mut session = app.connect().await?;
    let Wish { table, split, .. } = &flags.wish;
    let subject = shape::subject(session.client(), table, split.as_deref(), request).await?;
    let (oid, request) = match subject {
        Subject::One { oid, request } => (oid, request),
        Subject::Buckets(buckets) => {
            let bucket =
                buckets.next(session.client()).await?.ok_or_else(|| buckets.enough(table))?;
            let more = report::plural(bucket.after as u64, "more bucket");
            app.say(format!("One bucket after the other: this is the first, {more} follow.\n"))?;
            (bucket.oid, bucket.request)
        }
    };
    if flags.sql {
        let design = design::decide(session.client(), oid, &request).await?;
        let script = plan::sql::script(session.client(), &design).await?;
        // Shown otherwise, the names in it would be other names.
        if report::visible(&script) != script {
            return Err(Error::failed(format!("the script for {table} is not printed"))
                .because("a name in it has characters that a terminal obeys (control, direction of writing)")
                .next("rename it, or let convert run do it, which sends names as they are"));
        }
        return report::print(&script);
    }
    let (_, mut document) = plan::read(&mut session, oid, &request).await?;
    document.afterwards.run_by(&app.crontab()?);
    if flags.markdown {
        report::print(&plan::markdown(&document))
    } else if people {
        app.say(plan::text(&document))
    } else {
        app.json(&document)
    }
}
