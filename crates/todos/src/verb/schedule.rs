//! `todos schedule`: what to install so that maintenance runs by itself. Prints it, changes nothing.

use lab::Result;
use lab::app::App;
use lab::crontab::Crontab;

use crate::cli::{Schedule, Scheduler};

/// A period, when it is due as cron and as systemd say it, in the server's quiet hours.
const PERIODS: [(&str, &str, &str); 3] = [
    ("daily", "15 3 * * *", "*-*-* 03:15:00"),
    ("weekly", "45 3 * * 0", "Sun *-*-* 03:45:00"),
    ("monthly", "15 4 1 * *", "*-*-01 04:15:00"),
];

const CRON: &str = "\
# crontab -e; cron mails what fails.
";

const PG_CRON: &str = "\
-- In the database of pg_cron, once: CREATE EXTENSION pg_cron. Times are UTC unless cron.timezone says otherwise.
";

/// VACUUM runs in no function, so `pg_cron` runs it as a statement of its own. REINDEX CONCURRENTLY it cannot choose.
const PG_CRON_VACUUM: &str = "\
SELECT cron.schedule_in_database('todos-vacuum', '55 3 * * 0',
    'VACUUM (ANALYZE) todo_app.todos_active, todo_app.todos_archived, todo_app.ai_todo_interactions', 'DATABASE');
-- Which indexes are due, for `todos maintain weekly` or by hand: SELECT statement FROM todo_app.weekly_statements();
";

const SYSTEMD_START: &str = "
# systemctl daemon-reload && systemctl enable --now todos-daily.timer todos-weekly.timer todos-monthly.timer
";

/// Prints it.
pub fn run(app: &App, flags: &Schedule) -> Result<()> {
    let crontab = app.crontab()?;
    let text = match flags.scheduler() {
        Scheduler::Cron => cron(&crontab),
        Scheduler::PgCron => pg_cron(crontab.database()),
        Scheduler::Systemd => systemd(&crontab),
    };
    app.json(&text)?;
    app.say(text.trim_end())
}

fn cron(crontab: &Crontab) -> String {
    let line = |(period, when, _)| {
        let arguments = ["maintain", period, "--color", "never"];
        format!("{} >/dev/null\n", crontab.line(when, &arguments))
    };
    CRON.to_owned() + &password(crontab) + &PERIODS.map(line).concat()
}

/// Where to put it, as a comment.
fn password(crontab: &Crontab) -> String {
    crontab.password().map(|note| format!("# {note}\n")).unwrap_or_default()
}

fn pg_cron(database: &str) -> String {
    let database = format!("'{}'", database.replace('\'', "''"));
    let line = |(period, when, _)| {
        format!(
            "SELECT cron.schedule_in_database('todos-{period}', '{when}', \
             'SELECT * FROM todo_app.run_{period}_maintenance()', {database});\n"
        )
    };
    let vacuum = PG_CRON_VACUUM.replace("'DATABASE'", &database);
    format!("{PG_CRON}{}{vacuum}", PERIODS.map(line).concat())
}

fn systemd(crontab: &Crontab) -> String {
    let service = format!(
        "\
# /etc/systemd/system/todos@.service
[Unit]
Description=%i maintenance of todos
After=network-online.target

[Service]
Type=oneshot
{}{}",
        password(crontab),
        crontab.service("maintain %i --color never")
    );
    let timer = |(period, _, when)| {
        format!(
            "
# /etc/systemd/system/todos-{period}.timer
[Timer]
OnCalendar={when} UTC
Persistent=true
Unit=todos@{period}.service

[Install]
WantedBy=timers.target
"
        )
    };
    format!("{service}{}{SYSTEMD_START}", PERIODS.map(timer).concat())
}
