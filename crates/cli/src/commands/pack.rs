//! `qipan pack check|plan|apply`.

use std::path::Path;

use qipan_accounts::Random;
use qipan_model::{Pack, Severity};
use qipan_pack::{Change, Checked, Diagnostic, Plan, Source};

use crate::args::{Global, PackCommand};
use crate::failure::{FOUND, Failure};
use crate::printer::Printer;
use crate::session::{Session, SystemRandom};

/// Runs one of the three.
pub async fn run(global: &Global, args: &PackCommand, printer: Printer) -> Result<u8, Failure> {
    match args {
        PackCommand::Check { dir, json } => check(dir, *json, printer),
        PackCommand::Plan { dir } => {
            let Some(folder) = checked(dir, printer)? else {
                return Ok(FOUND);
            };
            // A plan makes nothing: without a data folder it is compared with no pack at all.
            let session = if Session::is_made(global) {
                Some(Session::open(global, printer).await?)
            } else {
                None
            };
            let plan = plan(session.as_ref(), &folder).await?;
            print_plan(&plan, printer);
            Ok(if plan.refused().next().is_some() {
                FOUND
            } else {
                0
            })
        }
        PackCommand::Apply { dir } => {
            let Some(folder) = checked(dir, printer)? else {
                return Ok(FOUND);
            };
            let session = Session::open(global, printer).await?;
            apply(&session, folder, "套用机制包").await?;
            Ok(0)
        }
    }
}

/// Reads a pack's folder. A folder without the first of its files is told as one mistake, not as
/// one for each file in it.
fn read(dir: &Path) -> Result<Source, Failure> {
    if dir.is_dir() && !dir.join("mechanism.toml").is_file() {
        let place = dir.display();
        return Err(Failure::wrong(format!(
            "文件夹“{place}”里没有 mechanism.toml，不是机制包：请给出含它的文件夹"
        ))
        .english(format!(
            "{place} holds no mechanism.toml: name the folder of a pack"
        )));
    }
    Ok(Source::read_dir(dir)?)
}

fn check(dir: &Path, json: bool, printer: Printer) -> Result<u8, Failure> {
    let source = read(dir)?;
    let checked = qipan_pack::check(&source);
    if json {
        printer.result(serde_json::to_string_pretty(&checked.diagnostics)?);
    } else {
        // Errors first, so that they are not lost among what is only advised.
        let (errors, warnings): (Vec<_>, Vec<_>) = checked
            .diagnostics
            .iter()
            .partition(|found| found.severity == Severity::Error);
        for diagnostic in errors.into_iter().chain(warnings) {
            printer.result(sentence(diagnostic, printer));
        }
        if let Some(pack) = &checked.pack {
            print_coverage(pack, printer);
        }
    }
    let errors = checked.errors().count();
    let warnings = checked.diagnostics.len() - errors;
    printer.note(printer.say(
        format!("{errors} 处错误，{warnings} 处提醒"),
        format!("{errors} errors, {warnings} warnings"),
    ));
    Ok(if errors > 0 { FOUND } else { 0 })
}

/// A finding with its place, in the call's language.
fn sentence(found: &Diagnostic, printer: Printer) -> String {
    let Diagnostic {
        file,
        line,
        column,
        code,
        message_en,
        ..
    } = found;
    printer.say(
        found.to_string(),
        format!("{file}:{line}:{column} {code} {message_en}"),
    )
}

/// Which clauses of the policy no register or no indicator serves.
fn print_coverage(pack: &Pack, printer: Printer) {
    let coverage = qipan_pack::coverage(pack);
    let open: Vec<String> = coverage
        .iter()
        .filter(|clause| !clause.is_whole())
        .map(|clause| {
            let lacks = match (clause.registers.is_empty(), clause.indicators.is_empty()) {
                (true, true) => printer.say("无台账、无指标", "no register, no indicator"),
                (true, false) => printer.say("无台账", "no register"),
                _ => printer.say("无指标", "no indicator"),
            };
            let title = printer.named(&clause.title, &clause.title_en);
            format!("  {} {title}：{lacks}", clause.clause)
        })
        .collect();
    let (all, lacking) = (coverage.len(), open.len());
    printer.result(printer.say(
        format!("条款 {all} 条，其中 {lacking} 条还没有对应的台账或指标："),
        format!("{all} clauses, {lacking} of them without a register or an indicator:"),
    ));
    for line in open {
        printer.result(line);
    }
}

/// A pack folder that checks without errors, with its files.
pub struct Folder {
    source: Source,
    checked: Checked,
    pack: Pack,
}

/// Reads and checks a folder; when it has errors they are printed and `None` is given.
pub fn checked(dir: &Path, printer: Printer) -> Result<Option<Folder>, Failure> {
    let source = read(dir)?;
    let mut checked = qipan_pack::check(&source);
    for diagnostic in &checked.diagnostics {
        if diagnostic.severity == Severity::Error {
            printer.error(sentence(diagnostic, printer));
        }
    }
    Ok(checked.pack.take().map(|pack| Folder {
        source,
        checked,
        pack,
    }))
}

/// A pack that the binary carries; a mistake in it is ours.
pub fn embedded(source: Source) -> Result<Folder, Failure> {
    let mut checked = qipan_pack::check(&source);
    match checked.pack.take() {
        Some(pack) => Ok(Folder {
            source,
            checked,
            pack,
        }),
        None => {
            let first = checked
                .errors()
                .next()
                .map(ToString::to_string)
                .unwrap_or_default();
            Err(Failure::cannot(format!("程序自带的机制包有误：{first}")))
        }
    }
}

async fn plan(session: Option<&Session>, folder: &Folder) -> Result<Plan, Failure> {
    let old = match session {
        Some(session) => session.store.pack().await?,
        None => None,
    };
    Ok(qipan_pack::plan(
        old.as_deref(),
        &folder.pack,
        &folder.checked.renames,
    ))
}

fn print_plan(plan: &Plan, printer: Printer) {
    if plan.is_empty() {
        printer.result(printer.say("没有改变", "nothing would change"));
    }
    for change in &plan.changes {
        printer.result(printer.say(change.message(), change.message_en()));
    }
}

/// Applies a checked folder to the session's store.
pub async fn apply(session: &Session, folder: Folder, reason: &str) -> Result<(), Failure> {
    let plan = plan(Some(session), &folder).await?;
    let printer = session.printer;
    let sentence = |change: &Change| printer.say(change.message(), change.message_en());
    let refused: Vec<String> = plan.refused().map(sentence).collect();
    if !refused.is_empty() {
        let why = printer.say(
            "机制包里有不能直接套用的改动，什么也没有改：",
            "the pack holds changes that cannot be applied, nothing was changed:",
        );
        return Err(Failure::cannot(format!("{why}\n{}", refused.join("\n"))));
    }
    session.store.init_key(seed()?)?;
    if plan.is_empty() {
        printer.note(printer.say("机制包没有改变", "the pack has not changed"));
        return Ok(());
    }
    let (name, name_en) = (&folder.pack.mechanism.name, &folder.pack.mechanism.name_en);
    session
        .store
        .apply_pack(
            &folder.source,
            &folder.pack,
            &folder.checked.renames,
            session.change("pack", reason),
        )
        .await?;
    let changes = plan.changes.len();
    session.printer.note(session.printer.say(
        format!("已套用机制包：{name}（{changes} 处改变）"),
        format!("pack applied: {name_en} ({changes} changes)"),
    ));
    Ok(())
}

/// Randomness for the signing key, from the system.
fn seed() -> Result<[u8; 32], Failure> {
    let mut seed = [0; 32];
    SystemRandom.fill(&mut seed).map_err(Failure::cannot)?;
    Ok(seed)
}
