//! `qipan import`: workbooks and CSV into the registers.

use std::path::Path;
use std::sync::Arc;

use qipan_import::{Options, Report, import};
use qipan_model::{Pack, Severity};
use qipan_sheets::write::marked;

use crate::args::{Global, Import};
use crate::failure::{FOUND, Failure};
use crate::printer::{Printer, table};
use crate::session::{Session, register, unit, write_file};

/// Most problems printed for people; `--json` and `--errors` give all.
const SHOWN: usize = 50;

/// Imports the files one after another, each whole or not at all.
pub async fn run(global: &Global, args: &Import, printer: Printer) -> Result<u8, Failure> {
    if args.errors.is_some() && args.files.len() > 1 {
        return Err(Failure::wrong("--errors 一次只能用于一份文件：请逐份导入")
            .english("--errors takes one file at a time: import them one by one"));
    }
    let session = Session::open(global, printer).await?;
    let pack = session.pack().await?;
    let options = options(args, &pack, &session)?;
    let mut reports = Vec::new();
    let mut status = 0;
    for file in &args.files {
        let report = one(&session, &pack, file, &options).await?;
        if let Some(out) = &args.errors {
            write_marked(file, &report, &options, out, printer)?;
        }
        status = status.max(match &report {
            report if report.unread => 3,
            report if report.has_errors() => FOUND,
            _ => 0,
        });
        if !args.json {
            print(&report, printer);
        }
        reports.push(report);
    }
    if args.json {
        printer.result(match &reports[..] {
            [report] => serde_json::to_string_pretty(report)?,
            reports => serde_json::to_string_pretty(reports)?,
        });
    }
    Ok(status)
}

fn options(args: &Import, pack: &Pack, session: &Session) -> Result<Options, Failure> {
    let day = args
        .period
        .map_or(session.today(), qipan_model::Period::end);
    Ok(Options {
        register: match &args.register {
            None => None,
            Some(asked) => Some(register(pack, asked)?.id.clone()),
        },
        unit: match &args.unit {
            None => None,
            Some(asked) => Some(unit(pack, asked, day)?.id.clone()),
        },
        period: args.period,
        accept_good_rows: args.accept_good_rows,
        dry_run: args.dry_run,
        ..Options::default()
    })
}

/// Imports one file with a progress bar.
pub async fn one(
    session: &Session,
    pack: &Arc<Pack>,
    file: &Path,
    options: &Options,
) -> Result<Report, Failure> {
    if !file.is_file() {
        let place = file.display();
        return Err(if file.is_dir() {
            Failure::wrong(format!(
                "{place} 是一个目录：请给出里面的文件，如 {place}/*.xlsx"
            ))
            .english(format!(
                "{place} is a folder: name the files in it, such as {place}/*.xlsx"
            ))
        } else {
            Failure::wrong(format!("没有文件 {place}：请核对路径"))
                .english(format!("there is no file {place}: check the path"))
        });
    }
    let bar = session.printer.progress();
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let change = session.change("import", &format!("导入 {name}"));
    bar.set_message(name);
    let counted = bar.clone();
    let report = import(
        &session.store,
        pack,
        file,
        options,
        change,
        session.today(),
        &move |rows| {
            counted.set_position(rows);
        },
    )
    .await;
    bar.finish_and_clear();
    Ok(report?)
}

fn write_marked(
    file: &Path,
    report: &Report,
    options: &Options,
    out: &Path,
    printer: Printer,
) -> Result<(), Failure> {
    if report.problems.is_empty() {
        printer.note(printer.say(
            "没有问题，不写标注副本",
            "no problems: no marked copy written",
        ));
        return Ok(());
    }
    if report.unread {
        printer.note(printer.say(
            "文件打不开，无法写标注副本",
            "the file cannot be opened: no marked copy",
        ));
        return Ok(());
    }
    let bytes: Arc<[u8]> = std::fs::read(file)
        .map_err(|error| Failure::file(file, &error))?
        .into();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    write_file(
        out,
        &marked(&bytes, &name, &report.problems, &options.limits)?,
    )?;
    let (count, out) = (report.problems.len(), out.display());
    printer.note(printer.say(
        format!("已把 {count} 个问题标进 {out}"),
        format!("{count} problems marked in {out}"),
    ));
    Ok(())
}

/// Prints what became of a file, for people.
pub fn print(report: &Report, printer: Printer) {
    printer.result(format!("{}：{}", report.file, outcome(report, printer)));
    if !report.registers.is_empty() {
        let rows: Vec<Vec<String>> = report
            .registers
            .iter()
            .map(|own| {
                [
                    own.read,
                    own.inserted,
                    own.updated,
                    own.unchanged,
                    own.rejected,
                ]
                .iter()
                .map(ToString::to_string)
                .fold(vec![own.register.clone()], |mut row, cell| {
                    row.push(cell);
                    row
                })
            })
            .collect();
        let head = printer.say(
            ["台账", "读到", "新增", "修订", "未变", "退回"],
            [
                "Register",
                "Read",
                "Inserted",
                "Updated",
                "Unchanged",
                "Rejected",
            ],
        );
        printer.result(table(&head, &rows));
    }
    for problem in report.problems.iter().take(SHOWN) {
        let mark = if problem.severity == Severity::Error {
            "✗"
        } else {
            "·"
        };
        let words = printer.say(&problem.message, &problem.message_en);
        let words = words.strip_prefix(problem.code).unwrap_or(words);
        printer.result(format!(
            "  {mark} [{}] {}",
            problem.code,
            words.trim_start()
        ));
    }
    let more = report.problems.len().saturating_sub(SHOWN);
    if more > 0 {
        printer.result(printer.say(
            format!("  ……还有 {more} 个，见 --json 或 --errors"),
            format!("  … {more} more: see --json or --errors"),
        ));
    }
}

fn outcome(report: &Report, printer: Printer) -> &'static str {
    match report {
        report if report.unread => {
            printer.say("读不了，库没有改动", "cannot be read; nothing was changed")
        }
        report if report.dry_run && report.has_errors() => {
            printer.say("试导入：有错误", "dry run: errors found")
        }
        report if report.dry_run => printer.say("试导入：可以导入", "dry run: can be imported"),
        report if !report.landed => printer.say(
            "有错误，整份未收，库没有改动（改正后重试，或加 --accept-good-rows 先收好的行）",
            "errors found, the file was refused whole, nothing was changed (mend it and try again, \
             or take the good rows with --accept-good-rows)",
        ),
        report if report.has_errors() => printer.say(
            "已收好的行，有错误的行退回",
            "good rows taken, rows with errors refused",
        ),
        _ => printer.say("已导入", "imported"),
    }
}
