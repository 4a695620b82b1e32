//! Single changes of records, many of them in one transaction.
//!
//! A commit costs one wait for the disk, whatever it holds. So changes that arrive while another
//! one is being made durable wait in a line, and the next transaction takes all that wait (up to a
//! bound). Each remains a change of its own: with its own journal entry, moment, actor and reason,
//! and it is checked before anything of it is written, so that a refused one leaves nothing and is
//! in nobody's way. Nobody is answered before the transaction is durable.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use qipan_model::{Pack, Register, Value};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::evidence::NewEvidence;
use crate::store::Store;
use crate::{Change, Error, NewRow, Outcome, Result, journal};

mod batch;
mod check;
mod ledger;

/// Most changes in one transaction.
const MOST_TOGETHER: usize = 256;
/// Most changes that may wait.
const MOST_WAITING: usize = 4_096;
/// Most records that one change may touch: they share a journal entry.
const MOST_EDITS: usize = journal::MOST_ROWS;

/// What is to be done to one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A new record; refused when its key stands, withdrawn or not.
    Create {
        /// Its values.
        row: NewRow,
    },
    /// A new revision after `rev`, which must be the newest. What was withdrawn stands again.
    Revise {
        /// Which record.
        record: i64,
        /// The revision that the change was made on.
        rev: i64,
        /// Its values now.
        row: NewRow,
    },
    /// Withdraws a record; its history stays.
    Retract {
        /// Which record.
        record: i64,
        /// The revision that the change was made on.
        rev: i64,
    },
}

/// What a change does; all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Writes revisions of records.
    Records(Vec<Edit>),
    /// Binds a file to a record; put it in first with [`crate::Files::put`].
    Attach {
        /// Which record.
        record: i64,
        /// The file.
        file: NewEvidence,
    },
    /// Takes a file off a record; its history stays.
    Detach {
        /// Which record.
        record: i64,
        /// SHA-256 of the file, hex.
        digest: String,
    },
}

/// A request that must not be carried out twice, however often it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// What tells it from all others: who asks, where and under which key. At most 200 bytes.
    pub id: String,
    /// Digest of what it asks for.
    pub body: String,
}

/// One change of one register.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Who and why.
    pub change: Change,
    /// The pack by which it was made; refused when columns have changed since.
    pub pack: Arc<Pack>,
    /// Register id.
    pub register: String,
    /// What it does.
    pub work: Work,
    /// Makes it safe to repeat.
    pub once: Option<Once>,
}

/// Why a change was refused by what stands. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Others were faster: these records have moved on, each with its newest revision.
    Stale(Vec<(i64, i64)>),
    /// The key belongs to another record.
    KeyStands {
        /// Which one.
        record: i64,
        /// Its newest revision.
        rev: i64,
        /// Whether it is withdrawn.
        gone: bool,
    },
    /// The change itself states a key twice.
    KeyTwice(String),
    /// No such record.
    NoRecord(i64),
    /// The record is withdrawn already.
    Withdrawn(i64),
    /// The file is bound to the record already.
    Attached,
    /// The file is not bound to the record.
    NotAttached,
    /// Another request was made under the same idempotency key.
    OtherRequest,
}

/// What became of a change that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// Its journal entry; `None` when everything stood so already.
    pub entry: Option<i64>,
    /// One outcome an edit, in order; none for evidence.
    pub outcomes: Vec<Outcome>,
    /// Whether this is the answer to the same request made before.
    #[serde(skip)]
    pub repeated: bool,
}

/// The answer to a submission. It is durable when it is given.
pub type Answer = std::result::Result<Submitted, Refusal>;

/// A change that waits for its turn.
struct Waiting {
    submission: Submission,
    answer: oneshot::Sender<Result<Answer>>,
}

/// The line in which changes wait.
#[derive(Default)]
pub(crate) struct Line {
    state: Mutex<LineState>,
}

#[derive(Default)]
struct LineState {
    waiting: VecDeque<Waiting>,
    /// Whether somebody is writing; then whoever joins need not begin.
    busy: bool,
    /// When old requests were last forgotten.
    swept: Option<Timestamp>,
}

impl Line {
    fn state(&self) -> std::sync::MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins; says whether the caller must begin to write.
    fn join(&self, waiting: Waiting) -> Result<bool> {
        let mut state = self.state();
        if state.waiting.len() >= MOST_WAITING {
            return Err(Error::Locked(format!("{MOST_WAITING} 个更改在排队")));
        }
        state.waiting.push_back(waiting);
        Ok(!std::mem::replace(&mut state.busy, true))
    }

    /// The next changes to be written; when there are none, nobody is writing any more.
    fn take(&self) -> Vec<Waiting> {
        let mut state = self.state();
        let mut edits = 0;
        let mut taken = Vec::new();
        while let Some(next) = state.waiting.front() {
            edits += next.submission.work.edits();
            if taken.len() >= MOST_TOGETHER || (edits > MOST_EDITS && !taken.is_empty()) {
                break;
            }
            taken.extend(state.waiting.pop_front());
        }
        state.busy = !taken.is_empty();
        taken
    }

    /// Whether it is time to forget old requests; notes that it was done.
    fn sweeps(&self, now: Timestamp) -> bool {
        let mut state = self.state();
        let due = state
            .swept
            .is_none_or(|swept| now.duration_since(swept).as_hours() >= 1);
        if due {
            state.swept = Some(now);
        }
        due
    }
}

impl Work {
    fn edits(&self) -> usize {
        match self {
            Self::Records(edits) => edits.len(),
            Self::Attach { .. } | Self::Detach { .. } => 1,
        }
    }
}

impl Submission {
    /// The register as the pack of the submission declares it.
    fn register(&self) -> Result<&Register> {
        self.pack
            .register(&self.register)
            .ok_or_else(|| Error::NoRegister(self.register.clone()))
    }

    fn admissible(&self) -> Result<()> {
        journal::admissible(&self.change)?;
        if self.work.edits() > MOST_EDITS {
            return Err(Error::Limit(format!("一次最多更改 {MOST_EDITS} 条记录")));
        }
        if self.once.as_ref().is_some_and(|once| once.id.len() > 200) {
            return Err(Error::Limit("请求标识过长".to_owned()));
        }
        Ok(())
    }
}

impl Store {
    /// Writes a change together with others that come at the same time. The answer is durable
    /// when it is given. A caller that goes away does not undo its change.
    ///
    /// # Errors
    /// When a value does not fit its column, a key is missing, the database refuses or is being
    /// written by another program for long.
    pub async fn submit(&self, submission: Submission) -> Result<Answer> {
        submission.admissible()?;
        let (answer, told) = oneshot::channel();
        let waiting = Waiting { submission, answer };
        if self.line().join(waiting)? {
            tokio::spawn(write_all(self.clone()));
        }
        told.await
            .unwrap_or_else(|_| Err(Error::Database("the writer stopped".to_owned())))
    }
}

/// Lets others begin anew when the writer stops half-way (it panics, or its runtime ends); those
/// who wait are told by their channel's end.
struct Resigns {
    store: Store,
    done: bool,
}

impl Drop for Resigns {
    fn drop(&mut self) {
        if !self.done {
            let mut state = self.store.line().state();
            state.busy = false;
            state.waiting.clear();
        }
    }
}

/// Writes until nobody waits any more.
async fn write_all(store: Store) {
    let mut resigns = Resigns { store, done: false };
    loop {
        let (submissions, answers): (Vec<_>, Vec<_>) = resigns
            .store
            .line()
            .take()
            .into_iter()
            .map(|waiting| (waiting.submission, waiting.answer))
            .unzip();
        if submissions.is_empty() {
            resigns.done = true;
            break;
        }
        let given = write_together(&resigns.store, &submissions).await;
        for (answer, given) in answers.into_iter().zip(given) {
            // Whoever asked may be gone.
            let _ = answer.send(given);
        }
    }
}

/// Writes some changes in one transaction. When the database refuses them together, each is tried
/// alone: one that cannot be written must not hurt the others.
async fn write_together(store: &Store, submissions: &[Submission]) -> Vec<Result<Answer>> {
    match batch::write(store, submissions).await {
        Ok(answers) => answers,
        Err(error) if submissions.len() == 1 || error.is_outside() => submissions
            .iter()
            .map(|_| Err(error.told_again()))
            .collect(),
        Err(_) => {
            let mut answers = Vec::with_capacity(submissions.len());
            for submission in submissions {
                let alone = batch::write(store, std::slice::from_ref(submission)).await;
                answers.push(alone.and_then(|mut answers| {
                    answers
                        .pop()
                        .unwrap_or_else(|| Err(Error::Database("no answer".to_owned())))
                }));
            }
            answers
        }
    }
}

/// Keys and records that a submission looks at.
fn looks_at<'s>(
    submission: &'s Submission,
    register: &Register,
    records: &mut HashSet<i64>,
    keys: &mut HashSet<String>,
) {
    let mut key = |row: &'s NewRow| keys.extend(register.key_of(&row.values));
    match &submission.work {
        Work::Records(edits) => {
            for edit in edits {
                match edit {
                    Edit::Create { row } => key(row),
                    Edit::Revise { record, row, .. } => {
                        records.insert(*record);
                        key(row);
                    }
                    Edit::Retract { record, .. } => {
                        records.insert(*record);
                    }
                }
            }
        }
        Work::Attach { record, .. } | Work::Detach { record, .. } => {
            records.insert(*record);
        }
    }
}

/// Answers given before, by the id of their requests.
type Given = HashMap<String, (String, Submitted)>;

/// A row's values, shared between what stands and what is written.
type Values = Arc<[Value]>;
