//! `qipan brief`: a document whose numbers are figures.

use qipan_briefs::{Document, compose, gather, to_docx, to_html, to_markdown};
use qipan_model::{Brief as Declared, Pack, Period};
use qipan_raster::Rasteriser;

use crate::args::{Brief, BriefFormat, Global};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::session::{Session, View, local_date, write_file};

/// Writes a brief.
pub async fn run(global: &Global, args: &Brief, printer: Printer) -> Result<u8, Failure> {
    if args.format == BriefFormat::Pdf {
        return Err(Failure::wrong(
            "这一版还不能直接写 PDF：请用 --format docx 后在 Word 或 WPS 里另存为 PDF，或打印 --format html 的页面",
        )
        .english("PDF cannot be written yet: save the DOCX as PDF in a word processor, or print the HTML"));
    }
    let session = Session::open(global, printer).await?;
    let (pack, view) = session.view(args.as_of.as_deref()).await?;
    let declared = pack
        .briefs
        .iter()
        .find(|brief| brief.id == args.brief)
        .ok_or_else(|| {
            let known: Vec<&str> = pack.briefs.iter().map(|brief| brief.id.as_str()).collect();
            Failure::wrong(format!(
                "没有简报“{}”，可用的有：{}",
                args.brief,
                known.join("、")
            ))
            .english(format!(
                "there is no brief {}; there are {}",
                args.brief,
                known.join(", ")
            ))
        })?;
    let document = document(&session, &pack, view, declared, args.period).await?;
    write_file(&args.output, &written(&document, args.format)?)?;
    printer.note(format!(
        "{} {}",
        printer.say("已写", "written"),
        args.output.display()
    ));
    Ok(0)
}

/// The document in one format.
pub fn written(document: &Document, format: BriefFormat) -> Result<Vec<u8>, Failure> {
    Ok(match format {
        BriefFormat::Md => to_markdown(document).into_bytes(),
        BriefFormat::Html => to_html(document).into_bytes(),
        BriefFormat::Docx | BriefFormat::Pdf => to_docx(document, &Rasteriser::new(Vec::new()))?,
    })
}

/// Composes a brief from the figures of a period.
pub async fn document(
    session: &Session,
    pack: &Pack,
    view: View,
    declared: &Declared,
    period: Period,
) -> Result<Document, Failure> {
    // A brief as of a past moment carries that day, so that it comes out the same for ever.
    let date = view.moment().map_or_else(|| session.today(), local_date);
    let mut engine = view.engine(pack).await?;
    let gathered = gather(&mut engine, pack, declared, period).await?;
    let illustrative = session.illustrative();
    let data = gathered.data(
        pack,
        period,
        date,
        illustrative.as_ref().map(|mark| &*mark.zh),
        None,
    );
    Ok(compose(declared, &data)?)
}
