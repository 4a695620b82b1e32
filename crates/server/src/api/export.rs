//! Registers as files: exports in every format, and the workbook to be filled in.

use std::io::Write;
use std::sync::Arc;

use axum::body::{Body as Content, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use qipan_columnar::ParquetExporter;
use qipan_model::{Action, Pack, Period, Register, UnitRole};
use qipan_sheets::write::{
    ExportFormat, ExportOptions, Exporter, TemplateOptions, goes_on, template as workbook,
};
use qipan_store::{Chunk, ListQuery, Order, Reader};
use serde::Deserialize;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use utoipa::IntoParams;

use crate::asked::{self, Asked, Named};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;
use crate::wanted::{Sifted, Wanted, wanting};

wanting!(
    /// What an export may be asked for.
    ExportAsked {
        /// `xlsx` in the users' layout, `csv`, `json` or `parquet`.
        format: String,
        /// What it is for; goes into the journal.
        reason: Option<String>,
    }
);

/// What an export is written as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Sheet(ExportFormat),
    Parquet,
}

impl Format {
    fn parse(word: &str) -> Result<Self, Problem> {
        Ok(match word {
            "xlsx" => Self::Sheet(ExportFormat::Xlsx),
            "csv" => Self::Sheet(ExportFormat::Csv),
            "json" => Self::Sheet(ExportFormat::Json),
            "parquet" => Self::Parquet,
            _ => {
                return Err(Problem::new(
                    Kind::BadQuery,
                    format!("格式“{word}”不支持：请用 xlsx、csv、json 或 parquet"),
                    format!("The format “{word}” is none of xlsx, csv, json, parquet"),
                ));
            }
        })
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Sheet(ExportFormat::Xlsx) => XLSX,
            Self::Sheet(ExportFormat::Csv) => "text/csv; charset=utf-8",
            Self::Sheet(ExportFormat::Json) => "application/json",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Records of a register as a file, as far as the caller may export them. It is in the journal
/// before the first byte is sent.
#[utoipa::path(get, path = "/api/v1/registers/{register}/export", tag = "registers",
    operation_id = "export",
    params(
        ("register" = String, Path, description = "Register id"), ExportAsked,
        ("eq.FIELD" = Option<String>, Query, description = "Only records with this value in FIELD; empty asks for records that state nothing there"),
    ),
    responses(
        (status = 200, description = "The file", content(
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "text/csv"), (Vec<Object> = "application/json"),
            (Vec<u8> = "application/vnd.apache.parquet"),
        )),
        (status = 400, body = Body), (status = 401, body = Body), (status = 403, body = Body),
        (status = 404, body = Body), (status = 422, body = Body), (status = 429, body = Body),
        (status = 503, body = Body),
    ))]
pub(crate) async fn export(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    Sifted { asked, equals }: Sifted<ExportAsked>,
) -> Result<(HeaderMap, Content), Problem> {
    let mut snapshot = app
        .snapshot_for(&caller, Action::Export, asked.as_of.as_deref())
        .await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let format = Format::parse(&asked.format)?;
    let today = app.today();
    let seq = snapshot.seq();
    let filters = asked.filters();
    let wanted = Wanted::of(&pack, register, filters, &equals, today, seq)?;
    let (rows, _) = snapshot
        .reader
        .totals(register, &wanted.query(), &[])
        .await?;
    let said = serde_json::json!({
        "format": asked.format, "rows": rows, "where": asked.filter, "q": asked.q,
        "supporter": asked.supporter, "recipient": asked.recipient, "period": asked.period,
        "as_of": asked.as_of, "eq": equals, "personal": caller.access.sees_personal(),
    });
    let reason = asked.reason.as_deref().unwrap_or_default().trim();
    let event = caller.event("export", reason, &register.id, said);
    app.state.store.log(event).await?;

    let name = format!("{}{}.{}", register.name, today, asked.format);
    let mut headers = attachment(&name, &format!("{}.{}", register.id, asked.format));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.media_type()),
    );
    let job = Job {
        personal: caller.access.sees_personal(),
        period: match asked.period.as_deref() {
            Some(text) if !text.trim().is_empty() => Some(asked::period(text.trim())?),
            _ => None,
        },
        register: register.id.clone(),
        pack: Arc::clone(&pack),
        asked,
        equals,
        today,
        seq,
        format,
    };
    let job = Arc::new(job);
    let (pieces, inbox) = channel::<std::io::Result<Bytes>>(4);
    let (sender, chunks) = channel(2);
    tokio::spawn(Arc::clone(&job).read(snapshot.reader, sender));
    // Writing a file takes the processor, so it has a thread of its own, while the next rows are
    // read.
    tokio::task::spawn_blocking(move || job.write(chunks, pieces));
    let body = stream::unfold(inbox, |mut inbox| async {
        inbox.recv().await.map(|piece| (piece, inbox))
    });
    // Compression asks on after the end.
    Ok((headers, Content::from_stream(body.fuse())))
}

/// An export under way.
struct Job {
    pack: Arc<Pack>,
    register: String,
    asked: ExportAsked,
    equals: Vec<(String, String)>,
    today: Date,
    seq: Option<i64>,
    format: Format,
    period: Option<Period>,
    personal: bool,
}

/// Rows as they are read, or why they cannot be.
type Read = Result<Chunk, String>;

impl Job {
    /// Reads the rows, as long as somebody takes them.
    async fn read(self: Arc<Self>, mut reader: Reader, to: Sender<Read>) {
        if let Err(error) = self.hand_over(&mut reader, &to).await {
            // When nobody takes it, nobody has to know.
            let _ = to.send(Err(error)).await;
        }
    }

    async fn hand_over(&self, reader: &mut Reader, to: &Sender<Read>) -> Result<(), String> {
        let register = self.register()?;
        let wanted = Wanted::of(
            &self.pack,
            register,
            self.asked.filters(),
            &self.equals,
            self.today,
            self.seq,
        )
        .map_err(|problem| problem.en)?;
        let said = |error: qipan_store::Error| error.to_string();
        let mut rows = reader
            .chunks(register, &wanted.query())
            .await
            .map_err(said)?;
        while let Some(chunk) = rows.try_next().await.map_err(said)? {
            if to.send(Ok(chunk)).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Writes the file and sends it on, piece by piece.
    fn write(&self, chunks: Receiver<Read>, pieces: Sender<std::io::Result<Bytes>>) {
        let Err(error) = self.written(chunks, pieces.clone()) else {
            return;
        };
        // An error is told unless nobody listens any more.
        if !pieces.is_closed() {
            tracing::error!(%error, "export broke off");
            // The body ends with an error, so nobody takes half a file for a whole one.
            let _ = pieces.blocking_send(Err(std::io::Error::other(error)));
        }
    }

    fn written(
        &self,
        mut chunks: Receiver<Read>,
        pieces: Sender<std::io::Result<Bytes>>,
    ) -> Result<(), String> {
        let gathered = Vec::new();
        let mut sink = Sink::begin(self, self.register()?, Pipe { gathered, pieces })?;
        while let Some(chunk) = chunks.blocking_recv() {
            for record in chunk?.records().map_err(|error| error.to_string())? {
                sink.row(&record)?;
            }
        }
        sink.finish()
    }

    fn register(&self) -> Result<&Register, String> {
        let register = self.pack.register(&self.register);
        register.ok_or_else(|| self.register.clone())
    }
}

enum Sink<'a> {
    Sheet(Exporter<'a, Pipe>),
    Parquet(Box<ParquetExporter<'a, Pipe>>),
}

impl<'a> Sink<'a> {
    fn begin(job: &'a Job, register: &'a Register, out: Pipe) -> Result<Self, String> {
        let units = &job.pack.units;
        match job.format {
            Format::Parquet => {
                ParquetExporter::begin(register, units, job.today, job.personal, out)
                    .map(|exporter| Self::Parquet(Box::new(exporter)))
                    .map_err(|error| error.to_string())
            }
            Format::Sheet(format) => {
                let options = ExportOptions {
                    period: job.period,
                    day: job.today,
                    personal: job.personal,
                };
                Exporter::begin(register, units, format, options, out)
                    .map(Self::Sheet)
                    .map_err(|error| error.to_string())
            }
        }
    }

    fn row(&mut self, record: &qipan_model::Record) -> Result<(), String> {
        match self {
            Self::Sheet(exporter) => exporter.row(record).map_err(|error| error.to_string()),
            Self::Parquet(exporter) => exporter.row(record).map_err(|error| error.to_string()),
        }
    }

    fn finish(self) -> Result<(), String> {
        match self {
            Self::Sheet(exporter) => exporter.finish().map(drop).map_err(|e| e.to_string()),
            Self::Parquet(exporter) => exporter.finish().map(drop).map_err(|e| e.to_string()),
        }
    }
}

/// Bytes that are sent on at once.
const PIECE: usize = 1 << 16;

/// What an exporter writes into, and the body takes out of.
struct Pipe {
    gathered: Vec<u8>,
    pieces: Sender<std::io::Result<Bytes>>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.gathered));
        let sent = self.pieces.blocking_send(Ok(piece));
        sent.map_err(|_| std::io::ErrorKind::BrokenPipe.into())
    }
}

/// What a template may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateAsked {
    /// Period of the return; the one shown by itself when left out.
    period: Option<String>,
    /// Unit that fills it in; the caller's own when left out.
    unit: Option<String>,
}

/// Most known rows that are filled in.
const MOST_KNOWN: usize = 20_000;

/// The workbook of a register to be filled in, with what is known already.
#[utoipa::path(get, path = "/api/v1/registers/{register}/template", tag = "registers",
    operation_id = "template",
    params(("register" = String, Path, description = "Register id"), TemplateAsked),
    responses(
        (status = 200, description = "The workbook", body = Vec<u8>,
            content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 400, body = Body), (status = 401, body = Body), (status = 403, body = Body),
        (status = 404, body = Body), (status = 422, body = Body), (status = 429, body = Body),
        (status = 503, body = Body),
    ))]
pub(crate) async fn template(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    Asked(asked): Asked<TemplateAsked>,
) -> Result<(HeaderMap, Bytes), Problem> {
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let period = app.period(asked.period.as_deref())?;
    let named = asked.unit.as_deref().or(caller.unit.as_deref());
    let unit = match named.map(str::trim).filter(|unit| !unit.is_empty()) {
        None => None,
        Some(id) => Some(pack.units.get(id).ok_or_else(|| {
            Problem::new(
                Kind::NoUnit,
                format!("没有单位“{id}”：全部单位见 /api/v1/units"),
                format!("There is no unit “{id}”: /api/v1/units lists them all"),
            )
        })?),
    };
    let mut known = Vec::new();
    let mut after: Option<String> = None;
    // Without a unit the workbook is empty: nobody fills in everything.
    while let Some(unit) = unit {
        let is = |field: Option<usize>, role: UnitRole| {
            (field.is_some() && unit.role == role).then_some(unit.id.as_str())
        };
        let query = ListQuery {
            supporter: is(register.supporter, UnitRole::Supporter),
            recipient: is(register.recipient, UnitRole::Recipient),
            order: Order {
                field: None,
                descending: false,
            },
            limit: 1000,
            after: after.as_deref(),
            ..ListQuery::default()
        };
        let page = snapshot.reader.list(register, &query).await?;
        let rows = page.records.into_iter();
        known.extend(rows.filter(|record| goes_on(register, &record.values, period)));
        after = page.next;
        if after.is_none() || known.len() >= MOST_KNOWN {
            break;
        }
    }
    drop(snapshot);
    if !caller.access.sees_personal() {
        for record in &mut known {
            for (field, value) in register.fields.iter().zip(&mut record.values) {
                if field.personal {
                    *value = qipan_model::masked(value);
                }
            }
        }
    }
    let file_name = format!("{}模板{}.xlsx", register.name, period);
    let (pack, id) = (Arc::clone(&pack), register.id.clone());
    let unit = unit.map(|unit| unit.id.clone());
    let bytes = tokio::task::spawn_blocking(move || {
        let register = pack.register(&id)?;
        let options = TemplateOptions {
            unit: unit.as_ref().and_then(|unit| pack.units.get(unit.as_str())),
            period,
            money: None,
            known: &known,
        };
        Some(workbook(&pack, register, options))
    })
    .await
    .map_err(|error| Problem::internal(&error))?
    .ok_or_else(|| Problem::no_register(""))?
    .map_err(|error| Problem::internal(&error))?;
    let mut headers = attachment(&file_name, "template.xlsx");
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(XLSX));
    Ok((headers, bytes.into()))
}

/// Headers of a file that is handed out under a name; `plain` is for programs that know no other.
pub(crate) fn attachment(name: &str, plain: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let disposition = format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        crate::pages::encoded(name)
    );
    // Ids, digits and percent signs are always a valid header.
    headers.extend(
        HeaderValue::try_from(disposition).map(|value| (header::CONTENT_DISPOSITION, value)),
    );
    headers
}
