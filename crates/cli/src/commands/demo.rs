//! `qipan demo`: the main job on the sample half-year, from workbooks to a brief.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use qipan_figures::{By, Figure};
use qipan_import::Options;
use qipan_model::{Pack, Period};
use qipan_pack::Source;
use qipan_press::Verdict;
use qipan_server::Site;
use qipan_sheets::write::write_sample_workbooks;
use qipan_store::{Backups, Change, ReturnKind};
use rust_embed::RustEmbed;

use crate::args::{BriefFormat, Demo, Global};
use crate::commands::{brief, check, import, pack, serve};
use crate::failure::{FOUND, Failure};
use crate::printer::{Printer, table};
use crate::session::{ILLUSTRATIVE, Session, write_file};

mod people;

/// The Chongqing pack with its sample half-year, carried in the binary.
#[derive(RustEmbed)]
#[folder = "../../packs/chongqing"]
struct Chongqing;

/// Folder of the sample within the pack.
const SAMPLE: &str = "samples/2021H1";
/// The mark that everything made from the sample carries.
const LABEL: &str = "示例数据：单条记录为演示而编，仅合计与公开报道一致";
/// The same in English.
const LABEL_EN: &str =
    "Illustrative data: single records are made up, only the totals are those published";

/// Runs the demo; serves when done unless told not to.
pub async fn run(global: &Global, args: &Demo, printer: Printer) -> Result<u8, Failure> {
    // Sample rows among real ones could never be told apart again.
    if Session::is_made(global) && !global.data.join(ILLUSTRATIVE).is_file() {
        let data = global.data.display();
        if global.db.is_none()
            || Session::open(global, printer)
                .await?
                .store
                .pack()
                .await?
                .is_some()
        {
            return Err(Failure::wrong(format!(
                "{data} 里已有正式的数据：演示请用 --data 另指一个目录"
            ))
            .english(format!(
                "{data} holds real data: point --data at another folder for the demo"
            )));
        }
    }
    let session = Session::make(global, printer).await?;
    let period: Period = "2021H1".parse().map_err(Failure::cannot)?;
    write_file(
        &session.data.join(ILLUSTRATIVE),
        format!("{LABEL}\n{period}\n{LABEL_EN}\n").as_bytes(),
    )?;
    pack::apply(&session, pack::embedded(source())?, "演示：套用重庆机制包").await?;
    let pack = session.pack().await?;

    let folder = session.data.join("demo");
    let workbooks = write_workbooks(&pack, period, &folder)?;
    let (count, place) = (workbooks.len(), folder.display());
    printer.note(printer.say(
        format!("示例工作簿 {count} 份，写在 {place}"),
        format!("{count} sample workbooks written to {place}"),
    ));
    let mut status = import_all(&session, &pack, &workbooks, period).await?;
    file_nil_returns(&session, &pack, period).await?;

    let figures = session
        .engine(&pack)
        .await?
        .figures(period, By::Whole)
        .await?;
    let article = article()?;
    let (lines, agreeing) = compared(&pack, &figures, &article, period, printer);
    printer.result(lines);
    let published = article.len();
    printer.result(printer.say(
        format!("与公开报道一致 {agreeing}/{published} 个"),
        format!("{agreeing} of {published} figures agree with the published ones"),
    ));
    if agreeing != article.len() {
        status = FOUND;
    }
    status = status.max(write_briefs(&session, &pack, period, &folder).await?);
    people::make(&session, &pack).await?;
    let report = session.store.verify().await?;
    let entries = report.entries;
    printer.result(if report.ok {
        printer.say(
            format!("日志链完好，共 {entries} 条"),
            format!("the journal holds: {entries} entries"),
        )
    } else {
        printer.say(
            format!("日志链不符，共 {entries} 条：请运行 qipan verify"),
            format!("the journal is broken: run `qipan verify` ({entries} entries)"),
        )
    });
    if args.no_serve {
        return Ok(status);
    }
    let backups = Backups::of(&session.store);
    serve::serve(
        &session,
        args.listen,
        Site::default(),
        backups,
        Some(period),
    )
    .await
}

/// The pack's own files, without the samples.
fn source() -> Source {
    let files = Chongqing::iter()
        .filter(|name| !name.starts_with("samples/"))
        .filter_map(|name| {
            let file = Chongqing::get(&name)?;
            Some((name.into_owned(), file.data.into_owned()))
        })
        .collect();
    Source { files }
}

/// Unfolds the sample's sources and writes them as the workbooks that offices would send.
fn write_workbooks(pack: &Pack, period: Period, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    // The folder's name is the sample's period, as in the pack.
    let sources = folder.join("来源").join(period.to_string());
    let workbooks = folder.join("工作簿");
    for dir in [&sources, &workbooks] {
        std::fs::create_dir_all(dir).map_err(|error| Failure::file(dir, &error))?;
    }
    for name in Chongqing::iter() {
        if let (Some(file), Some(plain)) = (
            Chongqing::get(&name),
            name.strip_prefix(SAMPLE)
                .and_then(|rest| rest.strip_prefix('/')),
        ) {
            write_file(&sources.join(plain), &file.data)?;
        }
    }
    Ok(write_sample_workbooks(pack, &sources, &workbooks)?)
}

async fn import_all(
    session: &Session,
    pack: &Arc<Pack>,
    workbooks: &[PathBuf],
    period: Period,
) -> Result<u8, Failure> {
    let options = Options {
        period: Some(period),
        ..Options::default()
    };
    let mut rows = Vec::new();
    let mut status = 0;
    for file in workbooks {
        let report = import::one(session, pack, file, &options).await?;
        if report.has_errors() {
            status = FOUND;
            import::print(&report, session.printer);
        }
        for own in &report.registers {
            rows.push(vec![
                file.file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
                pack.register(&own.register)
                    .map_or_else(String::new, |found| found.name.clone()),
                own.read.to_string(),
                own.inserted.to_string(),
                own.updated.to_string(),
                own.unchanged.to_string(),
                own.rejected.to_string(),
            ]);
        }
    }
    let head = session.printer.say(
        ["工作簿", "台账", "读到", "新增", "修订", "未变", "退回"],
        [
            "Workbook",
            "Register",
            "Read",
            "Inserted",
            "Updated",
            "Unchanged",
            "Rejected",
        ],
    );
    session.printer.result(table(&head, &rows));
    Ok(status)
}

/// In the sample every unit has reported: those without rows have filed a nil return.
async fn file_nil_returns(session: &Session, pack: &Pack, period: Period) -> Result<(), Failure> {
    let mut engine = session.engine(pack).await?;
    let reported = engine.coverage(period).await?;
    drop(engine);
    let change = Change {
        action: "return".to_owned(),
        ..session.change("return", "示例：零报告")
    };
    let mut writer = session.store.begin(change).await?;
    for (id, own) in &reported {
        let Some(register) = pack.register(id) else {
            continue;
        };
        for unit in own.due.difference(&own.units) {
            writer
                .file_return(register, period, unit, ReturnKind::Nil)
                .await?;
        }
    }
    writer.commit().await?;
    Ok(())
}

/// The article's figures: indicator and value as published.
fn article() -> Result<Vec<(String, String)>, Failure> {
    let name = format!("{SAMPLE}/expected.csv");
    let file = Chongqing::get(&name)
        .ok_or_else(|| Failure::cannot(format!("程序里缺少 {name}：请重新编译")))?;
    Ok(String::from_utf8_lossy(&file.data)
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(indicator, value)| (indicator.trim().to_owned(), value.trim().to_owned()))
        .collect())
}

/// The figures beside the article's, and how many agree.
fn compared(
    pack: &Pack,
    figures: &[Figure],
    article: &[(String, String)],
    period: Period,
    printer: Printer,
) -> (String, usize) {
    let mut agreeing = 0;
    let rows: Vec<Vec<String>> = article
        .iter()
        .map(|(id, published)| {
            let figure = figures.iter().find(|figure| figure.indicator == *id);
            let ours = figure.map_or("—", |figure| figure.display.as_str());
            // Numbers are printed by the indicator's own rule; 7400余万 is printed already.
            let theirs = match (published.parse(), pack.indicator(id, period.end())) {
                (Ok(number), Some(indicator)) => indicator.format.display(number),
                _ => published.clone(),
            };
            let agrees = ours == theirs || ours.trim_end_matches('元') == theirs;
            agreeing += usize::from(agrees);
            vec![
                id.clone(),
                figure.map_or_else(String::new, |figure| figure.name.clone()),
                ours.to_owned(),
                theirs,
                if agrees {
                    printer.say("一致", "agrees")
                } else {
                    printer.say("不一致", "differs")
                }
                .to_owned(),
                figure.map_or_else(String::new, |figure| {
                    format!("{}/{}", figure.coverage.reported, figure.coverage.due)
                }),
            ]
        })
        .collect();
    let head = printer.say(
        ["指标", "名称", "台账", "公开报道", "", "已报"],
        ["Indicator", "Name", "Ledger", "Published", "", "Reported"],
    );
    (table(&head, &rows), agreeing)
}

/// Writes the half-year brief in every format and checks its text against the ledger.
async fn write_briefs(
    session: &Session,
    pack: &Pack,
    period: Period,
    folder: &Path,
) -> Result<u8, Failure> {
    let mut status = 0;
    for declared in &pack.briefs {
        let (_, view) = session.view(None).await?;
        let document = brief::document(session, pack, view, declared, period).await?;
        let formats = [
            (BriefFormat::Md, "md"),
            (BriefFormat::Html, "html"),
            (BriefFormat::Docx, "docx"),
        ];
        for (format, ending) in formats {
            let path = folder.join(format!("{}-{period}.{ending}", declared.id));
            write_file(&path, &brief::written(&document, format)?)?;
            let word = session.printer.say("简报", "brief");
            session.printer.note(format!("{word} {}", path.display()));
        }
        let page = qipan_briefs::to_html(&document);
        let text = qipan_press::extract(page.as_bytes(), &qipan_press::Limits::default())?;
        let claims = check::claims(session, pack, &text, period).await?;
        let count = |verdict| {
            claims
                .iter()
                .filter(|claim| claim.verdict == verdict)
                .count()
        };
        let (confirmed, contradicted, unmatched) = (
            count(Verdict::Confirmed),
            count(Verdict::Contradicted),
            count(Verdict::Unmatched),
        );
        session.printer.result(session.printer.say(
            format!("简报核对：相符 {confirmed}，不符 {contradicted}，对不上指标 {unmatched}"),
            format!(
                "brief checked: confirmed {confirmed}, contradicted {contradicted}, \
                 unmatched {unmatched}"
            ),
        ));
        if count(Verdict::Contradicted) > 0 {
            status = FOUND;
        }
    }
    Ok(status)
}
