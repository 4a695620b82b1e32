//! `qipan export`: a register as a file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use futures::StreamExt;
use jiff::civil::Date;
use qipan_columnar::ParquetExporter;
use qipan_figures::parse_moment;
use qipan_model::{Expr, Record, Register, Type, Units};
use qipan_sheets::write::{ExportFormat as Format, ExportOptions, Exporter};
use qipan_store::{Chunk, ListQuery};
use tokio::sync::mpsc::channel;
use tokio::task::spawn_blocking;

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
    let format = args.format;
    // Files are written on a thread of their own, while the next rows are read.
    let (sender, mut chunks) = channel(2);
    let writing = {
        let (pack, id, bar) = (Arc::clone(&pack), register.id.clone(), bar.clone());
        spawn_blocking(move || {
            let register = crate::session::register(&pack, &id)?;
            let mut sink = Sink::begin(register, &pack.units, format, today, out)?;
            while let Some(chunk) = chunks.blocking_recv() {
                let chunk: Result<Chunk, qipan_store::Error> = chunk;
                let records = chunk?.records()?;
                for record in &records {
                    sink.row(record)?;
                }
                bar.inc(records.len() as u64);
            }
            sink.finish()
        })
    };
    let query = ListQuery {
        filter: filter.as_ref(),
        today: Some(today),
        as_of,
        ..ListQuery::default()
    };
    let mut rows = reader.chunks(register, &query).await?;
    while let Some(chunk) = rows.next().await {
        if sender.send(chunk).await.is_err() {
            break;
        }
    }
    drop(sender);
    let written = writing.await.map_err(Failure::cannot)??;
    bar.finish_and_clear();
    std::fs::rename(&beside, &args.output).map_err(|error| Failure::file(&args.output, &error))?;
    let out = args.output.display();
    printer.note(printer.say(
        format!("已写 {out}：{written} 行"),
        format!("written {out}: {written} rows"),
    ));
    Ok(0)
}

/// A file of one format, row by row.
enum Sink<'a, W: Write + Send> {
    Sheet(Exporter<'a, W>),
    Parquet(Box<ParquetExporter<'a, W>>),
}

impl<'a, W: Write + Send> Sink<'a, W> {
    fn begin(
        register: &'a Register,
        units: &'a Units,
        format: ExportFormat,
        today: Date,
        out: W,
    ) -> Result<Self, Failure> {
        let format = match format {
            ExportFormat::Parquet => {
                let exporter = ParquetExporter::begin(register, units, today, PERSONAL, out)?;
                return Ok(Self::Parquet(Box::new(exporter)));
            }
            ExportFormat::Xlsx => Format::Xlsx,
            ExportFormat::Json => Format::Json,
            ExportFormat::Csv => Format::Csv,
        };
        let options = ExportOptions {
            period: None,
            day: today,
            personal: PERSONAL,
        };
        let exporter = Exporter::begin(register, units, format, options, out)?;
        Ok(Self::Sheet(exporter))
    }

    fn row(&mut self, record: &Record) -> Result<(), Failure> {
        match self {
            Self::Sheet(exporter) => exporter.row(record)?,
            Self::Parquet(exporter) => exporter.row(record)?,
        }
        Ok(())
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(match self {
            Self::Sheet(exporter) => exporter.finish()?,
            Self::Parquet(exporter) => exporter.finish()?,
        })
    }
}
