//! Reading and writing workbooks that people have sent in.

use std::sync::Arc;
use std::time::Duration;

use qipan_import::analysis::{self, Analysis, Folder, Signal};
use qipan_import::{Error, File, Options, Report, Watch, import_watched};
use qipan_model::{Access, Action, Pack, UnitId};
use qipan_sheets::Problem;
use qipan_sheets::recognise::SheetMapping;
use qipan_store::{Change, ImportFile, ImportState, ImportStep, Job, Settlement, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Hand;
use super::kinds::End;
use crate::state::App;

/// Problems that come with the answer about a workbook; all others stand in its sheets.
const MOST_SENT: usize = 1_000;
/// How often a write is tried, a second apart, while others write.
const TRIES: u32 = 120;

/// What the sender of a workbook asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Register id.
    pub register: Option<String>,
    /// Unit id.
    pub unit: Option<String>,
    /// Period.
    pub period: Option<String>,
    /// Whether the good rows of a workbook with bad ones are taken.
    #[serde(default)]
    pub accept_good_rows: bool,
}

/// Where the working files of a workbook lie.
pub(crate) fn folder(store: &Store, import: i64) -> Folder {
    Folder::new(store.data_dir().join("imports").join(import.to_string()))
}

/// What a job works on.
struct Task {
    file: ImportFile,
    folder: Folder,
    pack: Arc<Pack>,
    options: Options,
}

/// The workbook of a job with what its sender may do today; `None` when the job has been
/// overtaken.
async fn task(app: &App, job: &Job, state: ImportState) -> Result<Option<Task>, End> {
    let store = &app.state.store;
    let import = job.payload["import"].as_i64().unwrap_or_default();
    let Some(file) = store.import_file(import).await? else {
        return Ok(None);
    };
    if file.state != state || file.job != job.id {
        return Ok(None);
    }
    let pack = store.pack().await?.ok_or(qipan_store::Error::NoPack)?;
    let asked: Asked =
        serde_json::from_value(file.options.clone()).map_err(|error| End::internal(&error))?;
    let mappings: Option<Vec<SheetMapping>> =
        serde_json::from_value(file.mapping.clone()).map_err(|error| End::internal(&error))?;
    let period = asked
        .period
        .map(|period| period.parse())
        .transpose()
        .map_err(|error| End::internal(&error))?;
    let options = Options {
        register: asked.register,
        unit: asked.unit.map(|unit| UnitId::new(&unit)),
        period,
        mappings: mappings.unwrap_or_default(),
        accept_good_rows: asked.accept_good_rows,
        access: access(app, &pack, &job.login).await?,
        ..Options::default()
    };
    Ok(Some(Task {
        folder: folder(store, file.id),
        file,
        pack,
        options,
    }))
}

/// What an account may do today: it may have changed since the job was asked for.
async fn access(app: &App, pack: &Pack, login: &str) -> Result<Arc<Access>, End> {
    let refused = || {
        End::failed(
            "账号已停用，或已没有导入的权限：请安全管理员核对账号",
            "The account is out of use or may no longer import: ask the security officer",
        )
    };
    let account = match app.state.accounts.find(login).await {
        Ok(account) => account,
        Err(qipan_accounts::Error::NoAccount(_)) => return Err(refused()),
        Err(error) => return Err(End::internal(&error)),
    };
    let access = Access::new(
        pack,
        &account.roles,
        account.unit.as_deref(),
        &account.registers,
        app.today(),
    );
    if account.disabled || !access.may(Action::Import) {
        return Err(refused());
    }
    Ok(Arc::new(access))
}

/// Tells a job's hand how far an import is.
struct Told(Hand);

impl Signal for Told {
    fn at(&self, done: u64, total: u64) {
        if total == 0 {
            self.0.tell(0, 0, "正在打开工作簿", "opening the workbook");
            return;
        }
        let number = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        let (zh, en) = (format!("已核对 {done} 行"), format!("{done} rows checked"));
        self.0.tell(number(done), number(total), &zh, &en);
    }

    fn stop(&self) -> bool {
        self.0.stop()
    }
}

/// Reads a workbook and keeps what is found.
pub(super) async fn read(app: &App, job: &Job, hand: &Hand) -> Result<End, End> {
    let Some(task) = task(app, job, ImportState::Analysing).await? else {
        return Ok(End::Done(Value::Null));
    };
    let store = &app.state.store;
    let signal: Arc<dyn Signal> = Arc::new(Told(hand.clone()));
    signal.at(0, 0);
    let found = analysis::analyse(
        store,
        &task.pack,
        &task.folder,
        &task.file.name,
        &task.options,
        app.today(),
        &signal,
    )
    .await;
    let found = match found {
        Ok(found) => found,
        Err(error) => return ended(error),
    };
    let problems = task
        .folder
        .problems()
        .map_err(|error| End::internal(&error))?;
    let to = if found.unread {
        ImportState::Refused
    } else {
        ImportState::Ready
    };
    let (summary, report) = written(&found, &problems)?;
    let result = json!({ "import": task.file.id, "summary": summary });
    let step = ImportStep {
        found: Some((summary, report)),
        ..ImportStep::default()
    };
    let from = [ImportState::Analysing];
    patiently(hand, || store.step_import(task.file.id, &from, to, &step)).await?;
    Ok(End::Done(result))
}

/// Writes a workbook, all of it or its good rows.
pub(super) async fn commit(app: &App, job: &Job, hand: &Hand) -> Result<End, End> {
    let store = &app.state.store;
    let Some(mut task) = task(app, job, ImportState::Committing).await? else {
        // A server that was killed right after the commit has not been able to say so.
        let import = job.payload["import"].as_i64().unwrap_or_default();
        let written = store.import_file(import).await?;
        return Ok(End::Done(written.map_or(
            Value::Null,
            |file| json!({ "import": import, "summary": file.summary, "receipt": file.receipt }),
        )));
    };
    task.options.accept_good_rows = job.payload["accept_good_rows"].as_bool().unwrap_or(false);
    let found: Value = store.import_report(task.file.id).await?;
    let found: Analysis = serde_json::from_value(found).map_err(|error| End::internal(&error))?;
    let total = found.registers.iter().map(|register| register.read).sum();
    let mut waits = 0;
    let report = loop {
        match attempt(app, job, &task, &found, Watching { hand, total }).await {
            Err(Error::Store(qipan_store::Error::Locked(why))) if waits < TRIES => {
                waits += 1;
                tracing::debug!(why, "an import waits for another writer");
                hand.tell(0, 0, "正在等别的写入完成", "waiting for another writer");
                if hand.stop() {
                    return Ok(End::Stopped);
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Ok(report) => break report,
            Err(error) => return ended(error),
        }
    };
    // The marked copy is to show what the commit has found, which may be more than was found when
    // the workbook was read.
    if let Err(error) = task.folder.keep_problems(&report.problems) {
        tracing::warn!(%error, "the problems of an import could not be kept");
    }
    let (summary, full) = settled(&found, &report)?;
    let result = json!({
        "import": task.file.id, "summary": summary, "receipt": report.receipt,
    });
    if report.landed {
        return Ok(End::Done(result));
    }
    let step = ImportStep {
        found: Some((summary, full)),
        ..ImportStep::default()
    };
    let from = [ImportState::Committing];
    patiently(hand, || {
        store.step_import(task.file.id, &from, ImportState::Ready, &step)
    })
    .await?;
    let (errors, _) = report.counts();
    Ok(End::Failed {
        message: format!(
            "有 {errors} 个错误，整份未收，库没有改动：请改正后重新上传，或选择先收好的行"
        ),
        message_en: format!(
            "{errors} errors, the workbook was refused whole and nothing was changed: mend it and \
             send it again, or take the good rows"
        ),
        result,
    })
}

async fn attempt(
    app: &App,
    job: &Job,
    task: &Task,
    found: &Analysis,
    mut watch: Watching<'_>,
) -> Result<Report, Error> {
    let reason = job.payload["reason"].as_str().unwrap_or_default();
    let change = Change {
        actor: job.login.clone(),
        reason: if reason.is_empty() {
            format!("导入 {}", task.file.name)
        } else {
            reason.to_owned()
        },
        action: "import".to_owned(),
        source: None,
        origin: job.origin.clone(),
    };
    let original = task.folder.original();
    let file = File {
        path: &original,
        name: &task.file.name,
    };
    let import = task.file.id;
    let settle = move |report: &Report| {
        let (summary, report) = settled(found, report).unwrap_or_default();
        Settlement {
            import,
            summary,
            report,
        }
    };
    import_watched(
        &app.state.store,
        &task.pack,
        file,
        &task.options,
        change,
        app.today(),
        Some(&settle),
        &mut watch,
    )
    .await
}

/// Looks on while a workbook is written.
struct Watching<'a> {
    hand: &'a Hand,
    total: u64,
}

impl Watch for Watching<'_> {
    fn read(&mut self, rows: u64) {
        let number = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        let (zh, en) = (format!("已写入 {rows} 行"), format!("{rows} rows written"));
        self.hand
            .tell(number(rows), number(self.total.max(rows)), &zh, &en);
    }

    fn stop(&self) -> bool {
        self.hand.stop()
    }
}

/// What an error of an import means for its job.
fn ended(error: Error) -> Result<End, End> {
    match error {
        Error::Stopped => Ok(End::Stopped),
        Error::Store(error) => Err(error.into()),
        Error::Kept(error) => {
            let problem = crate::problem::Problem::from_disk(&error);
            Err(End::failed(problem.zh, problem.en))
        }
        other @ Error::Reader(_) => Err(End::internal(&other)),
    }
}

/// What is kept of what was found: in short, and in full with the first problems.
fn written(found: &Analysis, problems: &[Problem]) -> Result<(Value, Value), End> {
    let summary = json!({
        "registers": found.registers, "errors": found.errors, "warnings": found.warnings,
    });
    let mut full = serde_json::to_value(found).map_err(|error| End::internal(&error))?;
    full["problems"] = serde_json::to_value(&problems[..problems.len().min(MOST_SENT)])
        .map_err(|error| End::internal(&error))?;
    Ok((summary, full))
}

/// The same once the workbook was written, or was not.
fn settled(found: &Analysis, report: &Report) -> Result<(Value, Value), End> {
    let (errors, warnings) = report.counts();
    let found = Analysis {
        registers: report.registers.clone(),
        errors,
        warnings,
        more_problems: report.more_problems,
        ..found.clone()
    };
    written(&found, &report.problems)
}

/// Tries a write until nobody else writes.
async fn patiently<F: Future<Output = qipan_store::Result<bool>>>(
    hand: &Hand,
    mut write: impl FnMut() -> F,
) -> Result<bool, End> {
    let mut waits = 0;
    loop {
        match write().await {
            Err(qipan_store::Error::Locked(_)) if waits < TRIES && !hand.stop() => {
                waits += 1;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error.into()),
            Ok(done) => return Ok(done),
        }
    }
}
