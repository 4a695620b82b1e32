//! What is told when a request cannot be answered: `application/problem+json` (RFC 9457) with a
//! number and the same sentence in Chinese and English. Pages show the same as a page.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The kinds of problems, with their numbers: status, then a running digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    BadQuery,
    NotSignedIn,
    WrongLogin,
    #[cfg_attr(
        not(feature = "oidc"),
        expect(dead_code, reason = "only single sign-on says so")
    )]
    SignOn,
    Forbidden,
    MustChange,
    Foreign,
    OwnAccount,
    NoAccount,
    NoItem,
    LoginTaken,
    WeakPassword,
    BadAccount,
    TooOften,
    Truncated,
    NoImport,
    NotNow,
    TooManyImports,
    Gone,
    Mapping,
    BadRows,
    Disk,
    NoPage,
    NoRegister,
    NoRecord,
    NoIndicator,
    NoFile,
    NoUnit,
    Method,
    TooLarge,
    Host,
    KeyStands,
    Withdrawn,
    OtherRequest,
    MovedOn,
    FileType,
    Values,
    NoRevision,
    Period,
    Moment,
    Cut,
    Where,
    Sort,
    Cursor,
    Personal,
    Text,
    Slow,
    Busy,
    NoPack,
    Damaged,
    Brief,
    Internal,
}

impl Kind {
    /// Number, status and title in both languages.
    fn facts(self) -> (&'static str, StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadQuery => (
                "Q4001",
                S::BAD_REQUEST,
                "参数看不懂",
                "Parameters not understood",
            ),
            Self::Truncated => ("Q4002", S::BAD_REQUEST, "上传中断", "Upload broke off"),
            Self::NoImport => ("Q4049", S::NOT_FOUND, "没有这份导入", "No such import"),
            Self::NotNow => ("Q4096", S::CONFLICT, "现在不能这样做", "Not at this step"),
            Self::TooManyImports => (
                "Q4097",
                S::CONFLICT,
                "未办完的导入太多",
                "Too many open imports",
            ),
            Self::Gone => ("Q4101", S::GONE, "已按期清理", "Cleared away"),
            Self::Mapping => (
                "Q4235",
                S::UNPROCESSABLE_ENTITY,
                "对应关系有误",
                "Faulty mapping",
            ),
            Self::BadRows => (
                "Q4236",
                S::UNPROCESSABLE_ENTITY,
                "还有错误的行",
                "Bad rows left",
            ),
            Self::Disk => ("Q5071", S::INSUFFICIENT_STORAGE, "磁盘写不下", "Disk full"),
            Self::NotSignedIn => ("Q4011", S::UNAUTHORIZED, "没有登录", "Not logged in"),
            Self::WrongLogin => ("Q4012", S::UNAUTHORIZED, "登录不成功", "Login failed"),
            Self::SignOn => (
                "Q4013",
                S::UNAUTHORIZED,
                "单点登录不成功",
                "Single sign-on failed",
            ),
            Self::Forbidden => ("Q4031", S::FORBIDDEN, "没有权限", "Not permitted"),
            Self::MustChange => (
                "Q4032",
                S::FORBIDDEN,
                "须先修改密码",
                "Password must be changed",
            ),
            Self::Foreign => (
                "Q4033",
                S::FORBIDDEN,
                "请求来路不明",
                "Request of unknown origin",
            ),
            Self::OwnAccount => (
                "Q4034",
                S::FORBIDDEN,
                "不能改自己的账号",
                "Not one's own account",
            ),
            Self::NoAccount => ("Q4047", S::NOT_FOUND, "没有这个账号", "No such account"),
            Self::NoItem => ("Q4048", S::NOT_FOUND, "没有这一项", "No such item"),
            Self::LoginTaken => ("Q4092", S::CONFLICT, "登录名已有", "Login taken"),
            Self::WeakPassword => (
                "Q4231",
                S::UNPROCESSABLE_ENTITY,
                "新密码不合要求",
                "New password refused",
            ),
            Self::BadAccount => (
                "Q4233",
                S::UNPROCESSABLE_ENTITY,
                "账号资料有误",
                "Faulty account data",
            ),
            Self::TooOften => (
                "Q4291",
                S::TOO_MANY_REQUESTS,
                "请求太频繁",
                "Too many requests",
            ),
            Self::NoPage => ("Q4041", S::NOT_FOUND, "没有这一页", "No such page"),
            Self::NoRegister => ("Q4042", S::NOT_FOUND, "没有这个台账", "No such register"),
            Self::NoRecord => ("Q4043", S::NOT_FOUND, "没有这条记录", "No such record"),
            Self::NoIndicator => ("Q4044", S::NOT_FOUND, "没有这个指标", "No such indicator"),
            Self::NoFile => ("Q4045", S::NOT_FOUND, "没有这个文件", "No such file"),
            Self::NoUnit => ("Q4046", S::NOT_FOUND, "没有这个单位", "No such unit"),
            Self::Method => (
                "Q4051",
                S::METHOD_NOT_ALLOWED,
                "不支持的方法",
                "Method not allowed",
            ),
            Self::TooLarge => (
                "Q4131",
                S::PAYLOAD_TOO_LARGE,
                "内容太大",
                "Content too large",
            ),
            Self::Host => (
                "Q4211",
                S::MISDIRECTED_REQUEST,
                "主机名不对",
                "Wrong host name",
            ),
            Self::KeyStands => ("Q4091", S::CONFLICT, "编号已有记录", "Key in use"),
            Self::Withdrawn => ("Q4094", S::CONFLICT, "记录已撤销", "Record withdrawn"),
            Self::OtherRequest => (
                "Q4095",
                S::CONFLICT,
                "请求标识已用过",
                "Idempotency key in use",
            ),
            Self::MovedOn => (
                "Q4121",
                S::PRECONDITION_FAILED,
                "记录已被别人改动",
                "Record has moved on",
            ),
            Self::FileType => (
                "Q4151",
                S::UNSUPPORTED_MEDIA_TYPE,
                "文件类型不收",
                "File type not taken",
            ),
            Self::Values => (
                "Q4232",
                S::UNPROCESSABLE_ENTITY,
                "填写有误",
                "Faulty values",
            ),
            Self::NoRevision => (
                "Q4281",
                S::PRECONDITION_REQUIRED,
                "没有说明改的是哪次修订",
                "No revision given",
            ),
            Self::Period => (
                "Q4221",
                S::UNPROCESSABLE_ENTITY,
                "报送期看不懂",
                "Period not understood",
            ),
            Self::Moment => (
                "Q4222",
                S::UNPROCESSABLE_ENTITY,
                "时刻看不懂",
                "Moment not understood",
            ),
            Self::Cut => (
                "Q4223",
                S::UNPROCESSABLE_ENTITY,
                "切分方式看不懂",
                "Cut not understood",
            ),
            Self::Where => (
                "Q4224",
                S::UNPROCESSABLE_ENTITY,
                "筛选条件有误",
                "Faulty filter",
            ),
            Self::Sort => (
                "Q4225",
                S::UNPROCESSABLE_ENTITY,
                "排序字段有误",
                "Faulty sort field",
            ),
            Self::Cursor => (
                "Q4226",
                S::UNPROCESSABLE_ENTITY,
                "翻页标记无效",
                "Invalid page mark",
            ),
            Self::Personal => (
                "Q4227",
                S::UNPROCESSABLE_ENTITY,
                "个人信息不可筛选",
                "Personal data cannot be searched",
            ),
            Self::Text => (
                "Q4228",
                S::UNPROCESSABLE_ENTITY,
                "文稿读不了",
                "Text cannot be read",
            ),
            Self::Slow => ("Q5041", S::GATEWAY_TIMEOUT, "超时", "Timed out"),
            Self::Busy => (
                "Q5031",
                S::SERVICE_UNAVAILABLE,
                "数据库正忙",
                "Database busy",
            ),
            Self::NoPack => (
                "Q5032",
                S::SERVICE_UNAVAILABLE,
                "还没有机制包",
                "No pack yet",
            ),
            Self::Damaged => (
                "Q5002",
                S::INTERNAL_SERVER_ERROR,
                "数据受损",
                "Data damaged",
            ),
            Self::Brief => (
                "Q5003",
                S::INTERNAL_SERVER_ERROR,
                "简报写不出来",
                "Brief cannot be written",
            ),
            Self::Internal => (
                "Q5001",
                S::INTERNAL_SERVER_ERROR,
                "服务器出错",
                "Server error",
            ),
        }
    }
}

/// One finding about a filter expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Finding {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Code of the expression language, `E1001` and on.
    pub code: &'static str,
    /// What was found and how to mend it, in Chinese.
    pub message: String,
}

/// A request that cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub kind: Kind,
    pub zh: String,
    pub en: String,
    pub findings: Vec<Finding>,
    /// Further members of the body, by name.
    pub more: serde_json::Map<String, Value>,
    /// Seconds after which to try again.
    pub retry: Option<i64>,
    /// Whether what is asked for is there, and only not for the caller.
    pub hidden: bool,
}

/// The body of a problem.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body {
    /// `urn:qipan:problem:` and the number.
    #[serde(rename = "type")]
    pub kind: String,
    /// Number of the problem, `Q4042`; the first three digits are the status.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Title in Chinese.
    pub title: &'static str,
    /// Title in English.
    pub title_en: &'static str,
    /// What was found, what was expected and how to mend it, in Chinese.
    pub detail: String,
    /// The same in English.
    pub detail_en: String,
    /// Findings about a filter expression.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Finding>,
}

impl Problem {
    pub(crate) fn new(kind: Kind, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            kind,
            zh: zh.into(),
            en: en.into(),
            findings: Vec::new(),
            more: serde_json::Map::new(),
            retry: None,
            hidden: false,
        }
    }

    /// The same with a further member in its body.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// The same, known to be a refusal: the answer does not tell, the journal does.
    pub(crate) fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Somebody asks too often; seconds to wait.
    pub(crate) fn too_often(seconds: i64) -> Self {
        Self {
            retry: Some(seconds),
            ..Self::new(
                Kind::TooOften,
                format!("请求太频繁：请 {seconds} 秒后重试"),
                format!("Too many requests: try again in {seconds} seconds"),
            )
        }
    }

    /// Something that people cannot mend: the cause goes to the log, not to the answer.
    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(
            Kind::Internal,
            "服务器内部出错，原因已记入日志：请稍后重试；若再出现，请把响应头 x-request-id 告诉管理员",
            "Something failed within the server and was logged: try again, and if it persists tell \
             the administrator the x-request-id header",
        )
    }

    /// The disk under the data folder refuses.
    pub(crate) fn from_disk(error: &std::io::Error) -> Self {
        use std::io::ErrorKind as K;
        match error.kind() {
            K::StorageFull | K::QuotaExceeded | K::FileTooLarge => Self::new(
                Kind::Disk,
                "服务器磁盘已满或限额已用完，没有保存：请告诉管理员腾出空间后重试",
                "The server's disk is full and nothing was kept: tell the administrator, then try \
                 again",
            ),
            _ => Self::internal(error),
        }
    }

    pub(crate) fn no_register(id: &str) -> Self {
        Self::new(
            Kind::NoRegister,
            format!("没有台账“{id}”：全部台账见 /api/v1/registers"),
            format!("There is no register “{id}”: /api/v1/registers lists them all"),
        )
    }

    pub(crate) fn no_record(register: &str, record: &str) -> Self {
        Self::new(
            Kind::NoRecord,
            format!("台账“{register}”里没有第“{record}”号记录：记录号见台账列表"),
            format!(
                "Register “{register}” has no record “{record}”: the list of the register gives the numbers"
            ),
        )
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.kind.facts().1
    }

    pub(crate) fn code(&self) -> &'static str {
        self.kind.facts().0
    }

    pub(crate) fn titles(&self) -> (&'static str, &'static str) {
        let (_, _, zh, en) = self.kind.facts();
        (zh, en)
    }

    fn body(&self) -> Body {
        let (code, status, title, title_en) = self.kind.facts();
        Body {
            kind: format!("urn:qipan:problem:{code}"),
            code,
            status: status.as_u16(),
            title,
            title_en,
            detail: self.zh.clone(),
            detail_en: self.en.clone(),
            errors: self.findings.clone(),
        }
    }
}

impl IntoResponse for Problem {
    /// The JSON form; the problem itself travels along, so that pages can show it as a page.
    fn into_response(self) -> Response {
        let mut body = serde_json::to_value(self.body()).unwrap_or_default();
        if let Some(body) = body.as_object_mut() {
            body.extend(self.more.clone());
        }
        let mut response = (self.status(), Json(body)).into_response();
        if let Some(seconds) = self.retry {
            let seconds = HeaderValue::from(seconds.max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<qipan_store::Error> for Problem {
    fn from(error: qipan_store::Error) -> Self {
        use qipan_store::Error as E;
        let zh = error.to_string();
        match error {
            E::NoPack => Self::new(
                Kind::NoPack,
                zh,
                "No pack has been applied: run qipan init --pack DIR first",
            ),
            E::NoRegister(id) => Self::no_register(&id),
            E::NoRecord { register, key } => Self::no_record(&register, &key),
            E::Limit(_) | E::Value { .. } | E::NoKey { .. } => Self::new(
                Kind::Values,
                zh,
                "A value does not fit, or is more than the store takes: see the Chinese sentence",
            ),
            E::StalePack(_) => Self::new(
                Kind::Busy,
                "机制包刚刚更换：请刷新后重试",
                "The pack has just been replaced: load the page again",
            ),
            E::Cursor(mark) => Self::new(
                Kind::Cursor,
                zh,
                format!("The page mark “{mark}” is not of this list: start from the first page"),
            ),
            E::Expression { source_text, why } => Self::new(
                Kind::Where,
                zh,
                format!("The expression “{source_text}” cannot be computed: {why}"),
            ),
            E::Locked(_) => Self::new(
                Kind::Busy,
                "数据库正忙：请过几秒重试",
                "The database is busy: try again in a few seconds",
            ),
            E::File { error, .. } => Self::from_disk(&error),
            E::Disk(_) => Self::new(
                Kind::Disk,
                "服务器磁盘已满或限额已用完，没有保存：请告诉管理员腾出空间后重试",
                "The server's disk is full and nothing was kept: tell the administrator, then try \
                 again",
            ),
            E::OwnBackup => Self::new(
                Kind::NotNow,
                zh,
                "A PostgreSQL database is backed up by its own tools (pg_dump or WAL archiving): \
                 see docs/store.md",
            ),
            E::Settled => Self::new(
                Kind::NotNow,
                zh,
                "Somebody else has brought this import to its end: load it again",
            ),
            E::Corrupt {
                register,
                rid,
                column,
            } => Self::new(
                Kind::Damaged,
                zh,
                format!(
                    "Row {rid} of register “{register}” holds something in “{column}” that does not belong there: run qipan verify"
                ),
            ),
            other => Self::internal(&other),
        }
    }
}

impl From<qipan_accounts::Error> for Problem {
    fn from(error: qipan_accounts::Error) -> Self {
        use qipan_accounts::Error as E;
        let (zh, en) = (error.to_string(), error.in_english());
        let kind = match &error {
            E::Store(_) | E::Random(_) | E::Hash(_) => {
                return match error {
                    E::Store(error) => error.into(),
                    other => Self::internal(&other),
                };
            }
            E::Wrong | E::NotHere(_) => Kind::WrongLogin,
            E::Locked { .. } => Kind::TooOften,
            E::OldPassword | E::Weak { .. } => Kind::WeakPassword,
            E::Taken(_) => Kind::LoginTaken,
            E::NoAccount(_) => Kind::NoAccount,
            E::NoSuch => Kind::NoItem,
            E::OwnAccount => Kind::OwnAccount,
            E::Roles(_) | E::Login(_) | E::Name | E::Token(..) | E::Setting { .. } => {
                Kind::BadAccount
            }
        };
        let mut problem = Self::new(kind, zh, en);
        match error {
            E::Locked { seconds } => problem.retry = Some(seconds),
            E::Weak { found } => {
                let errors: Vec<Value> = found
                    .iter()
                    .map(|one| {
                        json!({
                            "code": one.code(), "message": one.message(),
                            "message_en": one.message_en(),
                        })
                    })
                    .collect();
                problem = problem.with("errors", errors);
            }
            E::OldPassword => {
                let (message, message_en) = (problem.zh.clone(), problem.en.clone());
                let code = "old-password";
                let errors = json!([{
                    "code": code, "message": message, "message_en": message_en,
                }]);
                problem = problem.with("errors", errors);
            }
            _ => {}
        }
        problem
    }
}

impl From<qipan_figures::Error> for Problem {
    fn from(error: qipan_figures::Error) -> Self {
        use qipan_figures::Error as E;
        match error {
            E::NoIndicator { id, period } => Self::new(
                Kind::NoIndicator,
                format!(
                    "没有指标“{id}”，或它在{}末没有生效的口径：全部指标见 /api/v1/indicators",
                    period.name()
                ),
                format!(
                    "There is no indicator “{id}” in force at the end of {period}: /api/v1/indicators lists them all"
                ),
            ),
            E::Moment(text) => Self::new(
                Kind::Moment,
                format!("时刻“{text}”看不懂：请写成日期（2021-08-09）或 2021-08-09T06:00:00Z"),
                format!(
                    "The moment “{text}” is not understood: write a day (2021-08-09) or 2021-08-09T06:00:00Z"
                ),
            ),
            E::Store(error) => error.into(),
            E::Value(_) => Self::new(
                Kind::Damaged,
                error.to_string(),
                "The registers hold a value that cannot be read: run qipan verify",
            ),
            other => Self::internal(&other),
        }
    }
}

#[cfg(test)]
mod tests {
    /// `docs/api.md` lists every number with its title.
    #[test]
    fn every_number_is_documented_and_stands_for_one_thing() {
        let source = include_str!("problem.rs");
        let guide = include_str!("../../../docs/api.md");
        let mut seen = std::collections::BTreeSet::new();
        for code in source.split("\"Q").skip(1).filter_map(|rest| rest.get(..4)) {
            if code.bytes().all(|byte| byte.is_ascii_digit()) {
                assert!(seen.insert(code), "Q{code} twice");
                assert!(
                    guide.contains(&format!("| Q{code} |")),
                    "Q{code} is not in docs/api.md"
                );
            }
        }
        assert!(seen.len() > 20, "{seen:?}");
    }
}
