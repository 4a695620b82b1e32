//! What can go wrong between the product and its database.

use std::path::PathBuf;

/// Result of a store call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the store could not do what it was asked. `Display` is a Chinese sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database answered with an error of its own.
    #[error("数据库出错：{0}")]
    Database(String),
    /// The disk under the database takes or gives no more.
    #[error("数据库写不下去（{0}）：请检查磁盘空间与限额后重试；已有数据没有改动")]
    Disk(String),
    /// The user may not write where the database lies.
    #[error("没有读写数据库的权限（{0}）：请换用能写数据目录的用户，或请管理员授权")]
    Forbidden(String),
    /// The file is something else, or damaged.
    #[error("这不是 qipan 的数据库，或者已经损坏（{0}）：请核对 --data；损坏的请从备份恢复")]
    NotADatabase(String),
    /// The server does not answer or does not let in.
    #[error("连不上数据库 {server}（{why}）：请核对地址、用户和库名，以及数据库服务是否在运行")]
    Unreachable {
        /// Host, port and database, never the password.
        server: String,
        /// What the driver said.
        why: String,
    },
    /// Another process holds the write lock.
    #[error("数据库正被另一个 qipan 进程写入，请等它完成后重试（{0}）")]
    Locked(String),
    /// The database address is not understood.
    #[error(
        "数据库地址“{0}”看不懂：请写成 postgres://用户@主机/库名，或不写（默认用数据目录里的 SQLite）"
    )]
    Url(String),
    /// A file could not be read or written.
    #[error("文件 {path} 读写失败（{error}）：{}", remedy(error))]
    File {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        error: std::io::Error,
    },
    /// The database belongs to a newer program.
    #[error("数据库的格式版本是 {found}，本程序只认识到 {known}：请换用新版 qipan")]
    TooNew {
        /// Version found.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// No pack has been applied yet.
    #[error("数据库里还没有机制包：请先运行 qipan init --pack 目录")]
    NoPack,
    /// The pack cannot be laid over the tables that stand.
    #[error("机制包与已有的表不相容：{0}")]
    Pack(String),
    /// The caller works with another pack than the one in force.
    #[error("台账“{0}”的定义已更换：请重新打开数据库")]
    StalePack(String),
    /// No such register.
    #[error("没有台账“{0}”")]
    NoRegister(String),
    /// No such record.
    #[error("台账“{register}”里没有“{key}”这条记录")]
    NoRecord {
        /// Register id.
        register: String,
        /// Key looked for.
        key: String,
    },
    /// A database on a server, of which this program makes no backups.
    #[error("PostgreSQL 数据库由它自己的工具备份（pg_dump 或 WAL 归档）：做法见 docs/store.md")]
    OwnBackup,
    /// A write failed half-way, so the change cannot be committed.
    #[error("前面的写入没有完成，本次更改不能提交：请重新开始")]
    HalfWritten,
    /// A workbook that somebody else has brought to its end.
    #[error("这份导入已由别处办完，本次没有写入：请刷新后再看")]
    Settled,
    /// A row without its key.
    #[error("{place}：缺少编号（{fields}），无法判断是哪一条记录：请补填后重试")]
    NoKey {
        /// Where the row stands.
        place: String,
        /// Labels of the key fields.
        fields: String,
    },
    /// A value that the column cannot hold.
    #[error("{place}：“{field}”的值“{found}”存不下，应为{expected}")]
    Value {
        /// Where the row stands.
        place: String,
        /// Label of the field.
        field: String,
        /// What was given.
        found: String,
        /// What the column holds.
        expected: String,
    },
    /// A stored value that does not fit its column: somebody edited the database.
    #[error("台账“{register}”第 {rid} 行的“{column}”存着不合规的内容：请运行 qipan verify")]
    Corrupt {
        /// Register id.
        register: String,
        /// Row number.
        rid: i64,
        /// Column.
        column: String,
    },
    /// A limit was passed.
    #[error("超出上限：{0}")]
    Limit(String),
    /// An expression could not be computed or turned into SQL.
    #[error("表达式“{source_text}”无法计算：{why}")]
    Expression {
        /// The expression.
        source_text: String,
        /// Why.
        why: String,
    },
    /// A page mark that no list has given out.
    #[error("翻页标记“{0}”无效：请从第一页重新开始")]
    Cursor(String),
    /// The signing key is missing or unreadable.
    #[error("签名密钥不可用：{0}")]
    Key(String),
}

/// How to mend a failure of the file system.
fn remedy(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "没有这个文件或目录，请核对路径",
        ErrorKind::PermissionDenied => "没有读写权限，请换一个目录或请管理员授权",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "磁盘已满或限额已用完，请腾出空间后重试；已有数据没有改动"
        }
        _ => "请检查磁盘与路径后重试",
    }
}

impl Error {
    /// Wraps an error of the file system with the file's name.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, error }
    }

    /// Whether it lies outside of what was asked for: asking again for less would not help.
    pub(crate) fn is_outside(&self) -> bool {
        matches!(
            self,
            Self::Disk(_)
                | Self::Forbidden(_)
                | Self::NotADatabase(_)
                | Self::Unreachable { .. }
                | Self::Locked(_)
                | Self::File { .. }
                | Self::NoPack
                | Self::Key(_)
        )
    }

    /// The same once more, for each of those who shared a transaction.
    pub(crate) fn told_again(&self) -> Self {
        match self {
            Self::Disk(why) => Self::Disk(why.clone()),
            Self::Forbidden(why) => Self::Forbidden(why.clone()),
            Self::NotADatabase(why) => Self::NotADatabase(why.clone()),
            Self::Unreachable { server, why } => Self::Unreachable {
                server: server.clone(),
                why: why.clone(),
            },
            Self::Locked(why) => Self::Locked(why.clone()),
            Self::File { path, error } => Self::File {
                path: path.clone(),
                error: std::io::Error::new(error.kind(), error.to_string()),
            },
            Self::NoPack => Self::NoPack,
            Self::Key(why) => Self::Key(why.clone()),
            Self::StalePack(register) => Self::StalePack(register.clone()),
            Self::Limit(what) => Self::Limit(what.clone()),
            Self::Expression { source_text, why } => Self::Expression {
                source_text: source_text.clone(),
                why: why.clone(),
            },
            other => Self::Database(other.to_string()),
        }
    }

    /// A short stable code for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Database(_) => "store.database",
            Self::Disk(_) => "store.disk",
            Self::Forbidden(_) => "store.forbidden",
            Self::NotADatabase(_) => "store.not-a-database",
            Self::Unreachable { .. } => "store.unreachable",
            Self::Locked(_) => "store.locked",
            Self::Url(_) => "store.url",
            Self::File { .. } => "store.file",
            Self::TooNew { .. } => "store.too-new",
            Self::NoPack => "store.no-pack",
            Self::Pack(_) => "store.pack",
            Self::StalePack(_) => "store.stale-pack",
            Self::NoRegister(_) => "store.no-register",
            Self::NoRecord { .. } => "store.no-record",
            Self::OwnBackup => "store.own-backup",
            Self::HalfWritten => "store.half-written",
            Self::Settled => "store.settled",
            Self::NoKey { .. } => "store.no-key",
            Self::Value { .. } => "store.value",
            Self::Corrupt { .. } => "store.corrupt",
            Self::Limit(_) => "store.limit",
            Self::Expression { .. } => "store.expression",
            Self::Cursor(_) => "store.cursor",
            Self::Key(_) => "store.key",
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(inner) = &error {
            // SQLITE_BUSY and its kin; lock_not_available of PostgreSQL.
            let code = inner.code().unwrap_or_default();
            if matches!(&*code, "5" | "6" | "261" | "517" | "55P03") {
                return Self::Locked(inner.message().to_owned());
            }
            // SQLITE_IOERR and SQLITE_FULL with their kin, and PostgreSQL's class 53: the disk,
            // not the data.
            let sqlite = code.parse::<u32>().ok().filter(|_| code.len() < 5);
            if sqlite.is_some_and(|code| matches!(code & 0xff, 10 | 13)) || code == "53100" {
                return Self::Disk(inner.message().to_owned());
            }
            return match sqlite.map(|code| code & 0xff) {
                // SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN; insufficient_privilege.
                Some(3 | 8 | 14) => Self::Forbidden(inner.message().to_owned()),
                None if code == "42501" => Self::Forbidden(inner.message().to_owned()),
                // SQLITE_CORRUPT, SQLITE_NOTADB.
                Some(11 | 26) => Self::NotADatabase(inner.message().to_owned()),
                _ => Self::Database(inner.message().to_owned()),
            };
        }
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Locked("等待连接超时".to_owned());
        }
        Self::Database(error.to_string())
    }
}
