//! The compressed file itself.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use lab::{Context, Error, Result};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::sealed::hex;

/// Bytes that are read at once.
const PIECE: usize = 1 << 16;

/// A file that appears under its name when it is complete, and leaves nothing behind when it never is.
pub struct Writer {
    gzip: GzEncoder<BufWriter<Hashing<NamedTempFile>>>,
}

/// Hashes what passes through.
struct Hashing<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Writer {
    /// Begins one that will be in `folder`.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let to = Hashing { to: NamedTempFile::new_in(folder)?, hash: Sha256::new() };
        Ok(Self {
            gzip: GzEncoder::new(BufWriter::with_capacity(PIECE, to), Compression::default()),
        })
    }

    /// Adds what COPY sent.
    pub fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.gzip.write_all(bytes)
    }

    /// Puts it at `path`, on the disk for good; its SHA-256.
    pub fn finish(self, path: &Path) -> io::Result<String> {
        let Hashing { to, hash } =
            self.gzip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        to.as_file().sync_all()?;
        to.persist(path).map_err(|error| error.error)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(hex(hash.finalize()))
    }
}

/// A file's SHA-256, in hexadecimal.
pub fn sha256(path: &Path) -> Result<String> {
    let what = || format!("cannot read {}", path.display());
    let mut file = File::open(path).context(what)?;
    let mut hashing = Hashing { to: io::sink(), hash: Sha256::new() };
    io::copy(&mut file, &mut hashing).context(what)?;
    Ok(hex(hashing.hash.finalize()))
}

/// Fails unless the file has this SHA-256.
pub fn verify(path: &Path, expected: &str) -> Result<()> {
    if sha256(path)? == expected {
        return Ok(());
    }
    Err(Error::failed(format!("{} is damaged", path.display()))
        .because("its SHA-256 is not what its manifest says"))
}

/// What COPY sent, piece by piece.
pub struct Reader {
    gzip: GzDecoder<BufReader<File>>,
}

impl Reader {
    /// Opens a file.
    pub fn new(path: &Path) -> io::Result<Self> {
        Ok(Self { gzip: GzDecoder::new(BufReader::new(File::open(path)?)) })
    }

    /// The next piece; empty at the end.
    pub fn piece(&mut self) -> io::Result<Vec<u8>> {
        let mut piece = vec![0; PIECE];
        let read = self.gzip.read(&mut piece)?;
        piece.truncate(read);
        Ok(piece)
    }
}

/// Bytes of a file.
pub fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_byte_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.copy.gz");
        let text: Vec<u8> =
            (0..20_000_u32).flat_map(|n| format!("{n}\t\\N\n").into_bytes()).collect();
        let mut writer = Writer::new(folder.path()).unwrap();
        writer.add(&text).unwrap();
        let sha256 = writer.finish(&path).unwrap();
        verify(&path, &sha256).unwrap();
        let (mut reader, mut read) = (Reader::new(&path).unwrap(), Vec::new());
        loop {
            match reader.piece().unwrap() {
                piece if piece.is_empty() => break,
                piece => read.extend(piece),
            }
        }
        assert!(read == text);
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(997).chain([whole.len() - 1]) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert!(verify(&path, &sha256).is_err(), "byte {at}");
        }
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(verify(&path, &sha256).is_err());
    }

    #[test]
    fn one_that_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::new(folder.path()).unwrap();
        writer.add(b"x").unwrap();
        drop(writer);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
