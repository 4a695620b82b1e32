//! How a call ends when it does not end well.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Exit status of a call that found something (design §6).
pub const FOUND: u8 = 1;

/// Why a call failed: what to tell people, and the exit status.
#[derive(Debug)]
pub struct Failure {
    /// 2: the call was wrong; 3: it could not be done.
    pub status: u8,
    /// A sentence for people, in Chinese.
    pub message: String,
    english: Option<String>,
}

impl Failure {
    /// The call itself was wrong.
    pub fn wrong(message: impl Into<String>) -> Self {
        Self {
            status: 2,
            message: message.into(),
            english: None,
        }
    }

    /// It could not be done.
    pub fn cannot(message: impl fmt::Display) -> Self {
        Self {
            status: 3,
            message: message.to_string(),
            english: None,
        }
    }

    /// The same in English.
    pub fn english(mut self, words: impl Into<String>) -> Self {
        self.english = Some(words.into());
        self
    }

    /// The sentence in English, where there is one.
    pub fn in_english(&self) -> Option<&String> {
        self.english.as_ref()
    }

    /// A file could not be read or written: names it.
    pub fn file(path: &Path, error: &io::Error) -> Self {
        let (zh, en) = remedy(error);
        let path = path.display();
        Self::cannot(format!("文件 {path} 读写失败：{zh}（{error}）"))
            .english(format!("{path} cannot be read or written: {en} ({error})"))
    }

    /// A file that the call names: one that is not there makes the call wrong.
    pub fn input(path: &Path, error: &io::Error) -> Self {
        let failure = Self::file(path, error);
        let is_wrong = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory);
        Self {
            status: if is_wrong { 2 } else { 3 },
            ..failure
        }
    }
}

/// How to mend a failure of the file system, in Chinese and English.
fn remedy(error: &io::Error) -> (&'static str, &'static str) {
    match error.kind() {
        ErrorKind::NotFound => (
            "没有这个文件或目录，请核对路径",
            "there is no such file or folder, check the path",
        ),
        ErrorKind::IsADirectory => ("这是一个目录，请给出文件", "this is a folder, name a file"),
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => (
            "这里已有一个文件，请换一个目录",
            "a file stands there, name another folder",
        ),
        ErrorKind::PermissionDenied => (
            "没有读写权限，请换一个目录或请管理员授权",
            "no permission, take another folder or ask the administrator",
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (
            "磁盘已满，请腾出空间后重试；已有数据没有改动",
            "the disk is full, make room and try again; no data was changed",
        ),
        _ => (
            "请检查磁盘与路径后重试",
            "check the disk and the path and try again",
        ),
    }
}

/// What the store says, in English, as far as people at the command line meet it.
fn in_english(error: &qipan_store::Error) -> Option<String> {
    use qipan_store::Error as E;
    Some(match error {
        E::Database(why) => format!("the database says: {why}"),
        E::Disk(why) => {
            format!(
                "the disk under the database takes no more ({why}): make room and try again; no data was changed"
            )
        }
        E::Locked(_) => "another qipan is writing: try again when it is done".to_owned(),
        E::Forbidden(why) => {
            format!(
                "no permission for the database ({why}): run as a user who may write the data folder, or ask the administrator"
            )
        }
        E::NotADatabase(why) => {
            format!(
                "this is no database of qipan or it is damaged ({why}): check --data, or restore a backup"
            )
        }
        E::Unreachable { server, why } => {
            format!(
                "the database server {server} cannot be reached ({why}): check address, user and database name, and whether the server runs"
            )
        }
        E::Url(url) => {
            format!(
                "the database address {url} is not understood: write postgres://user@host/name, or leave --db out"
            )
        }
        E::File { path, error } => {
            let path = path.display();
            format!(
                "{path} cannot be read or written: {} ({error})",
                remedy(error).1
            )
        }
        E::TooNew { found, known } => {
            format!(
                "the database has layout version {found}, this program knows {known}: use a newer qipan"
            )
        }
        E::OwnBackup => "a PostgreSQL database is backed up by its own tools (pg_dump or WAL \
                         archiving): see docs/store.md"
            .to_owned(),
        E::NoPack => "there is no pack yet: run `qipan init --pack FOLDER`".to_owned(),
        _ => return None,
    })
}

impl From<qipan_store::Error> for Failure {
    fn from(error: qipan_store::Error) -> Self {
        let english = in_english(&error);
        Self {
            english,
            ..Self::cannot(error)
        }
    }
}

impl From<qipan_accounts::Error> for Failure {
    fn from(error: qipan_accounts::Error) -> Self {
        use qipan_accounts::Error as E;
        let (zh, en) = (error.to_string(), error.in_english());
        match error {
            E::Store(error) => error.into(),
            E::Random(_) | E::Hash(_) => Self::cannot(zh).english(en),
            // What the caller wants cannot be.
            _ => Self::wrong(zh).english(en),
        }
    }
}

impl From<qipan_pack::SourceError> for Failure {
    fn from(error: qipan_pack::SourceError) -> Self {
        match &error {
            qipan_pack::SourceError::NotAFolder { path } => {
                let path = path.display();
                let english =
                    format!("{path} is no pack: name the folder that holds mechanism.toml");
                Self::wrong(error.to_string()).english(english)
            }
            _ => Self::cannot(error),
        }
    }
}

macro_rules! cannot_from {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::cannot(error)
            }
        })*
    };
}

cannot_from!(
    qipan_import::Error,
    qipan_sheets::write::WriteError,
    qipan_columnar::ColumnarError,
    qipan_press::ExtractError,
    qipan_briefs::ComposeError,
    qipan_briefs::DocxError,
    serde_json::Error,
);

impl From<qipan_figures::Error> for Failure {
    fn from(error: qipan_figures::Error) -> Self {
        match error {
            // A name or a moment that the caller got wrong.
            qipan_figures::Error::NoIndicator { ref id, period } => Self::wrong(error.to_string())
                .english(format!(
                    "there is no indicator {id} in force at the end of {period}: see qipan figures"
                )),
            qipan_figures::Error::Moment(ref text) => {
                Self::wrong(error.to_string()).english(format!(
                    "the moment {text} is not understood: write 2021-08-09 or 2021-08-09T06:00:00Z"
                ))
            }
            qipan_figures::Error::Store(error) => error.into(),
            other => Self::cannot(other),
        }
    }
}
