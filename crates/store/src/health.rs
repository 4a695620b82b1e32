//! How the store is kept: the database, its size, checkpoints, the disk.

use std::path::Path;

use qipan_sql::Dialect;
use serde::Serialize;

use crate::checkpoint::Checkpoint;
use crate::digest::hex;
use crate::store::Store;
use crate::{Error, Result, schema};

/// How the store is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// `sqlite` or `postgres`.
    pub database: &'static str,
    /// Version of the database program.
    pub database_version: String,
    /// Version of the layout of the tables.
    pub schema: i64,
    /// Bytes of the database.
    pub bytes: i64,
    /// Whether there is a key that signs checkpoints.
    pub key: bool,
    /// The last checkpoint.
    pub checkpoint: Option<Checkpoint>,
    /// The disk of the data folder; `None` where the system does not tell.
    pub disk: Option<Disk>,
}

/// Room on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Disk {
    /// Bytes that may still be written.
    pub free: u64,
    /// Bytes in all.
    pub total: u64,
}

impl Disk {
    /// Share that is free, in percent.
    #[must_use]
    pub fn free_percent(self) -> u64 {
        (u128::from(self.free) * 100)
            .checked_div(u128::from(self.total))
            .and_then(|percent| u64::try_from(percent).ok())
            .unwrap_or(0)
    }
}

impl Store {
    /// How the store is kept.
    ///
    /// # Errors
    /// When the database refuses or the key cannot be read.
    pub async fn health(&self) -> Result<Health> {
        let (database, version, bytes) = match self.dialect() {
            Dialect::Sqlite => (
                "sqlite",
                "SELECT sqlite_version()",
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            ),
            Dialect::Postgres => (
                "postgres",
                "SELECT current_setting('server_version')",
                "SELECT pg_database_size(current_database())",
            ),
        };
        let mut tx = self.db().read().await?;
        let args = tx.args();
        let version = tx.row(version, args).await?.map(|row| row.text(0));
        let args = tx.args();
        let bytes = tx.row(bytes, args).await?.map(|row| row.int(0));
        let args = tx.args();
        let last = "SELECT seq, hash, at, signature FROM checkpoint ORDER BY seq DESC LIMIT 1";
        let checkpoint = tx.row(last, args).await?;
        let schema = schema::version(&mut tx).await?;
        tx.rollback().await?;
        Ok(Health {
            database,
            database_version: version.transpose()?.unwrap_or_default(),
            schema: schema.unwrap_or_default(),
            bytes: bytes.transpose()?.unwrap_or_default(),
            key: self.seals().judge()?.is_some(),
            checkpoint: match checkpoint {
                None => None,
                Some(row) => Some(Checkpoint {
                    seq: row.int(0)?,
                    hash: hex(&row.bytes(1)?),
                    at: row.text(2)?,
                    signature: hex(&row.bytes(3)?),
                }),
            },
            disk: disk(self.files().root())?,
        })
    }
}

/// Room on the disk of a folder, or of the first folder above it that is there.
#[cfg(unix)]
pub(crate) fn disk(folder: &Path) -> Result<Option<Disk>> {
    let Some(there) = folder.ancestors().find(|folder| folder.exists()) else {
        return Ok(None);
    };
    let found = rustix::fs::statvfs(there)
        .map_err(|error| Error::file(there)(std::io::Error::from(error)))?;
    Ok(Some(Disk {
        free: found.f_bavail.saturating_mul(found.f_frsize),
        total: found.f_blocks.saturating_mul(found.f_frsize),
    }))
}

#[cfg(not(unix))]
pub(crate) fn disk(_: &Path) -> Result<Option<Disk>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_share_that_is_free() {
        let share = |free, total| Disk { free, total }.free_percent();
        assert_eq!(share(1, 3), 33);
        assert_eq!(share(u64::MAX, u64::MAX), 100);
        assert_eq!(share(0, 0), 0);
    }

    #[test]
    #[cfg(unix)]
    fn finds_the_disk_of_a_folder_that_is_not_made_yet() {
        let folder = tempfile::tempdir().unwrap();
        let disk = disk(&folder.path().join("files/ab")).unwrap().unwrap();
        assert!(disk.total > 0 && disk.free <= disk.total);
    }
}
