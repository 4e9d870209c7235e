//! From flags to a pace.

use std::time::Duration;

use convert::work::Pace;
use lab::{Error, Result};

use crate::cli::{LockFlags, PaceFlags};

impl PaceFlags {
    /// The pace; flags that make none are wrong usage.
    pub fn pace(&self) -> Result<Pace> {
        if self.workers == 0 {
            return Err(Error::usage("--workers takes a number from 1"));
        }
        if self.max_rate.is_some_and(|rate| !(rate.is_finite() && rate >= 1.0)) {
            return Err(Error::usage("--max-rate takes a number of rows from 1"));
        }
        let max_lag = self.max_lag.map(Duration::try_from_secs_f64).transpose();
        let max_lag =
            max_lag.map_err(|_| Error::usage("--max-lag takes a number of seconds from 0"))?;
        Ok(Pace {
            workers: self.workers,
            max_rate: self.max_rate,
            max_load: self.max_load,
            max_lag,
            ..self.locks.pace()
        })
    }
}

impl LockFlags {
    /// The usual pace with these limits.
    pub fn pace(&self) -> Pace {
        Pace {
            lock_timeout: Duration::from_millis(self.lock_timeout),
            lock_budget: Duration::from_secs(self.lock_budget),
            ..Pace::default()
        }
    }
}
