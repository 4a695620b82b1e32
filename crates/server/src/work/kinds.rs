//! The sorts of jobs. A new one adds a word and an arm.

use qipan_store::{Event, Job};
use serde_json::{Value, json};

use super::{Hand, backups, imports};
use crate::state::App;

/// Reads a workbook.
pub(crate) const READ: &str = "import-read";
/// Writes a workbook.
pub(crate) const COMMIT: &str = "import-commit";
/// Walks the journal.
pub(crate) const VERIFY: &str = "verify";

/// Makes a backup.
pub(crate) const BACKUP: &str = "backup";

/// How a job ended.
#[derive(Debug)]
pub(super) enum End {
    /// It is done, with this result.
    Done(Value),
    /// It could not be done.
    Failed {
        /// Why, in Chinese.
        message: String,
        /// The same in English.
        message_en: String,
        /// What is known all the same.
        result: Value,
    },
    /// It was told to stop, and has left nothing half done.
    Stopped,
}

impl End {
    pub(super) fn failed(message: impl Into<String>, message_en: impl Into<String>) -> Self {
        Self::Failed {
            message: message.into(),
            message_en: message_en.into(),
            result: Value::Null,
        }
    }

    /// Something that people cannot mend.
    pub(super) fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "job failed");
        Self::failed(
            "服务器内部出错，原因已记入日志：请稍后重试；若再出现，请告诉管理员",
            "Something failed within the server and was logged: try again, and tell the \
             administrator if it persists",
        )
    }
}

impl From<qipan_store::Error> for End {
    fn from(error: qipan_store::Error) -> Self {
        let problem = crate::problem::Problem::from(error);
        Self::failed(problem.zh, problem.en)
    }
}

/// Whether a job is worth waiting for when the server goes down: its account waits for it, and it
/// would have to begin anew.
pub(super) fn is_patient(kind: &str) -> bool {
    kind == COMMIT
}

/// Does a job.
pub(super) async fn run(app: &App, job: &Job, hand: &Hand) -> End {
    let end = match job.kind.as_str() {
        READ => imports::read(app, job, hand).await,
        COMMIT => imports::commit(app, job, hand).await,
        VERIFY => verify(app, job, hand).await,
        BACKUP => backups::make(app, job, hand).await,
        other => {
            let (zh, en) = (
                format!("本程序不认识“{other}”这种任务：请用新版程序"),
                format!("This program knows no job of the kind “{other}”: use a newer one"),
            );
            return End::failed(zh, en);
        }
    };
    end.unwrap_or_else(|end| end)
}

/// Compares every row and file with the journal, and notes there that it was done.
async fn verify(app: &App, job: &Job, hand: &Hand) -> Result<End, End> {
    hand.tell(0, 0, "正在逐条核对日志链", "walking the journal");
    let report = app.state.store.verify().await?;
    let event = Event {
        action: "verify".to_owned(),
        actor: job.login.clone(),
        origin: job.origin.clone(),
        reason: "校验日志链".to_owned(),
        register: String::new(),
        payload: json!({
            "ok": report.ok, "entries": report.entries, "broken": report.broken.len(),
        }),
    };
    app.state.store.log(event).await?;
    let result = serde_json::to_value(&report).map_err(|error| End::internal(&error))?;
    Ok(End::Done(result))
}
