//! How a call ends when it does not end well.

use std::fmt;

/// Exit status of a call that found something (design §6).
pub const FOUND: u8 = 1;

/// Why a call failed: what to tell people, and the exit status.
#[derive(Debug)]
pub struct Failure {
    /// 2: the call was wrong; 3: it could not be done.
    pub status: u8,
    /// A sentence for people.
    pub message: String,
}

impl Failure {
    /// The call itself was wrong.
    pub fn wrong(message: impl Into<String>) -> Self {
        Self { status: 2, message: message.into() }
    }

    /// It could not be done.
    pub fn cannot(message: impl fmt::Display) -> Self {
        Self { status: 3, message: message.to_string() }
    }

    /// A file could not be read or written: names it.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        let remedy = match error.kind() {
            std::io::ErrorKind::NotFound => "没有这个文件或目录，请核对路径",
            std::io::ErrorKind::PermissionDenied => "没有读写权限，请换一个目录或请管理员授权",
            std::io::ErrorKind::StorageFull => "磁盘已满，请腾出空间后重试；已有数据没有改动",
            _ => "请检查磁盘与路径后重试",
        };
        Self::cannot(format!("文件 {} 读写失败（{error}）：{remedy}", path.display()))
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
    qipan_store::Error,
    qipan_import::Error,
    qipan_sheets::write::WriteError,
    qipan_columnar::ColumnarError,
    qipan_press::ExtractError,
    qipan_briefs::ComposeError,
    qipan_briefs::DocxError,
    qipan_pack::SourceError,
    serde_json::Error,
);

impl From<qipan_figures::Error> for Failure {
    fn from(error: qipan_figures::Error) -> Self {
        match error {
            // A name or a moment that the caller got wrong.
            qipan_figures::Error::NoIndicator { .. } | qipan_figures::Error::Moment(_) => {
                Self::wrong(error.to_string())
            }
            other => Self::cannot(other),
        }
    }
}
