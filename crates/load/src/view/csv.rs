//! `--csv FILE`: one row a second.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use lab::output_file::OutputFile;
use lab::{Error, Result};

use crate::stats::Second;

/// The columns: times in seconds or milliseconds, as their names say.
const HEADER: &str = "at_s,length_s,inserted,failed,in_doubt,rate_per_s,lag_ms,disconnected,\
                      p50_ms,p90_ms,p99_ms,p999_ms,p9999_ms,max_ms\n";

/// A CSV file that grows while the load runs: each second is in the file as soon as it is over,
/// so a run that is killed keeps its rows.
#[derive(Debug)]
pub struct Csv {
    path: PathBuf,
    file: File,
}

impl Csv {
    /// Makes a file with the header at `path`, in place of an earlier one of ours; with `force` in place of any. An error names
    /// the file.
    pub fn create(path: &Path, force: bool) -> Result<Self> {
        let file = Self::file(path, force).begin(HEADER)?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Whether `path` can be written.
    pub fn check(path: &Path, force: bool) -> Result<()> {
        Self::file(path, force).check()
    }

    fn file(path: &Path, force: bool) -> OutputFile {
        OutputFile::csv(path, HEADER, force)
    }

    /// Writes the next second. Latencies are empty when no statement was answered in it.
    pub fn write(&mut self, second: &Second) -> Result<()> {
        // One call of the system a row: a reader never sees half of one.
        self.file
            .write_all(row(second).as_bytes())
            .map_err(|error| cannot_write(&self.path, &error))
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    Error::failed(format_args!("cannot write {}", path.display()))
        .caused_by(error)
        .next("name a file in a folder that exists and has room: --csv FILE")
}

fn row(second: &Second) -> String {
    let latency = second.latency_ms;
    // Zero would be a very good latency; nothing measured is nothing written.
    let ms = |ms: f64| if latency.max > 0.0 { format!("{ms:.3}") } else { String::new() };
    format!(
        "{:.3},{:.3},{},{},{},{:.3},{:.3},{},{},{},{},{},{},{}\n",
        second.at,
        second.length,
        second.inserted,
        second.failed,
        second.in_doubt,
        second.rate(),
        second.lag_ms,
        second.disconnected,
        ms(latency.p50),
        ms(latency.p90),
        ms(latency.p99),
        ms(latency.p999),
        ms(latency.p9999),
        ms(latency.max),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Latency;

    #[test]
    fn each_second_is_in_the_file_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.csv");
        std::fs::write(&path, "what was there before").unwrap();
        let mut csv = Csv::create(&path, true).unwrap();
        let latency_ms = Latency { p50: 0.61, p90: 1.0, p99: 1.2, p999: 3.0, p9999: 3.4, max: 3.4 };
        let second =
            Second { at: 1.0, length: 1.0, inserted: 1_204, latency_ms, ..Second::default() };
        csv.write(&second).unwrap();
        csv.write(&Second { at: 2.0, length: 1.0, failed: 3, ..Second::default() }).unwrap();
        // `csv` is still open: nothing waits in a buffer.
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], HEADER.trim_end());
        assert_eq!(
            lines[1..],
            [
                "1.000,1.000,1204,0,0,1204.000,0.000,0,0.610,1.000,1.200,3.000,3.400,3.400",
                "2.000,1.000,0,3,0,0.000,0.000,0,,,,,,",
            ]
        );
        assert!(lines.iter().all(|line| line.split(',').count() == 14), "{lines:?}");
    }

    #[test]
    fn errors_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("run.csv");
        let error = Csv::create(&path, false).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
        assert!(error.contains("--csv"), "{error}");
    }

    #[test]
    #[cfg(target_os = "linux")] // a device that is always full
    fn a_full_disk_is_an_error() {
        let error = Csv::create(Path::new("/dev/full"), false).unwrap_err().to_string();
        assert!(error.contains("/dev/full") && error.contains("space"), "{error}");
    }
}
