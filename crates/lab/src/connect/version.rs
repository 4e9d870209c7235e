//! The server's version, and what an older one lacks.

use std::fmt::{self, Display};

use tokio_postgres::Client;

use crate::server::OLDEST_MAJOR;
use crate::{Context, Error, Result};

/// A server's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// As `SHOW server_version_num` gives it: 150018.
    pub number: u32,
    /// As people write it: `15.18`.
    pub text: String,
}

impl Version {
    pub(crate) async fn ask(client: &Client) -> Result<Self> {
        let row = client
            .query_one(
                "SELECT current_setting('server_version_num'), current_setting('server_version')",
                &[],
            )
            .await
            .context(|| "cannot ask the server for its version")?;
        let text: String = row.get(1);
        let number =
            row.get::<_, String>(0).parse().context(|| "the server's version is not a number")?;
        Ok(Self::new(number, &text))
    }

    /// Distributors append their own version, as in `15.18 (Debian 15.18-0+deb12u1)`.
    fn new(number: u32, text: &str) -> Self {
        Self { number, text: text.split(' ').next().unwrap_or(text).to_owned() }
    }

    /// The major version: 15.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.number / 10_000
    }

    /// Refuses a server that is too old, naming what it lacks.
    pub(super) fn require(&self, place: &str) -> Result<()> {
        let lacks = match self.major() {
            OLDEST_MAJOR.. => return Ok(()),
            14 => "MERGE",
            _ => {
                "MERGE, DETACH PARTITION CONCURRENTLY, TID range scans and client_connection_check_interval"
            }
        };
        Err(Error::failed(format!("{place} runs PostgreSQL {}, which is too old", self.text))
            .because(format!("it lacks {lacks}"))
            .next(format!("use PostgreSQL {OLDEST_MAJOR} or newer, or unset DATABASE_URL and POSTGRES_* for the local server")))
    }
}

impl Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_the_distributors_part_out() {
        let version = Version::new(150_018, "15.18 (Debian 15.18-0+deb12u1)");
        assert_eq!((version.major(), version.to_string()), (15, "15.18".to_owned()));
    }

    #[test]
    fn names_what_an_old_server_lacks() {
        let require =
            |number, text| Version::new(number, text).require("db").map_err(|e| e.to_string());
        assert!(require(150_000, "15.0").is_ok());
        assert!(require(140_012, "14.12").unwrap_err().contains("MERGE"));
        assert!(require(110_001, "11.1").unwrap_err().contains("DETACH PARTITION CONCURRENTLY"));
    }
}
