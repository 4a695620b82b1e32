//! Files by content: the same bytes are kept once, under their SHA-256.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::digest::{hex, unhex};
use crate::{Error, Result};

/// Files by content, in `files/` of the data folder. Blocking; files are small enough that a
/// worker thread of the runtime may wait for them.
#[derive(Debug, Clone)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self {
            root: data_dir.join("files"),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Keeps bytes; gives their SHA-256, hex.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put(&self, bytes: &[u8]) -> Result<String> {
        self.keep(bytes, Path::new("<bytes>"))
    }

    /// Keeps a copy of a file, read piece by piece; gives its SHA-256, hex.
    ///
    /// # Errors
    /// When the file cannot be read or the disk refuses.
    pub fn put_path(&self, path: &Path) -> Result<String> {
        self.keep(File::open(path).map_err(Error::file(path))?, path)
    }

    /// The SHA-256, hex, that a file would be kept under; keeps nothing.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn digest_of(&self, path: &Path) -> Result<String> {
        digest_of(path)
    }

    /// Writes aside, makes it durable, then gives it its name: a file under its digest is whole.
    fn keep(&self, mut content: impl Read, origin: &Path) -> Result<String> {
        fs::create_dir_all(&self.root).map_err(Error::file(&self.root))?;
        static NTH: AtomicU64 = AtomicU64::new(0);
        let nth = NTH.fetch_add(1, Ordering::Relaxed);
        let aside = self.root.join(format!("{}-{nth}.part", std::process::id()));
        let kept = self.copy(&mut content, origin, &aside);
        if kept.is_err() {
            // What was begun is of no use; that it cannot be removed changes nothing.
            let _ = fs::remove_file(&aside);
        }
        kept
    }

    fn copy(&self, content: &mut impl Read, origin: &Path, aside: &Path) -> Result<String> {
        let mut hasher = Sha256::new();
        let mut file = File::create(aside).map_err(Error::file(aside))?;
        let mut piece = vec![0; 64 * 1024];
        loop {
            let read = content.read(&mut piece).map_err(Error::file(origin))?;
            if read == 0 {
                break;
            }
            hasher.update(&piece[..read]);
            file.write_all(&piece[..read]).map_err(Error::file(aside))?;
        }
        file.sync_all().map_err(Error::file(aside))?;
        let digest = hex(&hasher.finalize());
        let folder = self.root.join(&digest[..2]);
        fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        let name = folder.join(&digest);
        fs::rename(aside, &name).map_err(Error::file(&name))?;
        for folder in [&folder, &self.root] {
            File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(Error::file(folder))?;
        }
        Ok(digest)
    }

    /// Where a kept file lies; `None` when it is not there or the digest is none.
    #[must_use]
    pub fn path(&self, digest: &str) -> Option<PathBuf> {
        if unhex(digest)?.len() != 32 {
            return None;
        }
        Some(self.root.join(&digest[..2]).join(digest)).filter(|path| path.is_file())
    }

    /// Reads a kept file; `None` when it is not there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn read(&self, digest: &str) -> Result<Option<Vec<u8>>> {
        self.path(digest)
            .map(|path| fs::read(&path).map_err(Error::file(path)))
            .transpose()
    }

    /// Whether a kept file still has its content; `None` when it is not there.
    pub(crate) fn is_whole(&self, digest: &str) -> Result<Option<bool>> {
        let Some(path) = self.path(digest) else {
            return Ok(None);
        };
        Ok(Some(digest_of(&path)? == digest))
    }
}

/// SHA-256 of a file's content, hex, read piece by piece.
fn digest_of(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(Error::file(path))?;
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece).map_err(Error::file(path))? {
            0 => return Ok(hex(&hasher.finalize())),
            read => hasher.update(&piece[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_is_kept_once_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        let digest = files.put("佐证".as_bytes()).unwrap();
        assert_eq!(files.put("佐证".as_bytes()).unwrap(), digest);
        assert_eq!(files.read(&digest).unwrap().unwrap(), "佐证".as_bytes());
        assert_eq!(files.is_whole(&digest).unwrap(), Some(true));
        let path = files.path(&digest).unwrap();
        fs::write(path, "改").unwrap();
        assert_eq!(files.is_whole(&digest).unwrap(), Some(false));
        let left = fs::read_dir(folder.path().join("files")).unwrap().count();
        assert_eq!(left, 1, "nothing is left aside");
    }

    #[test]
    fn a_digest_cannot_lead_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        for wrong in ["../../etc/passwd", "", "ab", "../".repeat(32).as_str()] {
            assert_eq!(files.path(wrong), None);
        }
    }
}
