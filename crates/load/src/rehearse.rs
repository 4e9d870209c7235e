//! `--dry-run`: rows are invented and thrown away, which shows how fast that is.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use lab::app::App;
use lab::report::{bytes, duration, plural};
use lab::{Error, Result};
use rand::{RngExt, SeedableRng};
use serde::Serialize;

use crate::engine::Job;
use crate::fields::Fields;
use crate::rows::{Random, Source};
use crate::view;

/// What `--format json` prints.
#[derive(Serialize)]
struct Rehearsal {
    elapsed_s: f64,
    invented: u64,
    bytes: u64,
    rate_per_s: f64,
}

/// How long it goes on when nobody says.
const SECOND: Duration = Duration::from_secs(1);

/// Invents rows on this core alone; nothing is sent.
pub fn run(app: &App, job: &Job, sources: &[Source]) -> Result<()> {
    let limit = match (job.duration, job.rows) {
        (None, None) => Some(SECOND),
        (duration, _) => duration,
    };
    let rows = invent(job, sources, limit, &|| app.interrupt.is_raised());
    app.json(&rows)?;
    app.say(format!(
        "\n{} invented in {}, {} a second on one core, {} in all; nothing was sent",
        plural(rows.invented, "row"),
        duration(Duration::from_secs_f64(rows.elapsed_s)),
        view::rate(rows.rate_per_s),
        bytes(rows.bytes),
    ))?;
    if app.interrupt.is_raised() { Err(Error::interrupted("interrupted")) } else { Ok(()) }
}

#[allow(clippy::cast_precision_loss)] // 2^53 rows are far away
fn invent(
    job: &Job,
    sources: &[Source],
    limit: Option<Duration>,
    interrupted: &dyn Fn() -> bool,
) -> Rehearsal {
    let mut random = job.seed.map_or_else(rand::make_rng, Random::seed_from_u64);
    let mut generators: Vec<_> = sources.iter().map(|source| source.rows.clone_box()).collect();
    let weights: Vec<usize> = sources
        .iter()
        .enumerate()
        .flat_map(|(n, source)| std::iter::repeat_n(n, source.weight as usize))
        .collect();
    let start = Instant::now();
    let (mut invented, mut bytes) = (0, 0);
    let mut buffer = BytesMut::new();
    let left = |invented: u64| job.rows.is_none_or(|rows| invented < rows);
    let in_time = || limit.is_none_or(|limit| start.elapsed() < limit);
    while left(invented) && in_time() && !interrupted() {
        for _ in 0..1_000 {
            if !left(invented) {
                break;
            }
            let table = weights[random.random_range(0..weights.len())];
            generators[table].write(&mut random, &mut Fields(&mut buffer));
            invented += 1;
        }
        bytes += buffer.len() as u64;
        buffer.clear();
    }
    let elapsed_s = start.elapsed().as_secs_f64();
    Rehearsal { elapsed_s, invented, bytes, rate_per_s: invented as f64 / elapsed_s.max(1e-9) }
}
