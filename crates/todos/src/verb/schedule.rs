//! `todos schedule`: what to install so that maintenance runs by itself. Prints it, changes nothing.

use lab::app::App;
use lab::{Context, Result};

use crate::cli::{Schedule, Scheduler};

/// A period, when it is due as cron and as systemd say it, in the server's quiet hours.
const PERIODS: [(&str, &str, &str); 3] = [
    ("daily", "15 3 * * *", "*-*-* 03:15:00"),
    ("weekly", "45 3 * * 0", "Sun *-*-* 03:45:00"),
    ("monthly", "15 4 1 * *", "*-*-01 04:15:00"),
];

const CRON: &str = "\
# crontab -e, as a user whose ~/.pgpass holds the password; cron mails what fails.
DATABASE_URL=postgresql://USER@HOST/DATABASE
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
    let program = std::env::current_exe().context(|| "cannot tell where this program lies")?;
    let program = program.display().to_string();
    let text = match flags.scheduler() {
        Scheduler::Cron => cron(&program),
        Scheduler::PgCron => pg_cron(),
        Scheduler::Systemd => systemd(&program),
    };
    app.json(&text)?;
    app.say(text.trim_end())
}

fn cron(program: &str) -> String {
    let line = |(period, when, _)| {
        format!("{when}  {program} maintain {period} --color never >/dev/null\n")
    };
    CRON.to_owned() + &PERIODS.map(line).concat()
}

fn pg_cron() -> String {
    let line = |(period, when, _)| {
        format!(
            "SELECT cron.schedule_in_database('todos-{period}', '{when}', \
             'SELECT * FROM todo_app.run_{period}_maintenance()', 'DATABASE');\n"
        )
    };
    format!("{PG_CRON}{}{PG_CRON_VACUUM}", PERIODS.map(line).concat())
}

fn systemd(program: &str) -> String {
    let service = format!(
        "\
# /etc/systemd/system/todos@.service
[Unit]
Description=%i maintenance of todos
After=network-online.target

[Service]
Type=oneshot
# DATABASE_URL=postgresql://USER@HOST/DATABASE, readable by its owner alone
EnvironmentFile=/etc/todos.env
ExecStart={program} maintain %i --color never
"
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
