//! The URL of the server's database, for other programs.

use std::path::PathBuf;

use lab::app::App;
use lab::report;
use lab::server::{DATABASE, LocalServer};
use lab::{Error, Result};
use serde::Serialize;

/// What `url --format json` prints.
#[derive(Serialize)]
struct Document {
    url: String,
    /// The file with the password, which TCP needs and the URL does not tell.
    passfile: Option<PathBuf>,
}

pub async fn show(app: &App, local: &LocalServer, tcp: bool) -> Result<()> {
    let Some(attached) = local.attach().await? else {
        return Err(Error::failed("the local server does not run").next(if tcp {
            "cargo run -p server -- start --port 5432"
        } else {
            "cargo run -p server -- start"
        }));
    };
    let document = match (tcp, attached.tcp_port) {
        (false, _) => Document { url: attached.url(), passfile: None },
        (true, Some(port)) => Document {
            url: format!("postgresql://postgres@127.0.0.1:{port}/{DATABASE}"),
            passfile: Some(local.pgpass_path()),
        },
        (true, None) => {
            return Err(Error::failed("the local server does not listen on TCP")
                .next("cargo run -p server -- stop")
                .next("cargo run -p server -- start --port 5432"));
        }
    };
    app.json(&document)?;
    app.say(&document.url)?;
    if let Some(passfile) = &document.passfile {
        report::note(&format!("its password is in PGPASSFILE={}", passfile.display()));
    }
    Ok(())
}
