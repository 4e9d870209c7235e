//! Where the rows come from: the four tables of `setup`, or the user's own.

use lab::connect::Session;
use lab::report::{count, note};
use lab::{Error, Result, mark};

use crate::cli::Cli;
use crate::engine::Job;
use crate::rows::{Source, Wish, demo, own, place};
use crate::tables;
use crate::wire::MOST_PARAMETERS;

/// What the flags ask for.
pub async fn sources(cli: &Cli, session: &Session) -> Result<Vec<Source>> {
    let wish = Wish {
        spread: cli.spread.unwrap_or_default(),
        out_of_range: cli.out_of_range,
        dates: cli.dates.map(|dates| (dates.0, dates.1)),
        set: cli.set.iter().map(|set| (set.0.clone(), set.1.clone())).collect(),
    };
    match &cli.table {
        None => demo_sources(cli, session, &wish).await,
        Some(table) => {
            let own = own::source(session, table, &wish).await?;
            own.notes.iter().for_each(|text| note(text));
            Ok(vec![own.source])
        }
    }
}

/// The tables of the mix; those without a share are left out.
async fn demo_sources(cli: &Cli, session: &Session, wish: &Wish) -> Result<Vec<Source>> {
    let share = |short: &str, usual: u32| match &cli.mix {
        None => usual,
        Some(mix) => mix.0.iter().find(|(name, _)| name == short).map_or(0, |(_, share)| *share),
    };
    let shares = demo::MIX.map(|(table, usual)| (table, share(table.short(), usual)));
    let shares: Vec<_> = shares.into_iter().filter(|(_, share)| *share > 0).collect();
    let names: Vec<_> = shares.iter().map(|(table, _)| table.name()).collect();
    mark::require(session, &names).await?;
    // Rows are as in life until somebody asks for something else.
    let steered = cli.spread.is_some() || cli.out_of_range.is_some();
    let mut sources = Vec::new();
    for (table, share) in shares {
        let keys = if steered {
            let tree = tables::tree(session, &format!("public.{}", table.name())).await?;
            place::keys(session, &tree, &table.columns(), wish).await?
        } else {
            None
        };
        sources.push(table.source(share, keys, wish.dates));
    }
    Ok(sources)
}

/// The sources, if a statement of `job` can hold its rows.
pub fn fitting(sources: Vec<Source>, job: &Job) -> Result<Vec<Source>> {
    let columns = sources.iter().map(|source| source.columns.len()).max().unwrap_or(0);
    let most = MOST_PARAMETERS / columns.max(1);
    if job.copy || job.batch as usize <= most {
        return Ok(sources);
    }
    Err(Error::usage(format!("--batch {} is too large for an INSERT", job.batch))
        .because(format!(
            "a statement has at most {} parameters, and a row here has {columns}",
            count(MOST_PARAMETERS as u64)
        ))
        .next(format!("--batch {most}, or --copy, which has no such limit")))
}
