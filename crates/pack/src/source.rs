//! The files of a pack, as bytes: read from a folder, or from the archive that the store keeps.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Most files in a pack.
pub const MAX_FILES: usize = 1_000;
/// Most bytes in one file of a pack.
pub const MAX_FILE_BYTES: u64 = 8 << 20;
/// Most bytes in a whole pack.
pub const MAX_PACK_BYTES: u64 = 64 << 20;
/// Most folders above a file.
pub const MAX_DEPTH: usize = 4;

/// Folder beside the pack's own files for sample workbooks and what makes them; not a part of the
/// mechanism, so it is neither read nor digested.
pub const SAMPLES: &str = "samples";

const MAGIC: &[u8] = b"qipan-pack/1\n";

/// The files of a pack by their path from the pack's root, with `/` between the parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// Path → content.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Why the files of a pack could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The folder is not there or is not a folder.
    #[error("机制包“{path}”不是文件夹：请给出含 mechanism.toml 的文件夹")]
    NotAFolder {
        /// As it was asked for.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("读不了“{path}”：{source}")]
    Io {
        /// What was read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A link points out of the folder.
    #[error("“{path}”指到了机制包文件夹之外：请换成文件本身")]
    LeavesFolder {
        /// The link.
        path: PathBuf,
    },
    /// A path that is not Unicode.
    #[error("文件名“{path}”不是 Unicode：请改名")]
    Name {
        /// The path.
        path: PathBuf,
    },
    /// A limit of this module.
    #[error("{what}超过上限 {limit}：{path}")]
    Limit {
        /// Which limit.
        what: &'static str,
        /// Its value.
        limit: u64,
        /// Where it was passed.
        path: PathBuf,
    },
    /// An archive that this module has not written.
    #[error("机制包存档已损坏：第 {offset} 字节处{what}")]
    Archive {
        /// Byte offset.
        offset: usize,
        /// What was wrong.
        what: &'static str,
    },
}

impl Source {
    /// Reads a folder. Names that start with a dot and the folder [`SAMPLES`] are passed over;
    /// links may not leave the folder.
    ///
    /// # Errors
    /// When the folder cannot be read or passes a limit ([`MAX_FILES`], [`MAX_FILE_BYTES`],
    /// [`MAX_PACK_BYTES`], [`MAX_DEPTH`]).
    pub fn read_dir(root: &Path) -> Result<Self, SourceError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| SourceError::Io { path, source }
        };
        if !root.is_dir() {
            return Err(SourceError::NotAFolder {
                path: root.to_owned(),
            });
        }
        let home = root.canonicalize().map_err(io(root))?;
        let limit = |what, limit: u64, path: &Path| SourceError::Limit {
            what,
            limit,
            path: path.to_owned(),
        };
        let mut files = BTreeMap::new();
        let mut total = 0_u64;
        let mut folders = vec![(home.clone(), String::new(), 0_usize)];
        while let Some((folder, prefix, depth)) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(io(&folder))? {
                let path = entry.map_err(io(&folder))?.path();
                let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                    return Err(SourceError::Name { path });
                };
                if name.starts_with('.') || (depth == 0 && name == SAMPLES) {
                    continue;
                }
                if !path.canonicalize().map_err(io(&path))?.starts_with(&home) {
                    return Err(SourceError::LeavesFolder { path });
                }
                let key = format!("{prefix}{name}");
                let meta = fs::metadata(&path).map_err(io(&path))?;
                if meta.is_dir() {
                    if depth + 1 > MAX_DEPTH {
                        return Err(limit("文件夹层数", MAX_DEPTH as u64, &path));
                    }
                    folders.push((path, format!("{key}/"), depth + 1));
                    continue;
                }
                total += meta.len();
                if meta.len() > MAX_FILE_BYTES {
                    return Err(limit("单个文件的字节数", MAX_FILE_BYTES, &path));
                }
                if total > MAX_PACK_BYTES {
                    return Err(limit("机制包的字节数", MAX_PACK_BYTES, &path));
                }
                if files.len() == MAX_FILES {
                    return Err(limit("文件数", MAX_FILES as u64, &path));
                }
                files.insert(key, fs::read(&path).map_err(io(&path))?);
            }
        }
        Ok(Self { files })
    }

    /// One archive of all files; the same files always give the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for (path, content) in &self.files {
            for part in [path.as_bytes(), content] {
                bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
                bytes.extend_from_slice(part);
            }
        }
        bytes
    }

    /// Reads what [`Source::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are something else, cut short, or pass a limit.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SourceError> {
        let broken = |rest: &[u8], what| SourceError::Archive {
            offset: bytes.len() - rest.len(),
            what,
        };
        let Some(mut rest) = bytes.strip_prefix(MAGIC) else {
            return Err(broken(bytes, "没有机制包的标记"));
        };
        let mut files = BTreeMap::new();
        while !rest.is_empty() {
            let path = part(&mut rest).ok_or_else(|| broken(rest, "缺少文件名"))?;
            let path = std::str::from_utf8(path).map_err(|_| broken(rest, "的文件名不是 UTF-8"))?;
            let content = part(&mut rest).ok_or_else(|| broken(rest, "缺少文件内容"))?;
            if content.len() as u64 > MAX_FILE_BYTES || files.len() == MAX_FILES {
                return Err(broken(rest, "超过上限"));
            }
            if files.insert(path.to_owned(), content.to_owned()).is_some() {
                return Err(broken(rest, "的文件名重复"));
            }
        }
        Ok(Self { files })
    }

    /// SHA-256 over all files with their paths, hex.
    #[must_use]
    pub fn digest(&self) -> String {
        Sha256::digest(self.to_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// A file's text, when it is there and UTF-8.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.files.get(path)?).ok()
    }
}

/// Takes a length and as many bytes off the front.
fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
    let (part, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Source {
        Source {
            files: [("a/b.toml", "x = 1"), ("units.csv", "id\n")]
                .map(|(path, text)| (path.to_owned(), text.as_bytes().to_owned()))
                .into(),
        }
    }

    #[test]
    fn archive_comes_back_and_every_cut_is_noticed() {
        let bytes = sample().to_bytes();
        assert_eq!(Source::from_bytes(&bytes).unwrap(), sample());
        // A cut between two files is a shorter, well-formed archive: the digest tells it apart.
        let whole = MAGIC.len() + 8 + "a/b.toml".len() + 8 + "x = 1".len();
        for cut in (0..bytes.len()).filter(|&cut| cut != whole && cut != MAGIC.len()) {
            assert!(Source::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn digest_depends_on_paths_and_contents() {
        let mut moved = sample();
        let content = moved.files.remove("units.csv").unwrap();
        moved.files.insert("unit.csv".to_owned(), content);
        assert_ne!(moved.digest(), sample().digest());
        assert_eq!(sample().digest(), sample().digest());
        assert_eq!(sample().digest().len(), 64);
    }

    #[test]
    fn reads_a_folder_without_dot_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/b.toml"), "x = 1").unwrap();
        fs::write(folder.path().join("units.csv"), "id\n").unwrap();
        fs::write(folder.path().join(".hidden"), "").unwrap();
        fs::create_dir(folder.path().join(SAMPLES)).unwrap();
        fs::write(folder.path().join("samples/task.csv"), "").unwrap();
        assert_eq!(Source::read_dir(folder.path()).unwrap(), sample());
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_link_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("units.csv")).unwrap();
        let error = Source::read_dir(folder.path()).unwrap_err();
        assert!(matches!(error, SourceError::LeavesFolder { .. }), "{error}");
    }

    #[test]
    fn refuses_what_is_no_folder() {
        let error = Source::read_dir(Path::new("no/such/pack")).unwrap_err();
        assert!(error.to_string().contains("不是文件夹"));
    }
}
