//! Removing the server, after asking.

use std::path::PathBuf;

use lab::Result;
use lab::app::App;
use lab::report::{self, Progress};
use lab::server::{Destroyed, LocalServer, State};
use serde::Serialize;

/// What `destroy --format json` prints.
#[derive(Default, Serialize)]
struct Document {
    removed: Vec<PathBuf>,
    /// What stood in the server's folders and is not ours.
    left: Vec<PathBuf>,
}

pub async fn destroy(app: &App, local: &LocalServer, yes: bool) -> Result<()> {
    let home = local.home_path();
    // Without data there is nothing that anybody could miss.
    if !matches!(local.status().await, Ok(State::Absent)) {
        let what = format!("the local server in {} with all its data", home.display());
        let (says, question) = (format!("destroy removes {what}"), format!("Remove {what}?"));
        let with_yes = "cargo run -p server -- destroy --yes";
        if !report::agreed(yes, &says, &question, with_yes, &app.interrupt).await? {
            app.json(&Document::default())?;
            return app.say("Nothing was removed.");
        }
    }
    let progress = Progress::spinner("removing the local server");
    let Destroyed { removed, left } = local.destroy().await?;
    progress.finish();
    app.say(match (removed.is_empty(), left.is_empty()) {
        (true, _) => "There is no local server.".to_owned(),
        (_, true) => format!("Removed {}.", home.display()),
        (_, false) => format!("Removed the local server from {}.", home.display()),
    })?;
    for path in &left {
        report::note(&format!("{} is not ours and was left there", path.display()));
    }
    app.json(&Document { removed, left })
}
