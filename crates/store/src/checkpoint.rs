//! Signed checkpoints: what the journal was, said outside the database too.
//!
//! The key lies in `keys/` of the data folder, readable by its owner only. Each commit signs the
//! new head into the table `checkpoint` and, once durable, into `checkpoints.jsonl`. Whoever cuts
//! or rewrites the journal without the key contradicts them.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::digest::{self, hex, unhex};
use crate::{Error, Result};

/// A signed statement that the journal stood so; one line of `checkpoints.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Journal entry.
    pub seq: i64,
    /// Its hash, hex.
    pub hash: String,
    /// Moment of that entry.
    pub at: String,
    /// Ed25519 signature, hex.
    pub signature: String,
}

/// The data folder's key and file of checkpoints.
#[derive(Debug, Clone)]
pub(crate) struct Seals {
    folder: PathBuf,
    log: PathBuf,
}

impl Seals {
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("keys"),
            log: data_dir.join("checkpoints.jsonl"),
        }
    }

    fn secret(&self) -> PathBuf {
        self.folder.join("checkpoint.key")
    }

    fn public(&self) -> PathBuf {
        self.folder.join("checkpoint.pub")
    }

    /// Makes the key from 32 random bytes; keeps the one that is there.
    pub(crate) fn init(&self, seed: &[u8; 32]) -> Result<()> {
        if self.secret().exists() {
            return Ok(());
        }
        fs::create_dir_all(&self.folder).map_err(Error::file(&self.folder))?;
        let key = SigningKey::from_bytes(seed);
        private(&self.secret(), &hex(&key.to_bytes()))?;
        let public = self.public();
        fs::write(&public, hex(key.verifying_key().as_bytes())).map_err(Error::file(public))
    }

    fn key(&self) -> Result<Option<SigningKey>> {
        let path = self.secret();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file(path)(error)),
        };
        let seed: [u8; 32] = unhex(text.trim())
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| Error::Key(format!("{} 不是 64 位十六进制", path.display())))?;
        Ok(Some(SigningKey::from_bytes(&seed)))
    }

    /// The key by which signatures are judged; `None` when there is no key.
    pub(crate) fn judge(&self) -> Result<Option<Judge>> {
        let path = self.public();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file(path)(error)),
        };
        unhex(text.trim())
            .and_then(|bytes| bytes.try_into().ok())
            .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
            .map(|key| Some(Judge(key)))
            .ok_or_else(|| Error::Key(format!("{} 不是公钥", path.display())))
    }

    /// Signs; `None` when there is no key.
    pub(crate) fn sign(&self, seq: i64, hash: &[u8], at: &str) -> Result<Option<Checkpoint>> {
        let Some(key) = self.key()? else {
            return Ok(None);
        };
        let signature = key.sign(&digest::checkpoint(seq, hash, at));
        Ok(Some(Checkpoint {
            seq,
            hash: hex(hash),
            at: at.to_owned(),
            signature: hex(&signature.to_bytes()),
        }))
    }

    /// Adds a line to the file outside the database.
    pub(crate) fn append(&self, checkpoint: &Checkpoint) -> Result<()> {
        let mut line = serde_json::to_string(checkpoint)
            .map_err(|error| Error::Database(error.to_string()))?;
        line.push('\n');
        let mut log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(Error::file(&self.log))?;
        log.write_all(line.as_bytes())
            .and_then(|()| log.sync_all())
            .map_err(Error::file(&self.log))
    }

    /// The lines of the file, with their numbers; a line that is no checkpoint is `None`.
    pub(crate) fn lines(&self) -> Result<Lines> {
        let log = match File::open(&self.log) {
            Ok(log) => Some(BufReader::new(log)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::file(&self.log)(error)),
        };
        Ok(Lines { log, number: 0 })
    }
}

/// Reads the file of checkpoints line by line.
pub(crate) struct Lines {
    log: Option<BufReader<File>>,
    number: usize,
}

impl Iterator for Lines {
    type Item = (usize, Option<Checkpoint>);

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        let read = self.log.as_mut()?.read_until(b'\n', &mut line);
        self.number += 1;
        match read {
            Ok(0) => None,
            // A last line without its end was being written when the power went: it says nothing.
            Ok(_) if !line.ends_with(b"\n") => None,
            Ok(_) => Some((self.number, serde_json::from_slice(&line).ok())),
            Err(_) => {
                self.log = None;
                Some((self.number, None))
            }
        }
    }
}

/// Judges signatures.
pub(crate) struct Judge(VerifyingKey);

impl Judge {
    /// Whether the signature is ours.
    pub(crate) fn accepts(&self, checkpoint: &Checkpoint) -> bool {
        let signature = unhex(&checkpoint.signature)
            .and_then(|bytes| bytes.try_into().ok())
            .map(|bytes: [u8; 64]| Signature::from_bytes(&bytes));
        let hash = unhex(&checkpoint.hash);
        match (signature, hash) {
            (Some(signature), Some(hash)) => {
                let signed = digest::checkpoint(checkpoint.seq, &hash, &checkpoint.at);
                self.0.verify(&signed, &signature).is_ok()
            }
            _ => false,
        }
    }
}

/// Writes a file that only its owner may read.
fn private(path: &Path, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file: File = options.open(path).map_err(Error::file(path))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(Error::file(path))
}
