//! `partition-lab.conf`: what we set in the local server, rewritten at each start (ground truth 25).

use std::path::Path;

/// The port where none was asked for. It then only names the socket.
pub(super) const DEFAULT_PORT: u16 = 5432;

/// The file's text. Durability stays as PostgreSQL has it: on.
pub(super) fn text(socket: &Path, tcp_port: Option<u16>) -> String {
    let port = tcp_port.unwrap_or(DEFAULT_PORT);
    let listen = if tcp_port.is_some() { "127.0.0.1" } else { "" };
    let socket = quoted(&listed(&socket.to_string_lossy()));
    format!(
        "\
# Written by Partition Lab at each start. Your own settings belong in postgresql.conf below its
# include line, or in ALTER SYSTEM.
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = {socket}
unix_socket_permissions = 0700
cluster_name = 'partition-lab'
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] '
shared_buffers = '256MB'
effective_cache_size = '1GB'
maintenance_work_mem = '128MB'
max_wal_size = '2GB'
checkpoint_completion_target = 0.9
"
    )
}

/// A value in `postgresql.conf`, where both quotes and backslashes need doubling.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

/// An entry of a list of folders, such as `unix_socket_directories`.
fn listed(folder: &str) -> String {
    format!("\"{}\"", folder.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_folders_of_any_name() {
        let text = text(Path::new(r#"/tmp/Ann's "lab", \ x"#), None);
        let line = r#"unix_socket_directories = '"/tmp/Ann''s ""lab"", \\ x"'"#;
        assert!(text.lines().any(|found| found == line), "{text}");
    }

    #[test]
    fn listens_on_loopback_only_and_only_when_asked() {
        assert!(text(Path::new("/s"), None).contains("listen_addresses = ''\nport = 5432\n"));
        assert!(
            text(Path::new("/s"), Some(6000))
                .contains("listen_addresses = '127.0.0.1'\nport = 6000\n")
        );
    }
}
