//! A JSON document that carries its own checksum.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use lab::{Context, Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Debug, Serialize, Deserialize)]
struct Sealed<T> {
    #[serde(flatten)]
    document: T,
    /// SHA-256 of the document without this field, in hexadecimal.
    own_sha256: String,
}

/// Reads one, and fails unless it is as it was written.
pub fn read<T: Serialize + DeserializeOwned>(path: &Path) -> Result<T> {
    let what = || format!("cannot read the manifest {}", path.display());
    let text = fs::read_to_string(path).context(what)?;
    let Sealed { document, own_sha256 } = serde_json::from_str(&text).context(what)?;
    if checksum(&document)? == own_sha256 {
        return Ok(document);
    }
    Err(Error::failed(format!("{} was changed since it was written", path.display())))
}

/// Writes one, whole or not at all.
pub fn write(path: &Path, document: &impl Serialize) -> Result<()> {
    let what = || format!("cannot write the manifest {}", path.display());
    let folder = path.parent().unwrap_or(Path::new("."));
    let sealed = Sealed { own_sha256: checksum(document)?, document };
    let mut temporary = tempfile::NamedTempFile::new_in(folder).context(what)?;
    serde_json::to_writer_pretty(&mut temporary, &sealed).context(what)?;
    temporary.write_all(b"\n").context(what)?;
    temporary.as_file().sync_all().context(what)?;
    temporary.persist(path).map_err(|error| error.error).context(what)?;
    File::open(folder).and_then(|folder| folder.sync_all()).context(what)
}

fn checksum(document: &impl Serialize) -> Result<String> {
    Ok(hex(Sha256::digest(serde_json::to_vec(document).context(|| "cannot write JSON")?)))
}

/// In hexadecimal.
pub fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
