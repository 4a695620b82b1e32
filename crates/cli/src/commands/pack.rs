//! `qipan pack check|plan|apply`.

use std::path::Path;

use qipan_model::{Pack, Severity};
use qipan_pack::{Change, Checked, Plan, Source};

use crate::args::{Global, PackCommand};
use crate::failure::{FOUND, Failure};
use crate::printer::Printer;
use crate::session::Session;

/// Runs one of the three.
pub async fn run(global: &Global, args: &PackCommand, printer: Printer) -> Result<u8, Failure> {
    match args {
        PackCommand::Check { dir, json } => check(dir, *json, printer),
        PackCommand::Plan { dir } => {
            let Some(folder) = checked(dir, printer)? else { return Ok(FOUND) };
            let session = Session::make(global, printer).await?;
            let plan = plan(&session, &folder).await?;
            print_plan(&plan, printer);
            Ok(if plan.refused().next().is_some() { FOUND } else { 0 })
        }
        PackCommand::Apply { dir } => {
            let Some(folder) = checked(dir, printer)? else { return Ok(FOUND) };
            let session = Session::make(global, printer).await?;
            apply(&session, folder, "套用机制包").await?;
            Ok(0)
        }
    }
}

fn check(dir: &Path, json: bool, printer: Printer) -> Result<u8, Failure> {
    let source = Source::read_dir(dir)?;
    let checked = qipan_pack::check(&source);
    if json {
        printer.result(serde_json::to_string_pretty(&checked.diagnostics)?);
    } else {
        for diagnostic in &checked.diagnostics {
            printer.result(diagnostic.to_string());
        }
        if let Some(pack) = &checked.pack {
            print_coverage(pack, printer);
        }
    }
    let errors = checked.errors().count();
    printer.note(format!("{} 处错误，{} 处提醒", errors, checked.diagnostics.len() - errors));
    Ok(if errors > 0 { FOUND } else { 0 })
}

/// Which clauses of the policy no register or no indicator serves.
fn print_coverage(pack: &Pack, printer: Printer) {
    let coverage = qipan_pack::coverage(pack);
    let open: Vec<String> = coverage
        .iter()
        .filter(|clause| !clause.is_whole())
        .map(|clause| {
            let lacks = match (clause.registers.is_empty(), clause.indicators.is_empty()) {
                (true, true) => "无台账、无指标",
                (true, false) => "无台账",
                _ => "无指标",
            };
            format!("  {} {}：{lacks}", clause.clause, clause.title)
        })
        .collect();
    printer.result(format!("条款 {} 条，其中 {} 条还没有对应的台账或指标：", coverage.len(), open.len()));
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
    let source = Source::read_dir(dir)?;
    let mut checked = qipan_pack::check(&source);
    for diagnostic in &checked.diagnostics {
        if diagnostic.severity == Severity::Error {
            printer.error(diagnostic.to_string());
        }
    }
    Ok(checked.pack.take().map(|pack| Folder { source, checked, pack }))
}

/// A pack that the binary carries; a mistake in it is ours.
pub fn embedded(source: Source) -> Result<Folder, Failure> {
    let mut checked = qipan_pack::check(&source);
    match checked.pack.take() {
        Some(pack) => Ok(Folder { source, checked, pack }),
        None => {
            let first = checked.errors().next().map(ToString::to_string).unwrap_or_default();
            Err(Failure::cannot(format!("程序自带的机制包有误：{first}")))
        }
    }
}

async fn plan(session: &Session, folder: &Folder) -> Result<Plan, Failure> {
    let old = session.store.pack().await?;
    Ok(qipan_pack::plan(old.as_deref(), &folder.pack, &folder.checked.renames))
}

fn print_plan(plan: &Plan, printer: Printer) {
    if plan.is_empty() {
        printer.result("没有改变");
    }
    for change in &plan.changes {
        printer.result(change.message());
    }
}

/// Applies a checked folder to the session's store.
pub async fn apply(session: &Session, folder: Folder, reason: &str) -> Result<(), Failure> {
    let plan = plan(session, &folder).await?;
    let refused: Vec<String> = plan.refused().map(Change::message).collect();
    if !refused.is_empty() {
        return Err(Failure::cannot(format!("机制包里有不能直接套用的改动：\n{}", refused.join("\n"))));
    }
    session.store.init_key(seed()?)?;
    if plan.is_empty() {
        session.printer.note("机制包没有改变");
        return Ok(());
    }
    let name = folder.pack.mechanism.name.clone();
    session
        .store
        .apply_pack(
            &folder.source,
            &folder.pack,
            &folder.checked.renames,
            session.change("pack", reason),
        )
        .await?;
    session.printer.note(format!("已套用机制包：{name}（{} 处改变）", plan.changes.len()));
    Ok(())
}

/// Randomness for the signing key, from the system.
fn seed() -> Result<[u8; 32], Failure> {
    use std::io::Read;
    let mut seed = [0; 32];
    let path = Path::new("/dev/urandom");
    std::fs::File::open(path)
        .and_then(|mut source| source.read_exact(&mut seed))
        .map_err(|error| Failure::file(path, &error))?;
    Ok(seed)
}
