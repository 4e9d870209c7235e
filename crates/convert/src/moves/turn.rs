//! Everything that an exchange is made from.

use lab::catalog::Name;

use super::{Around, Settlement, parked};
use crate::design::Design;
use crate::portrait::Portrait;
use crate::state::Side;

/// Read just before the first attempt.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// The conversion's number.
    pub id: i64,
    /// What was decided.
    pub design: &'a Design,
    /// Which of the two is live now.
    pub side: Side,
    /// The table that bears the applications' name.
    pub live: &'a Portrait,
    /// The other one.
    pub shadow: &'a Portrait,
    /// Names of `live.tree`, in its order.
    pub live_tables: &'a [Name],
    /// Names of `shadow.tree`, in its order.
    pub shadow_tables: &'a [Name],
    /// What else is bound to the live table.
    pub around: &'a Around,
    /// What the exchange before this one left, where that is not done yet.
    pub pending: &'a [Settlement],
}

impl<'a> Turn<'a> {
    /// The portrait of one side.
    #[must_use]
    pub fn of(&self, side: Side) -> &'a Portrait {
        if side == self.side { self.live } else { self.shadow }
    }

    /// The name that applications use: the live table's before the exchange, the shadow's after it.
    #[must_use]
    pub fn live_name(&self) -> Name {
        Name::new(&self.live.schema, &self.live.name)
    }

    /// The shadow's name before the exchange.
    #[must_use]
    pub fn shadow_name(&self) -> Name {
        Name::new(&self.shadow.schema, &self.shadow.name)
    }

    /// The name that the live table bears after the exchange.
    #[must_use]
    pub fn parked_name(&self) -> Name {
        let name = match self.side {
            Side::Source => &self.design.old_name,
            Side::Target => &self.design.target_name,
        };
        Name::new(&self.live.schema, name)
    }

    /// What a table of the shadow's tree is called after the exchange.
    #[must_use]
    pub fn partition_to_be(&self, now: &Name) -> Name {
        let takes =
            |live: &&Name| live.schema == now.schema && parked(&live.name, self.id) == now.name;
        self.live_tables.iter().find(takes).unwrap_or(now).clone()
    }
}
