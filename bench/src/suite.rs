//! What is measured, in order.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures::TryStreamExt;
use jiff::Timestamp;
use jiff::civil::date;
use qipan_figures::{AsOf, By, Engine};
use qipan_model::{Expr, Pack, Period, Type};
use qipan_pack::{Checked, Source};
use qipan_sheets::write::{ExportFormat, ExportOptions, Exporter};
use qipan_store::{Change, Clock, ListQuery, NewRow, Order, Store};
use sqlx::sqlite::SqlitePool;

use crate::generate::{Cell, SPECS, Spec, TODAY, spec};
use crate::measure::{Samples, Watch};
use crate::report::{Aim, Report};
use crate::{Failure, load, machine, raw, sample};

/// Rows of the measures that issue 2 fixes at 100 thousand.
const FIXED: usize = 100_000;
/// Runs of what takes seconds, and of what takes milliseconds.
const FEW: usize = 3;
const MANY: usize = 15;

/// A clock that ticks by itself: no run depends on the day it is made on.
#[derive(Debug, Default)]
struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        let second = 1_640_000_000 + self.0.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

fn change(action: &str) -> Change {
    Change {
        actor: "bench".to_owned(),
        reason: "measure".to_owned(),
        action: action.to_owned(),
        source: None,
        origin: String::new(),
    }
}

/// The pack as its files and as the model.
struct Mechanism {
    source: Source,
    checked: Checked,
    pack: Arc<Pack>,
}

impl Mechanism {
    fn read() -> Result<Self, Failure> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs/chongqing");
        let source = Source::read_dir(&folder)?;
        let mut checked = qipan_pack::check(&source);
        let pack = checked.pack.take().ok_or("the pack has errors")?;
        Ok(Self {
            source,
            checked,
            pack: Arc::new(pack),
        })
    }

    async fn store(&self, url: Option<&str>, data: &Path) -> Result<Store, Failure> {
        let store = Store::open(url, data, Arc::new(Ticks::default())).await?;
        store.init_key([7; 32])?;
        store
            .apply_pack(
                &self.source,
                &self.pack,
                &self.checked.renames,
                change("pack"),
            )
            .await?;
        Ok(store)
    }
}

async fn import(
    store: &Store,
    pack: &Arc<Pack>,
    spec: &Spec,
    file: &Path,
    rows: usize,
) -> Result<Duration, Failure> {
    let options = qipan_import::Options {
        register: Some(spec.register.to_owned()),
        ..qipan_import::Options::default()
    };
    let watch = Watch::start();
    let report = qipan_import::import(
        store,
        pack,
        file,
        &options,
        change("import"),
        TODAY,
        &|_| {},
    )
    .await?;
    let took = watch.stop();
    if report.has_errors() || report.rows() != rows as u64 {
        let first = report
            .problems
            .first()
            .map(|problem| problem.message.as_str());
        return Err(format!(
            "{}: {} of {rows} rows; {first:?}",
            file.display(),
            report.rows()
        )
        .into());
    }
    if !report.problems.is_empty() {
        return Err(format!("{}: {}", file.display(), report.problems[0].message).into());
    }
    Ok(took)
}

/// Imports a file into a new store, for the memory that it takes.
pub async fn import_alone(data: &Path, file: &Path) -> Result<(), Failure> {
    let mechanism = Mechanism::read()?;
    let store = mechanism.store(None, data).await?;
    let rows = count_lines(file)? - 1;
    import(&store, &mechanism.pack, found("consumption")?, file, rows).await?;
    store.close().await;
    Ok(())
}

/// Exports what was imported, for the memory that it takes.
pub async fn export_alone(data: &Path, file: &Path) -> Result<(), Failure> {
    let store = Store::open(None, data, Arc::new(Ticks::default())).await?;
    let pack = store.pack().await?.ok_or("no pack")?;
    export(&store, &pack, ExportFormat::Csv, file).await
}

fn count_lines(file: &Path) -> Result<usize, Failure> {
    use std::io::BufRead as _;
    let mut reader = std::io::BufReader::new(File::open(file)?);
    let (mut line, mut count) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut line)? > 0 {
        count += 1;
        line.clear();
    }
    Ok(count)
}

fn write_csv(pack: &Pack, spec: &Spec, rows: usize, folder: &Path) -> Result<PathBuf, Failure> {
    let path = folder.join(format!("{}-{rows}.csv", spec.register));
    let mut out = BufWriter::with_capacity(1 << 16, File::create(&path)?);
    spec.write_csv(pack, rows, &mut out)?;
    out.flush()?;
    Ok(path)
}

/// Runs everything.
pub async fn run(sizes: &[usize]) -> Result<Report, Failure> {
    let mechanism = Mechanism::read()?;
    let folder = tempfile::tempdir()?;
    let mut report = Report::default();
    let mut smallest: Option<[Duration; 2]> = None;
    for &size in sizes {
        let here = folder.path().join(size.to_string());
        std::fs::create_dir(&here)?;
        let mut bench = Bench {
            mechanism: &mechanism,
            folder: here.clone(),
            size,
            report: &mut report,
        };
        let store = bench.imports().await?;
        bench.lists(&store).await?;
        let figures = bench.figures(&store, smallest).await?;
        smallest.get_or_insert(figures);
        if size == FIXED {
            bench.exports(&store).await?;
            bench.workbook().await?;
        }
        bench.processes(&store).await?;
        if Some(&size) == sizes.iter().max() {
            bench.load().await?;
        }
        std::fs::remove_dir_all(&here)?;
    }
    memory(&mechanism, folder.path(), sizes, &mut report)?;
    match std::env::var("TEST_DATABASE_URL") {
        Ok(url) => {
            for &size in sizes.iter().filter(|&&size| size <= FIXED) {
                postgres(&mechanism, &url, folder.path(), size, &mut report).await?;
            }
        }
        Err(_) => report.note("PostgreSQL was not measured: TEST_DATABASE_URL is not set."),
    }
    report.note(
        "Figures stay exact right after a write because each write adds its difference to the \
         monthly rollups in its own transaction (docs/decisions/0002).",
    );
    report.note(
        "The generated mechanism has 34 links, two supporters for each recipient; rollups grow \
         with links, months and indicators, not with rows.",
    );
    Ok(report)
}

/// The measures of one size.
struct Bench<'a> {
    mechanism: &'a Mechanism,
    folder: PathBuf,
    size: usize,
    report: &'a mut Report,
}

fn found(register: &'static str) -> Result<&'static Spec, Failure> {
    spec(register).ok_or_else(|| format!("no generated {register}").into())
}

impl Bench<'_> {
    fn pack(&self) -> &Arc<Pack> {
        &self.mechanism.pack
    }

    /// CSV imports of the two large registers, beside bare inserts; then everything else. Gives
    /// the filled store.
    async fn imports(&mut self) -> Result<Store, Failure> {
        let pack = Arc::clone(self.pack());
        let large = [found("consumption")?, found("project")?];
        let mut files = Vec::new();
        for spec in large {
            files.push(write_csv(&pack, spec, self.size, &self.folder)?);
        }
        let mut ours = [Vec::new(), Vec::new()];
        let mut bare = [Vec::new(), Vec::new()];
        let mut kept = None;
        for round in 0..self.rounds() {
            let data = self.folder.join(format!("data-{round}"));
            let store = self.mechanism.store(None, &data).await?;
            for nth in 0..large.len() {
                ours[nth].push(import(&store, &pack, large[nth], &files[nth], self.size).await?);
                let path = self.folder.join(format!("raw-{round}-{nth}.db"));
                let pool = raw::open(&path).await?;
                let register = pack.register(large[nth].register).ok_or("register")?;
                bare[nth].push(raw::insert_sqlite(&pool, register, large[nth], self.size).await?);
                pool.close().await;
                std::fs::remove_file(&path)?;
            }
            if round + 1 < self.rounds() {
                store.close().await;
                std::fs::remove_dir_all(&data)?;
            } else {
                kept = Some(store);
            }
        }
        let store = kept.ok_or("no round was run")?;
        for (nth, (ours, bare)) in ours.into_iter().zip(bare).enumerate() {
            let what = format!(
                "CSV import, `{}`, {} columns",
                large[nth].register,
                large[nth].columns.len()
            );
            let aim = Aim::Rate {
                per_second: 60_000.0,
                ratio: 4.0,
            };
            let (ours, bare) = (Samples::of(ours), Samples::of(bare));
            self.report
                .time(&what, self.size, self.size, &ours, Some(&bare), aim);
        }
        let mut again = Vec::new();
        for _ in 0..self.rounds() {
            again.push(import(&store, &pack, large[0], &files[0], self.size).await?);
        }
        let again = Samples::of(again);
        self.report.time(
            "the same `consumption` CSV again, unchanged",
            self.size,
            self.size,
            &again,
            None,
            Aim::None,
        );
        for spec in SPECS
            .iter()
            .filter(|spec| !large.iter().any(|one| one.register == spec.register))
        {
            let rows = spec.rows(self.size);
            let file = write_csv(&pack, spec, rows, &self.folder)?;
            import(&store, &pack, spec, &file, rows).await?;
        }
        let watch = Watch::start();
        let verified = store.verify().await?;
        if !verified.ok {
            return Err(format!("verify: {:?}", verified.broken.first()).into());
        }
        let took = Samples::of(vec![watch.stop()]);
        self.report.time(
            "verify (journal, every row, checkpoints)",
            self.size,
            0,
            &took,
            None,
            Aim::None,
        );
        Ok(store)
    }

    async fn raw_of(&self, store_data: &Path) -> Result<SqlitePool, Failure> {
        raw::open(&store_data.join("qipan.db")).await
    }

    /// Imports of large sizes take most of a bench; their spread shows in the smaller ones.
    fn rounds(&self) -> usize {
        if self.size > FIXED { 1 } else { FEW }
    }

    fn data(&self) -> PathBuf {
        self.folder.join(format!("data-{}", self.rounds() - 1))
    }

    /// Pages of the sales register: filtered, sorted, with their total.
    async fn lists(&mut self, store: &Store) -> Result<(), Failure> {
        let pack = Arc::clone(self.pack());
        let register = pack.register("consumption").ok_or("consumption")?;
        let compile = |text: &str| {
            Expr::compile(text, register, Some(Type::Bool)).map_err(|_| format!("filter {text}"))
        };
        let (dated, chosen) = (
            compile("deal_date >= date('2021-06-01') && deal_date <= date('2021-06-30')")?,
            compile("channel == '832平台' && amount > 50000")?,
        );
        let newest = Order {
            field: register.date,
            descending: true,
        };
        let plain = ListQuery {
            order: newest,
            today: Some(TODAY),
            ..ListQuery::default()
        };
        let cases = [
            ("list page, by day", plain.clone(), "", true),
            (
                "list page of one recipient, by day",
                ListQuery {
                    recipient: Some("kaizhou"),
                    ..plain.clone()
                },
                " AND recipient = 'kaizhou'",
                true,
            ),
            (
                "list page of one link, by day",
                ListQuery {
                    recipient: Some("kaizhou"),
                    supporter: Some("dazu"),
                    ..plain.clone()
                },
                " AND recipient = 'kaizhou' AND supporter = 'dazu'",
                true,
            ),
            (
                "list page of one recipient and one month, by day",
                ListQuery {
                    recipient: Some("kaizhou"),
                    filter: Some(&dated),
                    ..plain.clone()
                },
                " AND recipient = 'kaizhou' AND deal_date BETWEEN '2021-06-01' AND '2021-06-30'",
                true,
            ),
            (
                "list page by an expression that no index serves",
                ListQuery {
                    filter: Some(&chosen),
                    ..plain.clone()
                },
                " AND channel = '832平台' AND amount > 5000000",
                false,
            ),
        ];
        let bare = self.raw_of(&self.data()).await?;
        let most = Duration::from_millis(2);
        for (what, query, condition, aimed) in cases {
            let ours = sample!(MANY, {
                let page = store.reader().await?.list(register, &query).await?;
                if page.records.is_empty() {
                    return Err(format!("{what}: nothing found").into());
                }
            });
            let stands = format!("_to = {} AND _gone = 0{condition}", i64::MAX);
            let select = format!(
                "SELECT * FROM consumption WHERE {stands} ORDER BY deal_date DESC, _rid DESC LIMIT 50"
            );
            let count = format!("SELECT count(*) FROM consumption WHERE {stands}");
            let raw = sample!(if self.size > FIXED { FEW } else { MANY }, {
                raw::run(&bare, &select).await?;
                raw::run(&bare, &count).await?;
            });
            let aim = if aimed { Aim::Below(most) } else { Aim::None };
            self.report.time(what, self.size, 0, &ours, Some(&raw), aim);
        }
        // A page deep down costs what the first one costs.
        let mut reader = store.reader().await?;
        let mut mark: Option<String> = None;
        for _ in 0..9 {
            let query = ListQuery {
                limit: 1000,
                after: mark.as_deref(),
                ..plain.clone()
            };
            mark = reader.list(register, &query).await?.next;
        }
        let deep = ListQuery {
            after: mark.as_deref(),
            ..plain
        };
        let ours = sample!(MANY, {
            store.reader().await?.list(register, &deep).await?;
        });
        self.report.time(
            "list page behind 9 000 rows, by day",
            self.size,
            0,
            &ours,
            None,
            Aim::Below(most),
        );
        bare.close().await;
        Ok(())
    }

    /// Figures; gives the medians of whole and by group.
    async fn figures(
        &mut self,
        store: &Store,
        smallest: Option<[Duration; 2]>,
    ) -> Result<[Duration; 2], Failure> {
        let pack = Arc::clone(self.pack());
        let period: Period = "2021H1".parse()?;
        let bare = self.raw_of(&self.data()).await?;
        let sql = bare_figures(store, &pack, period).await?;
        let raw = sample!(FEW.min(2), {
            for statement in &sql {
                raw::run(&bare, statement).await?;
            }
        });
        bare.close().await;
        let mut medians = [Duration::ZERO; 2];
        let most = Duration::from_millis(10);
        for (nth, by) in [By::Whole, By::Group].into_iter().enumerate() {
            let word = if by == By::Whole { "whole" } else { "by group" };
            let ours = sample!(MANY, {
                let figures = figures(store, &pack, period, by, None).await?;
                if figures
                    .iter()
                    .any(|figure| figure.value.is_none() && by == By::Whole)
                {
                    return Err("a figure has no value".into());
                }
            });
            let aim = if by == By::Group {
                Aim::Below(most)
            } else {
                Aim::None
            };
            self.report.time(
                &format!("32 figures, {word}"),
                self.size,
                0,
                &ours,
                Some(&raw),
                aim,
            );
            medians[nth] = ours.median();
        }
        if let Some(smallest) = smallest {
            let median = Samples::of(vec![medians[1]]);
            let aim = Aim::Against {
                what: "smallest size",
                other: smallest[1],
                ratio: 2.0,
            };
            self.report.time(
                "32 figures by group, against the smallest size",
                self.size,
                0,
                &median,
                None,
                aim,
            );
        }
        let after = self.after_a_write(store, &pack, period).await?;
        self.report.time(
            "32 figures by group, right after a write, exact",
            self.size,
            0,
            &after,
            None,
            Aim::Below(most),
        );
        let as_of = {
            let mut reader = store.reader().await?;
            let head = reader.head().await?;
            AsOf {
                seq: head.seq - 1,
                at: head.at,
            }
        };
        let past = sample!(1.max(FEW - 1), {
            figures(store, &pack, period, By::Group, Some(as_of)).await?;
        });
        self.report.time(
            "32 figures by group, as of a past moment",
            self.size,
            0,
            &past,
            Some(&raw),
            Aim::None,
        );
        for id in ["FND-V-ISSUED", "CON-V"] {
            let ours = sample!(FEW, {
                let mut engine = Engine::new(&pack, store.reader().await?, None).await?;
                let opened = engine
                    .explain(id, period, 0..qipan_figures::MOST_ROWS)
                    .await?;
                if opened.rows.is_empty() {
                    return Err(format!("{id} opens to nothing").into());
                }
            });
            self.report.time(
                &format!("explain `{id}`, with its rows"),
                self.size,
                0,
                &ours,
                None,
                Aim::None,
            );
        }
        Ok(medians)
    }

    /// Writes a sale, asks for all figures, and holds the new value against the old one.
    async fn after_a_write(
        &self,
        store: &Store,
        pack: &Arc<Pack>,
        period: Period,
    ) -> Result<Samples, Failure> {
        let register = pack.register("consumption").ok_or("consumption")?;
        let spec = found("consumption")?;
        let mut times = Vec::new();
        let mut before = value(store, pack, period).await?;
        for round in 0..MANY {
            let mut cells = spec.row(self.size + round);
            cells[10] = Cell::Money(100);
            cells[11] = Cell::Day(date(2021, 3, 1));
            cells[14] = Cell::Text("一区两群".to_owned());
            let mut writer = store.begin(change("edit")).await?;
            let row = NewRow {
                values: typed(register, spec, cells),
                confirmation: qipan_model::Confirmation::Agreed,
                source: "".into(),
                place: String::new(),
            };
            writer.upsert(register, vec![row]).await?;
            writer.commit().await?;
            let watch = Watch::start();
            figures(store, pack, period, By::Group, None).await?;
            times.push(watch.stop());
            let after = value(store, pack, period).await?;
            if after != before.map(|before| before + rust_decimal::Decimal::ONE) {
                return Err(format!("a sale of one yuan made {before:?} into {after:?}").into());
            }
            before = after;
        }
        Ok(Samples::of(times))
    }

    /// Exports of the sales register.
    async fn exports(&mut self, store: &Store) -> Result<(), Failure> {
        let pack = Arc::clone(self.pack());
        let bare = self.raw_of(&self.data()).await?;
        let path = self.folder.join("export");
        let raw = sample!(FEW, {
            let mut out = BufWriter::with_capacity(1 << 16, File::create(&path)?);
            raw::export(&bare, "consumption", &mut out).await?;
            out.flush()?;
        });
        bare.close().await;
        for (what, format, most) in [
            ("CSV", ExportFormat::Csv, Duration::from_millis(600)),
            ("XLSX", ExportFormat::Xlsx, Duration::from_secs(6)),
        ] {
            let ours = sample!(FEW, {
                export(store, &pack, format, &path).await?;
            });
            let raw = (format == ExportFormat::Csv).then_some(&raw);
            self.report.time(
                &format!("export `consumption` as {what}"),
                self.size,
                self.size,
                &ours,
                raw,
                Aim::Below(most),
            );
        }
        Ok(())
    }

    /// A workbook of projects, as Excel writes it (shared strings).
    async fn workbook(&mut self) -> Result<(), Failure> {
        let pack = Arc::clone(self.pack());
        let spec = found("project")?;
        let register = pack.register("project").ok_or("project")?;
        let path = self.folder.join("project.xlsx");
        write_workbook(&pack, spec, FIXED, &path)?;
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for round in 0..FEW {
            let data = self.folder.join(format!("workbook-{round}"));
            let store = self.mechanism.store(None, &data).await?;
            ours.push(import(&store, &pack, spec, &path, FIXED).await?);
            store.close().await;
            std::fs::remove_dir_all(&data)?;
            let raw_path = self.folder.join(format!("workbook-{round}.db"));
            let pool = raw::open(&raw_path).await?;
            bare.push(raw::insert_sqlite(&pool, register, spec, FIXED).await?);
            pool.close().await;
        }
        self.report.time(
            "XLSX import, `project`, 18 columns",
            FIXED,
            FIXED,
            &Samples::of(ours),
            Some(&Samples::of(bare)),
            Aim::Below(Duration::from_secs(6)),
        );
        Ok(())
    }

    /// What a process costs to start and to keep.
    async fn processes(&mut self, store: &Store) -> Result<(), Failure> {
        store.close().await;
        let data = self.data();
        let opened = sample!(FEW, {
            let store = Store::open(None, &data, Arc::new(Ticks::default())).await?;
            store.pack().await?;
            store.close().await;
        });
        self.report.time(
            "open the store and its pack",
            self.size,
            0,
            &opened,
            None,
            Aim::None,
        );
        let Some(qipan) = machine::qipan() else {
            self.report
                .note("Cold start and idle memory were not measured: build `qipan` first.");
            return Ok(());
        };
        let data = data.display().to_string();
        let most = Duration::from_millis(300);
        let version = sample!(MANY, machine::run(&qipan, &["--version"])?);
        self.report.time(
            "cold start: `qipan --version`",
            self.size,
            0,
            &version,
            None,
            Aim::Below(most),
        );
        let figures = [
            "--data", &data, "figures", "--period", "2021H1", "--by", "group",
        ];
        let figures = sample!(MANY, machine::run(&qipan, &figures)?);
        self.report.time(
            "cold start: `qipan figures --by group`, to its end",
            self.size,
            0,
            &figures,
            None,
            Aim::Below(most),
        );
        match machine::serve(&qipan, &data) {
            Ok((started, idle, after)) => {
                let started = Samples::of(vec![started]);
                self.report.time(
                    "cold start: `qipan serve`, until it answers",
                    self.size,
                    0,
                    &started,
                    None,
                    Aim::Below(most),
                );
                let aim = Aim::Memory { most: 60.0 };
                self.report
                    .memory("idle memory of `qipan serve`", self.size, idle, aim);
                self.report
                    .memory("… after a page was asked for", self.size, after, aim);
            }
            Err(error) => self
                .report
                .note(format!("`qipan serve` was not measured: {error}")),
        }
        Ok(())
    }
}

impl Bench<'_> {
    /// The API under load, on the largest size.
    async fn load(&mut self) -> Result<(), Failure> {
        match machine::qipan() {
            Some(qipan) => {
                let measured = load::measure(&qipan, &self.data(), self.size, self.report).await;
                // The rest of the table is worth keeping all the same.
                if let Err(error) = measured {
                    self.report.note(format!(
                        "The API under load was not measured to its end: {error}"
                    ));
                }
                Ok(())
            }
            None => {
                self.report
                    .note("The API under load was not measured: build `qipan` first.");
                Ok(())
            }
        }
    }
}

async fn figures(
    store: &Store,
    pack: &Pack,
    period: Period,
    by: By,
    as_of: Option<AsOf>,
) -> Result<Vec<qipan_figures::Figure>, Failure> {
    let mut engine = Engine::new(pack, store.reader().await?, as_of).await?;
    Ok(engine.figures(period, by).await?)
}

/// Writes the sales register to a file.
async fn export(
    store: &Store,
    pack: &Pack,
    format: ExportFormat,
    path: &Path,
) -> Result<(), Failure> {
    let register = pack.register("consumption").ok_or("consumption")?;
    let options = ExportOptions {
        period: None,
        day: TODAY,
        personal: true,
    };
    let out = BufWriter::with_capacity(1 << 16, File::create(path)?);
    let mut exporter = Exporter::begin(register, &pack.units, format, options, out)?;
    let mut reader = store.reader().await?;
    let mut rows = reader.stream(register, None, Some(TODAY), None);
    while let Some(record) = rows.try_next().await? {
        exporter.row(&record)?;
    }
    exporter.finish()?;
    Ok(())
}

/// What was sold in all.
async fn value(
    store: &Store,
    pack: &Pack,
    period: Period,
) -> Result<Option<rust_decimal::Decimal>, Failure> {
    let mut engine = Engine::new(pack, store.reader().await?, None).await?;
    let figures = engine.figure("CON-V", period, By::Whole).await?;
    Ok(figures.first().and_then(|figure| figure.value))
}

/// The SQL over register tables that each figure stands for.
async fn bare_figures(store: &Store, pack: &Pack, period: Period) -> Result<Vec<String>, Failure> {
    let mut sql = Vec::new();
    let ids: Vec<&str> = pack
        .indicators_on(period.end())
        .map(|indicator| indicator.id.as_str())
        .collect();
    for id in ids {
        let engine = Engine::new(pack, store.reader().await?, None).await?;
        sql.extend(engine.statements(id, period)?);
    }
    Ok(sql)
}

/// Generated cells as a record's values.
fn typed(
    register: &qipan_model::Register,
    spec: &Spec,
    cells: Vec<Cell>,
) -> Vec<qipan_model::Value> {
    use qipan_model::Value;
    let mut values = vec![Value::Null; register.fields.len()];
    for ((id, _), cell) in spec.columns.iter().zip(cells) {
        let Some(index) = register.index(id) else {
            continue;
        };
        values[index] = match cell {
            Cell::Null => Value::Null,
            Cell::Text(text) => Value::Text(text),
            Cell::Unit(id, _) => Value::Text(id.to_owned()),
            Cell::Int(number) => Value::Int(number),
            Cell::Money(fen) => Value::Decimal(rust_decimal::Decimal::new(fen, 2)),
            Cell::Day(day) => Value::Date(day),
            Cell::Flag(truth) => Value::Bool(truth),
        };
    }
    values
}

fn write_workbook(pack: &Pack, spec: &Spec, rows: usize, path: &Path) -> Result<(), Failure> {
    let register = pack.register(spec.register).ok_or("register")?;
    let mut book = rust_xlsxwriter::Workbook::new();
    let days = rust_xlsxwriter::Format::new().set_num_format("yyyy/m/d");
    let sheet = book.add_worksheet();
    for (column, head) in (0_u16..).zip(spec.heads(register)) {
        sheet.write(0, column, head)?;
    }
    for row in 0..rows {
        let line = u32::try_from(row + 1)?;
        for (column, cell) in (0_u16..).zip(spec.row(row)) {
            #[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53")]
            match cell {
                Cell::Null => continue,
                Cell::Text(text) => sheet.write(line, column, text)?,
                Cell::Unit(_, name) => sheet.write(line, column, name)?,
                Cell::Int(number) => sheet.write(line, column, number as f64)?,
                Cell::Money(fen) => sheet.write(line, column, fen as f64 / 100.0)?,
                Cell::Day(day) => {
                    let serial = (day - date(1899, 12, 30)).get_days();
                    sheet.write_number_with_format(line, column, f64::from(serial), &days)?
                }
                Cell::Flag(truth) => sheet.write(line, column, if truth { "是" } else { "否" })?,
            };
        }
    }
    book.save(path)?;
    Ok(())
}

/// The memory that imports take, each in a process of its own.
fn memory(
    mechanism: &Mechanism,
    folder: &Path,
    sizes: &[usize],
    report: &mut Report,
) -> Result<(), Failure> {
    for &size in sizes {
        let file = write_csv(&mechanism.pack, found("consumption")?, size, folder)?;
        let data = folder.join("memory");
        let aim = Aim::Memory { most: 200.0 };
        let peak = machine::peak_of("import", &data, &file)?;
        report.memory(
            "most memory of a CSV import, `consumption`",
            size,
            peak,
            aim,
        );
        let peak = machine::peak_of("export", &data, &file)?;
        report.memory(
            "most memory of a CSV export, `consumption`",
            size,
            peak,
            aim,
        );
        std::fs::remove_dir_all(&data)?;
    }
    Ok(())
}

/// The same on PostgreSQL, in a database of its own.
async fn postgres(
    mechanism: &Mechanism,
    url: &str,
    folder: &Path,
    size: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let admin = sqlx::PgPool::connect(url).await?;
    let name = format!("qipan_bench_{size}");
    let own = |database: &str| match url.rsplit_once('/') {
        Some((server, _)) => format!("{server}/{database}"),
        None => url.to_owned(),
    };
    let pack = &mechanism.pack;
    let spec = found("consumption")?;
    let register = pack.register("consumption").ok_or("consumption")?;
    let file = write_csv(pack, spec, size, folder)?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..FEW {
        for database in [name.clone(), format!("{name}_raw")] {
            let again = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
            sqlx::raw_sql(sqlx::AssertSqlSafe(again))
                .execute(&admin)
                .await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {database}")))
                .execute(&admin)
                .await?;
        }
        let pool = sqlx::PgPool::connect(&own(&format!("{name}_raw"))).await?;
        bare.push(raw::insert_postgres(&pool, register, spec, size).await?);
        pool.close().await;
        let data = folder.join(format!("pg-{size}-{round}"));
        let store = mechanism.store(Some(&own(&name)), &data).await?;
        ours.push(import(&store, pack, spec, &file, size).await?);
        if round + 1 == FEW {
            let (ours, bare) = (
                Samples::of(std::mem::take(&mut ours)),
                Samples::of(std::mem::take(&mut bare)),
            );
            report.time(
                "PostgreSQL: CSV import, `consumption`",
                size,
                size,
                &ours,
                Some(&bare),
                Aim::None,
            );
            let newest = Order {
                field: register.date,
                descending: true,
            };
            let query = ListQuery {
                recipient: Some("kaizhou"),
                order: newest,
                ..ListQuery::default()
            };
            let page = sample!(MANY, {
                store.reader().await?.list(register, &query).await?;
            });
            report.time(
                "PostgreSQL: list page of one recipient, by day",
                size,
                0,
                &page,
                None,
                Aim::None,
            );
            let period: Period = "2021H1".parse()?;
            let grouped = sample!(MANY, {
                figures(&store, pack, period, By::Group, None).await?;
            });
            report.time(
                "PostgreSQL: 32 figures by group",
                size,
                0,
                &grouped,
                None,
                Aim::None,
            );
            if !store.verify().await?.ok {
                return Err("verify on PostgreSQL".into());
            }
        }
        store.close().await;
    }
    admin.close().await;
    Ok(())
}
