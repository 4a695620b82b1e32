//! The journal as it is read, and the returns that were filed.

use jiff::Timestamp;
use qipan_model::{Action, Period, Scope};
use sea_query::{Alias, Condition, Expr, ExprTrait, IntoCondition, Query};
use serde::Serialize;

use crate::clock::written;
use crate::db::STANDS;
use crate::digest::hex;
use crate::journal::{self, Stored};
use crate::write::RETURN;
use crate::{Error, Reader, Result, ReturnKind, evidence};

/// One journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Number, from 1 without gaps.
    pub seq: i64,
    /// Moment.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What sort of change.
    pub action: String,
    /// Register touched; empty for changes of the pack.
    pub register: String,
    /// Rows written.
    pub rows: i64,
    /// Particulars as JSON.
    pub payload: serde_json::Value,
    /// Digest of what was written, hex.
    pub digest: String,
    /// Hash of the entry before, hex.
    pub prev: String,
    /// Hash of this entry, hex.
    pub hash: String,
}

impl Entry {
    pub(crate) fn of(entry: Stored) -> Result<Self> {
        Ok(Self {
            seq: entry.seq,
            at: journal::moment(&entry.at)?,
            actor: entry.actor,
            reason: entry.reason,
            action: entry.action,
            register: entry.register,
            rows: entry.rows,
            payload: serde_json::from_str(&entry.payload)
                .map_err(|error| Error::Database(error.to_string()))?,
            digest: hex(&entry.digest),
            prev: hex(&entry.prev),
            hash: hex(&entry.hash),
        })
    }

    /// Whether it names a file as its source.
    fn came_from(&self, digest: &str) -> bool {
        let source = self.payload.get("source");
        let named = source.and_then(|source| source.get("digest")?.as_str());
        named == Some(digest)
    }

    /// Numbers of the first and the last row that it wrote.
    fn rids(&self) -> Option<[i64; 2]> {
        let rids = self.payload.get("rids")?;
        Some([rids.get(0)?.as_i64()?, rids.get(1)?.as_i64()?])
    }
}

/// A filed return (报送); of several for the same register, period and unit the last one holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// Journal entry that wrote it.
    pub seq: i64,
    /// Register id.
    pub register: String,
    /// Period.
    pub period: Period,
    /// Unit id.
    pub unit: String,
    /// How it was filed.
    pub kind: ReturnKind,
}

impl Reader {
    /// Journal entries `first..=last`, at most 1000. The journal tells of everybody's rows: only
    /// callers with [`Action::Journal`] see any of it here.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn journal(&mut self, first: i64, last: i64) -> Result<Vec<Entry>> {
        if !self.may(Action::Journal) {
            return Ok(Vec::new());
        }
        self.stored(first, last).await
    }

    async fn stored(&mut self, first: i64, last: i64) -> Result<Vec<Entry>> {
        let sql = format!(
            "SELECT {} FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT 1000",
            journal::COLUMNS
        );
        let mut args = self.tx.args();
        args.int(first);
        args.int(last);
        let rows = self.tx.rows(&sql, args).await?;
        rows.iter()
            .map(|row| Entry::of(Stored::read(row)?))
            .collect()
    }

    /// One journal entry: to callers with [`Action::Journal`] as it is, to others when it wrote a
    /// revision that they see, and then only what the revision tells of itself: who, when, why,
    /// from which file.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn entry(&mut self, seq: i64) -> Result<Option<Entry>> {
        let Some(mut entry) = self.stored(seq, seq).await?.pop() else {
            return Ok(None);
        };
        if self.may(Action::Journal) {
            return Ok(Some(entry));
        }
        if !self.shows_of(&entry).await? {
            return Ok(None);
        }
        entry.rows = 0;
        if let serde_json::Value::Object(payload) = &mut entry.payload {
            payload.retain(|key, _| key == "source");
        }
        Ok(Some(entry))
    }

    /// Whether any row that an entry wrote is within scope.
    async fn shows_of(&mut self, entry: &Entry) -> Result<bool> {
        let Some([first, last]) = entry.rids() else {
            return Ok(false);
        };
        if *self.scope(&entry.register) == Scope::Nothing {
            return Ok(false);
        }
        match entry.action.as_str() {
            // Its rows are those of another table.
            RETURN => return Ok(false),
            evidence::ATTACH | evidence::DETACH => {
                return self.shows_evidence(&entry.register, first).await;
            }
            _ => {}
        }
        let register = self
            .schema
            .as_ref()
            .and_then(|schema| schema.tables.get(&entry.register).cloned());
        let Some(table) = register else {
            return Ok(false);
        };
        let mut select = Query::select();
        select
            .expr(Expr::val(1_i64))
            .from(Alias::new(&table.id))
            .and_where(Expr::col(Alias::new("_rid")).between(first, last))
            .limit(1);
        if let Some(within) = self.within(&table) {
            select.cond_where(within);
        }
        Ok(!self.fetch(&select).await?.is_empty())
    }

    /// Whether the caller may have a file that records came from: only when every row that one
    /// change wrote out of it is theirs to see, in all its fields. A file is handed out as it came,
    /// with all that it says of others. `seq` is an entry of that change, where it is known.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn shows_file(&mut self, digest: &str, seq: Option<i64>) -> Result<bool> {
        let entries = match seq {
            Some(seq) => self.stored(seq, seq).await?,
            None => self.imported_from(digest).await?,
        };
        let mut moments: Vec<Timestamp> = entries
            .iter()
            .filter(|entry| entry.came_from(digest))
            .map(|entry| entry.at)
            .collect();
        moments.dedup();
        for at in moments {
            if self.shows_change(at).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Entries of imports of a file.
    async fn imported_from(&mut self, digest: &str) -> Result<Vec<Entry>> {
        // Only what may be a digest goes into the pattern.
        if !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {} FROM journal WHERE action = 'import' AND payload LIKE ? ORDER BY seq",
            journal::COLUMNS
        );
        let mut args = self.tx.args();
        args.text(&format!("%{digest}%"));
        let rows = self.tx.rows(&sql, args).await?;
        rows.iter()
            .map(|row| Entry::of(Stored::read(row)?))
            .collect()
    }

    /// Whether all rows of a change are the caller's to see. Its entries share a moment.
    async fn shows_change(&mut self, at: Timestamp) -> Result<bool> {
        let sql = format!(
            "SELECT {} FROM journal WHERE at = ? ORDER BY seq",
            journal::COLUMNS
        );
        let mut args = self.tx.args();
        args.text(&written(at));
        let rows = self.tx.rows(&sql, args).await?;
        let entries: Vec<Entry> = rows
            .iter()
            .map(|row| Entry::of(Stored::read(row)?))
            .collect::<Result<_>>()?;
        let mut any = false;
        for entry in entries.iter().filter(|entry| entry.action != RETURN) {
            let Some(rids) = entry.rids() else { continue };
            if !self.shows_all(&entry.register, rids).await? {
                return Ok(false);
            }
            any = true;
        }
        Ok(any)
    }

    /// Whether all rows of a stretch are within scope, and no field of theirs is masked.
    async fn shows_all(&mut self, register: &str, [first, last]: [i64; 2]) -> Result<bool> {
        let Some(schema) = self.schema.clone() else {
            return Ok(false);
        };
        let table = schema.tables.get(register).cloned();
        let (Some(table), Some(register)) = (table, schema.pack.register(register)) else {
            return Ok(false);
        };
        let of_stretch = || Expr::col(Alias::new("_rid")).between(first, last);
        let personal = register.fields.iter().filter(|field| field.personal);
        let personal: Vec<&str> = personal.map(|field| field.id.as_str()).collect();
        if !personal.is_empty() && !self.sees_personal() {
            let mut stated = Condition::any();
            for field in personal {
                stated = stated.add(Expr::col(Alias::new(field)).is_not_null());
            }
            let masked = Condition::all().add(of_stretch()).add(stated);
            if self.count(&table.id, masked).await? > 0 {
                return Ok(false);
            }
        }
        let Some(within) = self.within(&table) else {
            return Ok(true);
        };
        let all = self.count(&table.id, of_stretch().into_condition()).await?;
        let shown = Condition::all().add(of_stretch()).add(within);
        Ok(self.count(&table.id, shown).await? == all)
    }

    async fn count(&mut self, table: &str, wanted: Condition) -> Result<i64> {
        let mut count = Query::select();
        count
            .expr(Expr::cust("count(*)"))
            .from(Alias::new(table))
            .cond_where(wanted);
        let rows = self.fetch(&count).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// Returns that hold for a register and a period, in the order of unit ids: of the units that
    /// the caller is told about.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn returns(
        &mut self,
        register: &str,
        period: Period,
        as_of: Option<i64>,
    ) -> Result<Vec<Return>> {
        let sql = "SELECT _from, unit, kind FROM \"return\" AS r
            WHERE register = ? AND period = ? AND _rid = (
              SELECT max(_rid) FROM \"return\" AS later WHERE later.register = r.register
              AND later.period = r.period AND later.unit = r.unit AND later._from <= ?)
            ORDER BY unit";
        let mut args = self.tx.args();
        args.text(register);
        args.text(&period.to_string());
        args.int(as_of.unwrap_or(STANDS));
        let rows = self.tx.rows(sql, args).await?;
        let pack = self.pack();
        let known = pack.as_ref().and_then(|pack| pack.register(register));
        let scope = self.scope(register);
        let told = |unit: &str| match known {
            Some(register) => scope.knows_return(register, unit),
            None => scope.knows(unit),
        };
        let mut returns = Vec::with_capacity(rows.len());
        for row in &rows {
            let (unit, kind) = (row.text(1)?, row.text(2)?);
            if !told(&unit) {
                continue;
            }
            returns.push(Return {
                seq: row.int(0)?,
                register: register.to_owned(),
                period,
                unit,
                kind: ReturnKind::parse(&kind)
                    .ok_or_else(|| Error::Database(format!("return.kind: {kind}")))?,
            });
        }
        Ok(returns)
    }
}
