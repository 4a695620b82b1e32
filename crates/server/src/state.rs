//! What handlers are given, and the snapshot that one request reads.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use qipan_accounts::{Accounts, Sampler};
use qipan_briefs::map::Boundaries;
use qipan_figures::{AsOf, Engine, parse_moment};
use qipan_model::{Action, Pack, Period};
use qipan_store::{Backups, Clock, Reader, Store, written};

use crate::answers::Answers;
use crate::asked;
use crate::caller::Caller;
use crate::limits::Buckets;
use crate::problem::Problem;
use crate::sign_on::SignOn;
use crate::site::Site;
use crate::work::Work;

/// What the pages and the API are served from.
#[derive(Clone)]
pub struct AppState {
    /// The open store.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Who may come in.
    pub accounts: Accounts,
    /// Where the server is reached.
    pub site: Site,
    /// Where people may prove who they are; `None` is here alone.
    pub sign_on: Option<SignOn>,
    /// Where backups lie.
    pub backups: Backups,
    /// The mark that every page carries when the data is illustrative; `None` for real data.
    pub illustrative: Option<Mark>,
    /// The period shown when none is asked for; `None` takes the last half-year that has ended.
    pub period: Option<Period>,
}

/// The mark of illustrative data (示例数据) in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// In Chinese.
    pub zh: String,
    /// In English; empty where nobody wrote one.
    pub en: String,
}

/// A pack, and the moment as of which it was read.
type Dated = (Timestamp, Arc<Pack>);

/// Digest of a pack and its boundaries, when they can be drawn.
type Drawn = (String, Option<Arc<Boundaries>>);

/// [`AppState`] with what is kept between requests.
#[derive(Clone)]
pub(crate) struct App {
    pub state: AppState,
    /// The static part of the OpenAPI document.
    pub document: Arc<serde_json::Value>,
    /// Boundaries of the pack with this digest, read once.
    boundaries: Arc<Mutex<Option<Drawn>>>,
    /// The pack as it was read a moment ago, for what callers may do.
    pack: Arc<Mutex<Option<Dated>>>,
    /// How often each caller has asked.
    pub callers: Arc<Buckets>,
    /// How often each place has tried to come in.
    pub logins: Arc<Buckets>,
    /// Which refusals are told to the journal.
    pub refusals: Arc<Sampler>,
    /// Figures that were computed a moment ago.
    pub answers: Arc<Answers>,
    /// Long work.
    pub work: Work,
    /// When the server began.
    pub started: Timestamp,
}

/// Seconds for which the pack is taken as it was.
const FRESH: i64 = 2;

impl App {
    /// The mark of illustrative data, as the API tells it.
    pub(crate) fn mark(&self) -> Option<String> {
        let mark = self.state.illustrative.as_ref()?;
        Some(mark.zh.clone())
    }

    /// The same in English.
    pub(crate) fn mark_en(&self) -> Option<String> {
        let mark = self.state.illustrative.as_ref()?;
        (!mark.en.is_empty()).then(|| mark.en.clone())
    }

    pub(crate) fn new(state: AppState) -> Self {
        let started = state.clock.now();
        Self {
            work: Work::new(state.store.clone()),
            started,
            state,
            document: Arc::new(serde_json::Value::Null),
            boundaries: Arc::default(),
            pack: Arc::default(),
            callers: Arc::default(),
            logins: Arc::default(),
            answers: Arc::default(),
            // The same refusal of the same caller once in ten minutes; thirty at once in all,
            // then one in twenty seconds.
            refusals: Arc::new(Sampler::new(600, 30, 20)),
        }
    }

    pub(crate) fn with_document(mut self, document: serde_json::Value) -> Self {
        self.document = Arc::new(document);
        self
    }

    /// Opens a snapshot of what the caller may read, now or as of a moment with the definitions
    /// that held then; an empty mark is none.
    pub(crate) async fn snapshot(
        &self,
        caller: &Caller,
        as_of: Option<&str>,
    ) -> Result<Snapshot, Problem> {
        self.snapshot_for(caller, Action::Read, as_of).await
    }

    /// The same for another action: what the caller may export, say.
    pub(crate) async fn snapshot_for(
        &self,
        caller: &Caller,
        action: Action,
        as_of: Option<&str>,
    ) -> Result<Snapshot, Problem> {
        caller.need(action)?;
        let access = Arc::clone(&caller.access);
        let mut reader = self.state.store.reader_of(access, action).await?;
        let mut pack = reader.pack().ok_or(qipan_store::Error::NoPack)?;
        let as_of = match as_of.map(str::trim).filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => {
                let at = parse_moment(text)?;
                let seq = reader.seq_at(at).await?;
                pack = reader.pack_as_of(seq).await?;
                Some(AsOf { seq, at })
            }
        };
        let mark = written(as_of.map_or(reader.head().at, |as_of| as_of.at));
        Ok(Snapshot {
            reader,
            pack,
            as_of,
            mark,
        })
    }

    /// The pack in force, for what callers may do; another process's change of it is seen within
    /// two seconds. `None` before the first one.
    pub(crate) async fn pack(&self) -> Result<Option<Arc<Pack>>, Problem> {
        let now = self.state.clock.now();
        {
            let kept = self.pack.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, pack)) = kept.as_ref()
                && (0..FRESH).contains(&(now.as_second() - at.as_second()))
            {
                return Ok(Some(Arc::clone(pack)));
            }
        }
        let pack = self.state.store.pack().await?;
        let mut kept = self.pack.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = pack.clone().map(|pack| (now, pack));
        Ok(pack)
    }

    /// The pack in force, for what it declares.
    pub(crate) async fn declared(&self) -> Result<Arc<Pack>, Problem> {
        Ok(self.pack().await?.ok_or(qipan_store::Error::NoPack)?)
    }

    /// What people call whoever is named in the journal; the login where there is no account.
    pub(crate) async fn name_of(&self, actor: &str) -> Result<String, Problem> {
        Ok(match self.state.accounts.find(actor).await {
            Ok(account) => account.name,
            Err(qipan_accounts::Error::NoAccount(_)) => actor.to_owned(),
            Err(error) => return Err(error.into()),
        })
    }

    /// Today in the mechanism's time (UTC+8).
    pub(crate) fn today(&self) -> Date {
        jiff::tz::Offset::constant(8)
            .to_datetime(self.state.clock.now())
            .date()
    }

    /// The period asked for, else the one shown by itself: the last half-year that has ended.
    pub(crate) fn period(&self, asked: Option<&str>) -> Result<Period, Problem> {
        if let Some(text) = asked.map(str::trim).filter(|text| !text.is_empty()) {
            return asked::period(text);
        }
        if let Some(period) = self.state.period {
            return Ok(period);
        }
        let today = self.today();
        asked::period(&match today.month() {
            1..=6 => format!("{:04}H2", today.year() - 1),
            _ => format!("{:04}H1", today.year()),
        })
    }

    /// The pack's boundaries; `None` when it has none that can be drawn.
    pub(crate) fn boundaries(&self, pack: &Pack) -> Option<Arc<Boundaries>> {
        let mut kept = self
            .boundaries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, boundaries)) = kept.as_ref().filter(|(digest, _)| *digest == pack.digest) {
            return boundaries.clone();
        }
        let read = match Boundaries::parse(&pack.boundaries) {
            Ok(boundaries) => Some(Arc::new(boundaries)),
            Err(error) => {
                tracing::warn!(%error, "boundaries of the pack cannot be drawn");
                None
            }
        };
        *kept = Some((pack.digest.clone(), read.clone()));
        read
    }
}

/// One state of the store, for one request.
pub(crate) struct Snapshot {
    pub reader: Reader,
    pub pack: Arc<Pack>,
    pub as_of: Option<AsOf>,
    /// The moment as of which everything is read, RFC 3339 UTC.
    pub mark: String,
}

impl Snapshot {
    /// The journal entry up to which rows are read; `None` is now.
    pub(crate) fn seq(&self) -> Option<i64> {
        self.as_of.map(|as_of| as_of.seq)
    }

    /// A figure engine over this snapshot.
    pub(crate) async fn engine(self, pack: &Pack) -> Result<Engine<'_>, Problem> {
        Ok(Engine::new(pack, self.reader, self.as_of).await?)
    }
}
