//! Carries a survey out.

use lab::catalog::Name;
use lab::{Error, Result};

use super::Wish;
use super::retire::drop_table;
use super::survey::Survey;
use crate::work::Work;

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// A partition was made.
    Made {
        /// Its name.
        name: Name,
        /// Rows that were moved into it out of DEFAULT.
        moved: u64,
    },
    /// A partition was detached, and is a table of its own now.
    Detached(Name),
    /// A partition was detached and dropped.
    Dropped(Name),
}

impl Survey {
    /// Does what it says, node by node. What was done is in `done` even when an error ends it; the
    /// same again goes on from there.
    pub async fn carry_out(
        &self,
        work: &Work<'_>,
        wish: &Wish,
        done: &mut Vec<Done>,
    ) -> Result<()> {
        for node in &self.nodes {
            if work.interrupt.is_raised() {
                return Err(Error::interrupted("interrupted; what was begun is finished"));
            }
            let made = |new: &super::New, moved| {
                done.push(Done::Made { name: new.name.clone(), moved });
            };
            node.make(work, made).await?;
            if wish.retain.is_none() {
                continue;
            }
            if wish.drop {
                for name in node.left_over(work.session.client()).await? {
                    drop_table(work, &name).await?;
                    done.push(Done::Dropped(name));
                }
            }
            let gone = |old: &super::Old| {
                let name = old.name.clone();
                done.push(if wish.drop { Done::Dropped(name) } else { Done::Detached(name) });
            };
            node.retire(work, wish.drop, gone).await?;
        }
        Ok(())
    }
}
