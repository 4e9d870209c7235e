//! The end of `run`: autovacuum gets the target's partitions, and the conversion is ready to be swapped.

use lab::{Context, Result};

use super::index::{self, Leaf};
use super::transaction;
use crate::moves::literal;
use crate::state::{self, Conversion, Phase};
use crate::work::Work;

/// Settings that the leaves have only until here. Autovacuum would vacuum and analyse each of them as soon as it may,
/// beside writers, while most of what it does is done again before the swap (`swap::analyze`).
pub const UNTIL_READY: [&str; 2] = ["autovacuum_enabled", "toast.autovacuum_enabled"];

/// Up to phase `Ready`.
pub async fn ready(work: &Work<'_>, conversion: &mut Conversion) -> Result<()> {
    let client = work.session.client();
    let leaves = index::leaves(client, conversion).await?;
    transaction::begin(client).await?;
    let finishing = async {
        client.batch_execute(&as_the_source(conversion, &leaves)).await.context(|| {
            format!("cannot set autovacuum of the new partitions of {}", conversion.name())
        })?;
        state::set_phase(client, conversion, Phase::Ready).await
    };
    let finished = finishing.await;
    transaction::ended(client, finished).await
}

/// What the source says of [`UNTIL_READY`], for each leaf.
fn as_the_source(conversion: &Conversion, leaves: &[Leaf]) -> String {
    let options = &conversion.design.source.options;
    let settings = UNTIL_READY.map(|option| {
        let own = options.iter().find_map(|own| own.strip_prefix(&format!("{option}=")));
        match own {
            Some(value) => format!("SET ({option}={})", literal(value)),
            None => format!("RESET ({option})"),
        }
    });
    let of_leaf =
        |leaf: &Leaf| settings.each_ref().map(|set| format!("ALTER TABLE {} {set}", leaf.name));
    leaves.iter().flat_map(of_leaf).collect::<Vec<_>>().join(";\n")
}
