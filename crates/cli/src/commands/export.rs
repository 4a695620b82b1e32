//! `qipan export`: a register as a file.

use std::fs::File;
use std::io::BufWriter;

use futures::TryStreamExt;
use qipan_columnar::ParquetExporter;
use qipan_figures::parse_moment;
use qipan_model::{Expr, Type};
use qipan_sheets::write::{ExportFormat as Format, ExportOptions, Exporter};

use crate::args::{Export, ExportFormat, Global};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::session::{Session, partial, register};

/// Whoever sits at the command line holds the data folder itself: nothing is masked.
const PERSONAL: bool = true;

/// Writes a register, or what a filter takes of it, row by row.
pub async fn run(global: &Global, args: &Export, printer: Printer) -> Result<u8, Failure> {
    let session = Session::open(global, printer).await?;
    let pack = session.pack().await?;
    let register = register(&pack, &args.register)?;
    let filter = match &args.filter {
        None => None,
        Some(text) => {
            Some(
                Expr::compile(text, register, Some(Type::Bool)).map_err(|diagnostics| {
                    // Places are counted in characters, as people do.
                    let sentences: Vec<String> = diagnostics
                        .iter()
                        .map(|found| {
                            let before = text
                                .get(..found.span.start)
                                .map_or(0, |own| own.chars().count());
                            format!("第{}字起：{}", before + 1, found.message)
                        })
                        .collect();
                    Failure::wrong(format!("筛选条件“{text}”有误：{}", sentences.join("；")))
                })?,
            )
        }
    };
    let mut reader = session.store.reader().await?;
    let as_of = match &args.as_of {
        None => None,
        Some(text) => Some(reader.seq_at(parse_moment(text)?).await?),
    };
    let beside = partial(&args.output);
    let file = File::create(&beside).map_err(|error| Failure::file(&args.output, &error))?;
    let out = BufWriter::with_capacity(1 << 16, file);
    let today = session.today();
    let bar = printer.progress();
    let mut rows = reader.stream(register, filter.as_ref(), Some(today), as_of);
    let written = if args.format == ExportFormat::Parquet {
        let mut exporter = ParquetExporter::begin(register, &pack.units, today, PERSONAL, out)?;
        while let Some(record) = rows.try_next().await? {
            exporter.row(&record)?;
            bar.inc(1);
        }
        exporter.finish()?
    } else {
        let format = match args.format {
            ExportFormat::Xlsx => Format::Xlsx,
            ExportFormat::Json => Format::Json,
            ExportFormat::Csv | ExportFormat::Parquet => Format::Csv,
        };
        let options = ExportOptions {
            period: None,
            day: today,
            personal: PERSONAL,
        };
        let mut exporter = Exporter::begin(register, &pack.units, format, options, out)?;
        while let Some(record) = rows.try_next().await? {
            exporter.row(&record)?;
            bar.inc(1);
        }
        exporter.finish()?
    };
    bar.finish_and_clear();
    std::fs::rename(&beside, &args.output).map_err(|error| Failure::file(&args.output, &error))?;
    let out = args.output.display();
    printer.note(printer.say(
        format!("已写 {out}：{written} 行"),
        format!("written {out}: {written} rows"),
    ));
    Ok(0)
}
