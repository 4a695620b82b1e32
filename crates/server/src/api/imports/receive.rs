//! A body into a file: counted and hashed while it comes, gone again unless it came whole.

use std::io;
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

/// Bytes written at a time.
const PIECE: usize = 1 << 20;

/// A file on its way in; it is taken away again unless it is kept.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    pub(super) size: u64,
    pub(super) digest: String,
}

/// Why a body did not become a file.
#[derive(Debug)]
pub(super) enum Lost {
    /// It is bigger than allowed.
    TooLarge,
    /// It broke off.
    Broken(String),
    /// The disk refuses.
    Disk(io::Error),
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already once it has been kept.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Part {
    /// Lays the file where it belongs.
    pub(super) fn keep(&self, path: &Path) -> io::Result<()> {
        std::fs::rename(&self.path, path)
    }
}

/// Receives a body of at most `most` bytes.
pub(super) async fn receive<E: std::fmt::Display>(
    body: impl Stream<Item = Result<Bytes, E>>,
    path: PathBuf,
    most: u64,
) -> Result<Part, Lost> {
    // Made before the file, so that whatever happens takes the file away.
    let mut part = Part {
        path,
        size: 0,
        digest: String::new(),
    };
    let file = tokio::fs::File::create(&part.path)
        .await
        .map_err(Lost::Disk)?;
    let mut file = tokio::io::BufWriter::with_capacity(PIECE, file);
    let mut hasher = Sha256::new();
    let mut body = std::pin::pin!(body);
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| Lost::Broken(error.to_string()))?;
        part.size += piece.len() as u64;
        if part.size > most {
            return Err(Lost::TooLarge);
        }
        hasher.update(&piece);
        file.write_all(&piece).await.map_err(Lost::Disk)?;
    }
    file.flush().await.map_err(Lost::Disk)?;
    file.get_ref().sync_all().await.map_err(Lost::Disk)?;
    part.digest = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(part)
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    fn pieces(texts: &[&'static str]) -> Vec<Result<Bytes, io::Error>> {
        texts
            .iter()
            .map(|text| Ok(Bytes::from_static(text.as_bytes())))
            .collect()
    }

    fn left(folder: &tempfile::TempDir) -> usize {
        std::fs::read_dir(folder.path()).unwrap().count()
    }

    #[tokio::test]
    async fn a_whole_body_becomes_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.part");
        let body = stream::iter(pieces(&["甲,", "乙\n"]));
        let part = receive(body, path, 8).await.unwrap();
        assert_eq!(part.size, 8);
        assert_eq!(part.digest.len(), 64);
        let kept = folder.path().join("original");
        part.keep(&kept).unwrap();
        drop(part);
        assert_eq!(std::fs::read_to_string(kept).unwrap(), "甲,乙\n");
        assert_eq!(left(&folder), 1);
    }

    #[tokio::test]
    async fn what_is_too_large_or_breaks_off_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.part");
        let body = stream::iter(pieces(&["甲,", "乙\n", "丙"]));
        let lost = receive(body, path.clone(), 8).await;
        assert!(matches!(lost, Err(Lost::TooLarge)), "{lost:?}");
        assert_eq!(left(&folder), 0);

        let mut broken = pieces(&["甲,"]);
        broken.push(Err(io::Error::other("reset")));
        let lost = receive(stream::iter(broken), path.clone(), 8).await;
        assert!(matches!(lost, Err(Lost::Broken(_))), "{lost:?}");
        assert_eq!(left(&folder), 0);

        // Somebody who goes away drops the request where it stands.
        let slow = stream::iter(pieces(&["甲,"])).chain(stream::pending());
        let waiting = receive(slow, path, 8);
        let timed = tokio::time::timeout(std::time::Duration::from_millis(50), waiting).await;
        assert!(timed.is_err());
        assert_eq!(left(&folder), 0);
    }

    #[tokio::test]
    async fn a_disk_that_takes_no_more_is_told() {
        let missing = PathBuf::from("/nowhere/at/all.part");
        let lost = receive(stream::iter(pieces(&["甲"])), missing, 8).await;
        assert!(matches!(lost, Err(Lost::Disk(_))), "{lost:?}");
        // A device that is always full.
        if Path::new("/dev/full").exists() {
            let folder = tempfile::tempdir().unwrap();
            let full = folder.path().join("full");
            std::os::unix::fs::symlink("/dev/full", &full).unwrap();
            let lost = receive(stream::iter(pieces(&["甲"])), full, 8).await;
            let Err(Lost::Disk(error)) = lost else {
                panic!("{lost:?}")
            };
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert_eq!(left(&folder), 0);
        }
    }
}
