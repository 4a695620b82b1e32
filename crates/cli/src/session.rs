//! What most commands need: the open store, its pack, the clock, the printer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use qipan_accounts::{Accounts, By, Cost, Random};
use qipan_figures::{AsOf, Engine, parse_moment};
use qipan_model::{Pack, Period, Register, Resolved, Unit};
use qipan_server::Mark;
use qipan_store::{Change, Clock, Reader, Store};

use crate::args::Global;
use crate::failure::Failure;
use crate::printer::Printer;

/// The system's clock: the only place that reads it.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one clock that is handed to all"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The system's source of random numbers.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        getrandom::fill(bytes).map_err(std::io::Error::other)
    }
}

/// File in the data folder that says the data is illustrative: the mark, then the period shown, then
/// the mark in English.
pub const ILLUSTRATIVE: &str = "illustrative.txt";

/// Where changes made at the command line come from, for the journal.
pub const COMMAND_LINE: &str = "命令行";

/// An open data folder.
pub struct Session {
    /// The store.
    pub store: Store,
    /// Data folder.
    pub data: PathBuf,
    /// Output.
    pub printer: Printer,
    clock: Arc<dyn Clock>,
}

impl Session {
    /// Whether `init` or `demo` has been here; a database on a server is asked itself.
    pub fn is_made(global: &Global) -> bool {
        global.db.is_some() || global.data.join("qipan.db").is_file()
    }

    /// Opens the data folder. It must have been made by `init` or `demo`, so that a mistyped
    /// path is told and not silently filled.
    pub async fn open(global: &Global, printer: Printer) -> Result<Self, Failure> {
        if !Self::is_made(global) {
            return Err(Failure::wrong(format!(
                "数据目录 {} 里没有库：请先运行 qipan init --pack 机制包目录，或用 --data 指到已有的目录",
                global.data.display()
            ))
            .english(format!(
                "there is no database in {}: run `qipan init --pack FOLDER` first, or point --data at one",
                global.data.display()
            )));
        }
        let session = Self::make(global, printer).await?;
        if let Some(mark) = session.illustrative() {
            let zh = format!("【{}】", mark.zh);
            printer.note(match mark.en.as_str() {
                "" => zh,
                en => printer.say(zh, format!("[{en}]")),
            });
        }
        Ok(session)
    }

    /// Opens the data folder, making it when it is not there.
    pub async fn make(global: &Global, printer: Printer) -> Result<Self, Failure> {
        std::fs::create_dir_all(&global.data)
            .map_err(|error| Failure::file(&global.data, &error))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::open(global.db.as_deref(), &global.data, Arc::clone(&clock)).await?;
        Ok(Self {
            store,
            data: global.data.clone(),
            printer,
            clock,
        })
    }

    /// The pack in force.
    pub async fn pack(&self) -> Result<Arc<Pack>, Failure> {
        self.store
            .pack()
            .await?
            .ok_or_else(|| Failure::cannot(qipan_store::Error::NoPack))
    }

    /// The moment now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Today in the mechanism's time (UTC+8).
    pub fn today(&self) -> Date {
        local_date(self.now())
    }

    /// The clock, to be handed on.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// The mark that everything made from illustrative data carries; `None` for real data.
    pub fn illustrative(&self) -> Option<Mark> {
        let text = std::fs::read_to_string(self.data.join(ILLUSTRATIVE)).ok()?;
        let line = |nth: usize| text.lines().nth(nth).map(str::to_owned);
        Some(Mark {
            zh: line(0)?,
            en: line(2).unwrap_or_default(),
        })
    }

    /// The period that the board shows first; the demo leaves its own.
    pub fn shown_period(&self) -> Option<Period> {
        let text = std::fs::read_to_string(self.data.join(ILLUSTRATIVE)).ok()?;
        text.lines().nth(1)?.parse().ok()
    }

    /// The accounts of the store.
    pub fn accounts(&self) -> Accounts {
        let store = self.store.clone();
        Accounts::new(store, self.clock(), Arc::new(SystemRandom), Cost::default())
    }

    /// Who is at the command line, for accounts.
    pub fn by(&self) -> By {
        By {
            actor: actor(),
            origin: COMMAND_LINE.to_owned(),
        }
    }

    /// Who is at the command line, for the journal.
    pub fn change(&self, action: &str, reason: &str) -> Change {
        Change {
            actor: actor(),
            reason: reason.to_owned(),
            action: action.to_owned(),
            source: None,
            origin: COMMAND_LINE.to_owned(),
        }
    }

    /// A figure engine over the newest state.
    pub async fn engine<'p>(&self, pack: &'p Pack) -> Result<Engine<'p>, Failure> {
        Ok(Engine::new(pack, self.store.reader().await?, None).await?)
    }

    /// The newest state, or the one of a past moment with the definitions that held then.
    pub async fn view(&self, as_of: Option<&str>) -> Result<(Arc<Pack>, View), Failure> {
        let mut reader = self.store.reader().await?;
        let pack = reader
            .pack()
            .ok_or_else(|| Failure::cannot(qipan_store::Error::NoPack))?;
        let Some(text) = as_of else {
            return Ok((
                pack,
                View {
                    reader,
                    as_of: None,
                },
            ));
        };
        let at = parse_moment(text)?;
        let seq = reader.seq_at(at).await?;
        Ok((
            reader.pack_as_of(seq).await?,
            View {
                reader,
                as_of: Some(AsOf { seq, at }),
            },
        ))
    }
}

/// Who is at the command line.
fn actor() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    format!("{COMMAND_LINE}:{}", user.as_deref().unwrap_or("未知"))
}

/// One state of the store.
pub struct View {
    reader: Reader,
    as_of: Option<AsOf>,
}

impl View {
    /// The past moment; `None` for the newest state.
    pub fn moment(&self) -> Option<Timestamp> {
        self.as_of.map(|as_of| as_of.at)
    }

    /// A figure engine over it.
    pub async fn engine(self, pack: &Pack) -> Result<Engine<'_>, Failure> {
        Ok(Engine::new(pack, self.reader, self.as_of).await?)
    }
}

/// The day of a moment in the mechanism's time (UTC+8).
pub fn local_date(moment: Timestamp) -> Date {
    jiff::tz::Offset::constant(8).to_datetime(moment).date()
}

/// A register by id, number or name.
pub fn register<'p>(pack: &'p Pack, asked: &str) -> Result<&'p Register, Failure> {
    pack.registers
        .iter()
        .find(|register| {
            [&register.id, &register.code, &register.name].contains(&&asked.to_owned())
        })
        .ok_or_else(|| {
            let known: Vec<String> = pack
                .registers
                .iter()
                .map(|register| format!("{}（{}）", register.id, register.name))
                .collect();
            let ids: Vec<&str> = pack
                .registers
                .iter()
                .map(|register| register.id.as_str())
                .collect();
            Failure::wrong(format!("没有台账“{asked}”，可用的有：{}", known.join("、"))).english(
                format!("there is no register {asked}; there are {}", ids.join(", ")),
            )
        })
}

/// A unit by name, short name, alias, code or id.
pub fn unit<'p>(pack: &'p Pack, asked: &str, day: Date) -> Result<&'p Unit, Failure> {
    match pack.units.resolve(asked, day) {
        Resolved::One(unit) => Ok(unit),
        Resolved::Ambiguous(units) => {
            let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
            Err(Failure::wrong(format!(
                "“{asked}”可以是{}：请写全称或代码",
                names.join("、")
            ))
            .english(format!(
                "{asked} may be {}: write the full name or the code",
                names.join(", ")
            )))
        }
        Resolved::Unknown => Err(Failure::wrong(format!(
            "不认识单位“{asked}”：请写区县全称、简称或代码"
        ))
        .english(format!(
            "{asked} is no unit: write its name, short name or code"
        ))),
    }
}

/// Writes a file whole or not at all: beside it first, then in its place.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let beside = partial(path);
    std::fs::write(&beside, bytes)
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| {
            // A leftover half file would only confuse; that it cannot be removed changes nothing.
            let _ = std::fs::remove_file(&beside);
            Failure::file(path, &error)
        })
}

/// Where a file is written before it is whole.
pub fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
