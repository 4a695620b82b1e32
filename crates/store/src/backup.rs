//! Backups (备份): each one a data folder that opens like any other.
//!
//! SQLite copies the database as it stood at one moment while others go on writing. Files by
//! content never change, so that a backup shares them by hard links where the disk allows it, and
//! has copies on another disk. To go back is to put a backup in the place of the data folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::written;
use crate::health::disk;
use crate::{Error, Event, Result, Store};

/// What a backup tells of itself, in its own folder.
const ABOUT: &str = "backup.json";
/// Folder with the sheets of workbooks that have been sent in and not been cleared away.
const IMPORTS: &str = "imports";
/// End of the name of a backup that is being written.
const ASIDE: &str = ".part";
/// One that is still being written after so long never will be.
const BROKEN: Duration = Duration::from_secs(24 * 3600);

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Name of its folder, `20211101T020000Z`.
    pub name: String,
    /// When it was begun, RFC 3339 UTC.
    pub at: String,
    /// The newest journal entry in it.
    pub head: i64,
    /// The hash of that entry, hex.
    pub hash: String,
    /// Bytes of its database.
    pub bytes: u64,
    /// Files by content in it.
    pub files: u64,
}

impl Backup {
    /// What the journal is told of it; `removed` names those that went for it.
    #[must_use]
    pub fn event(&self, actor: &str, origin: &str, removed: &[Backup]) -> Event {
        let removed: Vec<&str> = removed.iter().map(|one| one.name.as_str()).collect();
        Event {
            action: "backup".to_owned(),
            actor: actor.to_owned(),
            origin: origin.to_owned(),
            reason: "备份".to_owned(),
            register: String::new(),
            payload: json!({
                "name": self.name, "entries": self.head, "head": self.hash, "removed": removed,
            }),
        }
    }
}

/// The folder in which backups lie, each in a folder of its own.
#[derive(Debug, Clone)]
pub struct Backups {
    folder: PathBuf,
}

impl Backups {
    /// Backups in this folder; it is made with the first one.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Backups in the store's own data folder.
    #[must_use]
    pub fn of(store: &Store) -> Self {
        Self::new(store.data_dir().join("backups"))
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All whole backups, the newest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Backup>> {
        let mut backups: Vec<Backup> = Vec::new();
        for folder in folders(&self.folder)? {
            // A folder that does not tell what it is, is something else.
            let about = fs::read(folder.join(ABOUT)).ok();
            let about = about.and_then(|about| serde_json::from_slice::<Backup>(&about).ok());
            backups.extend(about.filter(|about| folder.ends_with(&about.name)));
        }
        backups.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.name.cmp(&a.name)));
        Ok(backups)
    }

    /// Writes a backup of the store and opens it once to see that it can be. Whole or not at all.
    ///
    /// # Errors
    /// On PostgreSQL, which is backed up by its own tools; when the disk has not enough room or
    /// refuses.
    pub async fn make(&self, store: &Store) -> Result<Backup> {
        self.clear_broken()?;
        let now = store.now();
        let (name, aside) = self.begin(&now.strftime("%Y%m%dT%H%M%SZ").to_string())?;
        let made = self.fill(store, &aside, name, written(now)).await;
        let made = made.and_then(|backup| {
            let whole = self.folder.join(&backup.name);
            fs::rename(&aside, &whole).map_err(Error::file(&whole))?;
            sync(&self.folder)?;
            Ok(backup)
        });
        if made.is_err() {
            // What was begun is of no use; that it cannot be removed changes nothing.
            let _ = fs::remove_dir_all(&aside);
        }
        made
    }

    /// Removes a backup; `false` when there is none of that name.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(&self, name: &str) -> Result<bool> {
        // A name is looked for, never put into a path as it comes.
        let Some(backup) = self.list()?.into_iter().find(|one| one.name == name) else {
            return Ok(false);
        };
        let folder = self.folder.join(&backup.name);
        // Out of the list first, so that half a backup never stands in it.
        let aside = self.folder.join(backup.name + ASIDE);
        fs::rename(&folder, &aside).map_err(Error::file(&folder))?;
        fs::remove_dir_all(&aside).map_err(Error::file(&aside))?;
        Ok(true)
    }

    /// Removes the oldest ones beyond so many; gives those removed.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(&self, most: usize) -> Result<Vec<Backup>> {
        let old: Vec<Backup> = self.list()?.into_iter().skip(most).collect();
        for backup in &old {
            self.remove(&backup.name)?;
        }
        Ok(old)
    }

    /// A name that nobody has, and a folder in which to begin.
    fn begin(&self, stem: &str) -> Result<(String, PathBuf)> {
        fs::create_dir_all(&self.folder).map_err(Error::file(&self.folder))?;
        let mut nth = 1;
        loop {
            let name = match nth {
                1 => stem.to_owned(),
                nth => format!("{stem}-{nth}"),
            };
            let aside = self.folder.join(format!("{name}{ASIDE}"));
            if !self.folder.join(&name).exists() {
                match fs::create_dir(&aside) {
                    Ok(()) => return Ok((name, aside)),
                    Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                    Err(error) => return Err(Error::file(aside)(error)),
                }
            }
            nth += 1;
        }
    }

    async fn fill(&self, store: &Store, aside: &Path, name: String, at: String) -> Result<Backup> {
        let needed = u64::try_from(store.health().await?.bytes).unwrap_or_default();
        if let Some(room) = disk(aside)?.filter(|room| room.free < needed) {
            return Err(Error::Disk(format!(
                "备份要 {needed} 字节，磁盘只剩 {} 字节",
                room.free
            )));
        }
        // Checkpoints before the database: none may speak of entries that the copy has not.
        copy_around(store.data_dir(), aside)?;
        let database = aside.join("qipan.db");
        store.db().copy_into(&database).await?;
        sync(&database)?;
        // Files after it: a row's file is there before the row is.
        let earlier = self.list()?.into_iter().next();
        let earlier = earlier.map(|earlier| self.folder.join(earlier.name).join("files"));
        let (from, into) = (store.files().root().to_owned(), aside.join("files"));
        // They may be many, and copies of them large.
        let sharing = tokio::task::spawn_blocking(move || share(&from, earlier.as_deref(), &into));
        let files = sharing
            .await
            .map_err(|error| Error::Database(error.to_string()))??;
        let (from, into) = (store.data_dir().join(IMPORTS), aside.join(IMPORTS));
        let copying = tokio::task::spawn_blocking(move || copy_tree(&from, &into));
        copying
            .await
            .map_err(|error| Error::Database(error.to_string()))??;
        let (head, hash) = look_into(store, aside).await?;
        let bytes = fs::metadata(&database)
            .map_err(Error::file(&database))?
            .len();
        let backup = Backup {
            name,
            at,
            head,
            hash,
            bytes,
            files,
        };
        let about = aside.join(ABOUT);
        let told = serde_json::to_vec_pretty(&backup)
            .map_err(|error| Error::Database(error.to_string()))?;
        fs::write(&about, told).map_err(Error::file(&about))?;
        sync(&about)?;
        sync(aside)?;
        Ok(backup)
    }

    /// Takes away what a killed process left half done.
    fn clear_broken(&self) -> Result<()> {
        for folder in folders(&self.folder)? {
            let aside = folder
                .file_name()
                .is_some_and(|name| name.to_string_lossy().ends_with(ASIDE));
            let old = fs::metadata(&folder)
                .and_then(|about| about.modified())
                .ok()
                .and_then(|touched| touched.elapsed().ok())
                .is_some_and(|age| age > BROKEN);
            if aside && old {
                fs::remove_dir_all(&folder).map_err(Error::file(folder))?;
            }
        }
        Ok(())
    }
}

/// What lies in a folder; nothing when it is not there, or not any more.
fn entries(within: &Path) -> Result<impl Iterator<Item = std::io::Result<fs::DirEntry>>> {
    match fs::read_dir(within) {
        Ok(entries) => Ok(Some(entries).into_iter().flatten()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(None.into_iter().flatten())
        }
        Err(error) => Err(Error::file(within)(error)),
    }
}

/// The folders within a folder; none when it is not there.
fn folders(within: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in entries(within)? {
        let path = entry.map_err(Error::file(within))?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    Ok(found)
}

/// Copies what lies around the database: keys, checkpoints, settings in files.
fn copy_around(data_dir: &Path, into: &Path) -> Result<()> {
    copy_files(data_dir, into)?;
    copy_tree(&data_dir.join("keys"), &into.join("keys"))
}

/// Copies a folder with all that is in it; one that is not there is none.
fn copy_tree(from: &Path, into: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(into).map_err(Error::file(into))?;
    copy_files(from, into)?;
    for folder in folders(from)? {
        if let Some(name) = folder.file_name() {
            copy_tree(&folder, &into.join(name))?;
        }
    }
    sync(into)
}

/// Copies the files of one folder, save the database.
fn copy_files(from: &Path, into: &Path) -> Result<()> {
    for entry in entries(from)? {
        let path = entry.map_err(Error::file(from))?.path();
        let Some(name) = path.file_name().filter(|_| path.is_file()) else {
            continue;
        };
        let database = name.to_string_lossy().starts_with("qipan.db");
        if !database && name != ABOUT {
            copy(&path, &into.join(name))?;
        }
    }
    Ok(())
}

/// Gives a backup all files by content; gives their number.
fn share(from: &Path, earlier: Option<&Path>, into: &Path) -> Result<u64> {
    let mut count = 0;
    for folder in folders(from)? {
        let Some(part) = folder.file_name() else {
            continue;
        };
        let part_into = into.join(part);
        fs::create_dir_all(&part_into).map_err(Error::file(&part_into))?;
        for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
            let path = entry.map_err(Error::file(&folder))?.path();
            let Some(name) = path.file_name() else {
                continue;
            };
            let to = part_into.join(name);
            // On another disk nothing can be shared with the store, but with the backup before.
            let shared = fs::hard_link(&path, &to).is_ok()
                || earlier.is_some_and(|earlier| {
                    fs::hard_link(earlier.join(part).join(name), &to).is_ok()
                });
            if !shared {
                copy(&path, &to)?;
            }
            count += 1;
        }
        sync(&part_into)?;
    }
    Ok(count)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    match fs::copy(from, to) {
        Ok(_) => sync(to),
        // A workbook that was given up meanwhile: nobody asks for it any more.
        Err(_) if !from.exists() => Ok(()),
        Err(error) => Err(Error::file(to)(error)),
    }
}

/// Makes a file or a folder durable.
fn sync(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(Error::file(path))
}

/// Opens a backup as a data folder and reads the head of its journal and its pack.
async fn look_into(store: &Store, folder: &Path) -> Result<(i64, String)> {
    let copy = Store::open(None, folder, store.clock()).await?;
    let read = async {
        copy.pack().await?;
        let head = copy.reader().await?.head().clone();
        Ok((head.seq, head.hash))
    };
    let read = read.await;
    copy.close().await;
    read
}
