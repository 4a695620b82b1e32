//! The tables that are no registers: accounts, sessions, settings and whatever else is changed in
//! place. Statements are constants with `?` for parameters; what is said about a change goes into
//! the journal in the same transaction.

use crate::cells::{Args, Row};
use crate::db::Tx;
use crate::digest::Sha;
use crate::journal::{self, Payload, Pending};
use crate::store::Store;
use crate::{Change, Error, Event, Receipt, Result};

/// Digest of an entry without rows: SHA-256 over nothing.
pub(crate) const NO_ROWS: Sha = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// Most bytes of an event's particulars.
const MOST_PAYLOAD: usize = 16_000;

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub enum Param<'a> {
    /// A whole number; truths are 0 and 1.
    Int(i64),
    /// A text without NUL.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

fn bound(tx: &Tx, params: &[Param<'_>]) -> Result<Args> {
    let mut args = tx.args();
    for param in params {
        match *param {
            Param::Int(number) => args.int(number),
            // PostgreSQL cannot hold NUL in a text.
            Param::Text(text) if text.contains('\0') => {
                return Err(Error::Limit("文字里不能有空字符".to_owned()));
            }
            Param::Text(text) => args.text(text),
            Param::Bytes(bytes) => args.bytes(bytes),
        }
    }
    Ok(args)
}

/// One row of an answer.
pub struct Found(Row);

impl Found {
    /// A whole number by the position of its column.
    ///
    /// # Errors
    /// When the column holds something else.
    pub fn int(&self, index: usize) -> Result<i64> {
        self.0.int(index)
    }

    /// A truth kept as 0 or 1.
    ///
    /// # Errors
    /// When the column holds something else.
    pub fn truth(&self, index: usize) -> Result<bool> {
        Ok(self.0.int(index)? != 0)
    }

    /// A text.
    ///
    /// # Errors
    /// When the column holds something else.
    pub fn text(&self, index: usize) -> Result<String> {
        self.0.text(index)
    }

    /// Bytes.
    ///
    /// # Errors
    /// When the column holds something else.
    pub fn bytes(&self, index: usize) -> Result<Vec<u8>> {
        self.0.bytes(index)
    }
}

async fn found(tx: &mut Tx, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Found>> {
    let args = bound(tx, params)?;
    Ok(tx.rows(sql, args).await?.into_iter().map(Found).collect())
}

/// A transaction that only looks; dropping it ends it.
pub struct Look {
    tx: Tx,
}

impl Look {
    pub(crate) fn new(tx: Tx) -> Self {
        Self { tx }
    }

    /// All rows of a statement.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rows(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Found>> {
        found(&mut self.tx, sql, params).await
    }

    /// The first row of a statement.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn row(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Option<Found>> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// Ends the transaction, so that its connection is free at once.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn close(self) -> Result<()> {
        self.tx.rollback().await
    }
}

/// A transaction that changes ordinary tables and writes the journal; nobody else writes
/// meanwhile. Dropping it undoes everything.
pub struct Desk {
    store: Store,
    look: Look,
    events: Vec<(Change, Pending)>,
}

impl Desk {
    pub(crate) async fn open(store: &Store) -> Result<Self> {
        Ok(Self {
            store: store.clone(),
            look: Look::new(store.db().write().await?),
            events: Vec::new(),
        })
    }

    /// The same transaction, to look.
    pub fn look(&mut self) -> &mut Look {
        &mut self.look
    }

    /// All rows of a statement.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rows(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Found>> {
        self.look.rows(sql, params).await
    }

    /// The first row of a statement.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn row(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Option<Found>> {
        self.look.row(sql, params).await
    }

    /// Runs a statement; gives the rows touched.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn exec(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        let tx = &mut self.look.tx;
        let args = bound(tx, params)?;
        tx.exec(sql, args).await
    }

    /// Says what happens, for the journal.
    ///
    /// # Errors
    /// When the words are too long.
    pub fn log(&mut self, event: Event) -> Result<()> {
        let change = Change {
            actor: event.actor,
            reason: event.reason,
            action: event.action,
            source: None,
            origin: event.origin,
        };
        journal::admissible(&change)?;
        let payload = Payload {
            origin: &change.origin,
            event: Some(&event.payload).filter(|payload| !payload.is_null()),
            ..Payload::default()
        }
        .written()?;
        if payload.len() > MOST_PAYLOAD {
            return Err(Error::Limit(format!(
                "一条日志的明细不超过 {MOST_PAYLOAD} 字节"
            )));
        }
        let pending = Pending {
            action: change.action.clone(),
            register: event.register,
            rows: 0,
            payload,
            digest: NO_ROWS,
        };
        self.events.push((change, pending));
        Ok(())
    }

    /// Writes the journal entries and makes everything durable.
    ///
    /// # Errors
    /// When the database refuses; then nothing is kept.
    pub async fn commit(self) -> Result<Receipt> {
        let mut tx = self.look.tx;
        let before = journal::tip(&mut tx).await?;
        let at = journal::next_moment(self.store.now(), &before);
        let mut tip = before.clone();
        for (change, pending) in self.events {
            tip = journal::write(&mut tx, &tip, at, &change, &[pending]).await?;
        }
        let receipt = Receipt {
            first: before.seq + 1,
            last: tip.seq,
            at: tip.at.unwrap_or(at),
        };
        if receipt.is_empty() {
            tx.commit().await?;
            return Ok(receipt);
        }
        let checkpoint = self.store.sign(&mut tx, &tip).await?;
        tx.commit().await?;
        self.store.publish(checkpoint.as_ref())?;
        Ok(receipt)
    }
}
