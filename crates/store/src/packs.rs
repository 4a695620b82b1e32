//! The pack in force: laid over the tables like a migration, kept with the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use qipan_model::{Field, FieldType, Pack, Register, Type, UnitRole, Validity, Value};
use qipan_pack::Renames;
use qipan_sql::Dialect;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::db::{STANDS, Speak, Tx};
use crate::digest::Sha;
use crate::journal::{self, PackNote, Payload, Pending};
use crate::rollup::{Sources, Tallies, distinct_since};
use crate::store::Store;
use crate::table::{Column, Table};
use crate::{Change, Error, Receipt, Result, ddl};

/// The pack in force with everything that is derived from it once.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Journal entry that applied it.
    pub seq: i64,
    pub pack: Arc<Pack>,
    pub sources: Sources,
    pub tables: BTreeMap<String, Arc<Table>>,
    catalogue: Catalogue,
}

impl Schema {
    async fn new(tx: &mut Tx, seq: i64, pack: Arc<Pack>) -> Result<Self> {
        let catalogue = Catalogue::read(tx).await?;
        let tables = pack
            .registers
            .iter()
            .map(|register| {
                let born = catalogue.born(&register.id);
                let table = Table::new(tx.dialect(), register, &born);
                (register.id.clone(), Arc::new(table))
            })
            .collect();
        Ok(Self {
            seq,
            sources: Sources::new(&pack),
            pack,
            tables,
            catalogue,
        })
    }

    /// The table of a register, as the caller knows the register.
    pub(crate) fn table(&self, register: &Register) -> Result<Arc<Table>> {
        let table = self
            .tables
            .get(&register.id)
            .ok_or_else(|| Error::NoRegister(register.id.clone()))?;
        if table.fits(register) {
            Ok(Arc::clone(table))
        } else {
            Err(Error::StalePack(register.id.clone()))
        }
    }

    /// The table of a register to read from; of an earlier pack's register too, since columns
    /// are only ever added.
    pub(crate) fn readable(&self, dialect: Dialect, register: &Register) -> Result<Arc<Table>> {
        let columns = |id: &str| self.catalogue.has(&register.id, id);
        let held = |field: &Field| columns(&field.id) == Some(field.ty.value_type());
        match self.table(register) {
            Err(_) if register.fields.iter().all(held) => {
                let born = self.catalogue.born(&register.id);
                Ok(Arc::new(Table::new(dialect, register, &born)))
            }
            found => found,
        }
    }
}

/// What columns the register tables have: register → first id → (id now, type).
#[derive(Debug)]
pub(crate) struct Catalogue(BTreeMap<String, BTreeMap<String, (String, Type)>>);

impl Catalogue {
    pub(crate) async fn read(tx: &mut Tx) -> Result<Self> {
        let args = tx.args();
        let rows = tx
            .rows(
                "SELECT register, born, field, type FROM register_column",
                args,
            )
            .await?;
        let mut registers: BTreeMap<String, BTreeMap<String, (String, Type)>> = BTreeMap::new();
        for row in rows {
            let written = row.text(3)?;
            let ty = read_type(&written)
                .ok_or_else(|| Error::Database(format!("register_column.type: {written}")))?;
            registers
                .entry(row.text(0)?)
                .or_default()
                .insert(row.text(1)?, (row.text(2)?, ty));
        }
        Ok(Self(registers))
    }

    /// Field id → first id.
    fn born(&self, register: &str) -> BTreeMap<String, String> {
        self.0
            .get(register)
            .into_iter()
            .flatten()
            .map(|(born, (field, _))| (field.clone(), born.clone()))
            .collect()
    }

    /// Every register's table by its columns alone, whatever the pack says today.
    pub(crate) fn tables(&self, dialect: Dialect) -> BTreeMap<String, Table> {
        self.0
            .iter()
            .map(|(register, columns)| {
                let columns = columns
                    .iter()
                    .map(|(born, (id, ty))| Column {
                        id: id.clone(),
                        label: id.clone(),
                        born: born.clone(),
                        ty: *ty,
                    })
                    .collect();
                (
                    register.clone(),
                    Table::of_columns(dialect, register, columns),
                )
            })
            .collect()
    }

    fn has(&self, register: &str, field: &str) -> Option<Type> {
        let columns = self.0.get(register)?;
        columns
            .values()
            .find(|(id, _)| id == field)
            .map(|(_, ty)| *ty)
    }
}

fn written_type(ty: Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Int => "int".to_owned(),
        Type::Decimal { scale } => format!("decimal:{scale}"),
        Type::Date => "date".to_owned(),
        Type::Text => "text".to_owned(),
    }
}

fn read_type(written: &str) -> Option<Type> {
    Some(match written {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "date" => Type::Date,
        "text" => Type::Text,
        other => Type::Decimal {
            scale: other.strip_prefix("decimal:")?.parse().ok()?,
        },
    })
}

/// The journal entry that put the pack in force; `None` before the first pack.
pub(crate) async fn newest(tx: &mut Tx) -> Result<Option<i64>> {
    let args = tx.args();
    let newest = "SELECT seq FROM pack_version ORDER BY seq DESC LIMIT 1";
    let row = tx.row(newest, args).await?;
    row.map(|row| row.int(0)).transpose()
}

/// Reads the pack in force, which this journal entry has brought, out of the database.
pub(crate) async fn load(tx: &mut Tx, seq: i64) -> Result<Arc<Schema>> {
    let pack = unpacked(&archive(tx).await?.unwrap_or_default())?;
    Ok(Arc::new(Schema::new(tx, seq, Arc::new(pack)).await?))
}

fn unpacked(archive: &[u8]) -> Result<Pack> {
    let source =
        qipan_pack::Source::from_bytes(archive).map_err(|error| Error::Pack(error.to_string()))?;
    qipan_pack::check(&source)
        .pack
        .ok_or_else(|| Error::Pack("库中保存的机制包读不出来，本程序与它的版本不合".to_owned()))
}

/// The pack that was in force after a journal entry, its fields under the names that their
/// columns have now. Before the first pack there was nothing to define: it stands for that time.
pub(crate) async fn as_of(tx: &mut Tx, now: &Schema, seq: i64) -> Result<Arc<Pack>> {
    let mut args = tx.args();
    args.int(seq);
    let sql = "SELECT seq, archive FROM pack_version
        WHERE seq <= max(?, (SELECT min(seq) FROM pack_version)) ORDER BY seq DESC LIMIT 1";
    let sql = match tx.dialect() {
        Dialect::Sqlite => sql.to_owned(),
        Dialect::Postgres => sql.replace("max(?", "greatest(?"),
    };
    let Some(row) = tx.row(&sql, args).await? else {
        return Ok(Arc::clone(&now.pack));
    };
    let applied = row.int(0)?;
    if applied == now.seq {
        return Ok(Arc::clone(&now.pack));
    }
    let mut pack = unpacked(&row.bytes(1)?)?;
    let mut args = tx.args();
    args.int(applied);
    let sql =
        "SELECT payload FROM journal WHERE seq IN (SELECT seq FROM pack_version WHERE seq > ?)
        ORDER BY seq";
    for row in tx.rows(sql, args).await? {
        let note: AppliedNote = serde_json::from_str(&row.text(0)?)
            .map_err(|error| Error::Database(format!("journal.payload: {error}")))?;
        for [register, from, to] in note.pack.renames {
            let register = pack.registers.iter_mut().find(|own| own.id == register);
            if let Some(register) = register {
                rename(register, &from, &to);
            }
        }
    }
    Ok(Arc::new(pack))
}

/// What the journal says of an applied pack, as far as it is read again.
#[derive(Deserialize)]
struct AppliedNote {
    pack: AppliedPack,
}

#[derive(Deserialize)]
struct AppliedPack {
    renames: Vec<[String; 3]>,
}

/// Expressions know their columns by number, so only the names themselves change.
fn rename(register: &mut Register, from: &str, to: &str) {
    for field in register.fields.iter_mut().filter(|field| field.id == from) {
        to.clone_into(&mut field.id);
    }
    for column in register
        .layout
        .columns
        .iter_mut()
        .filter(|column| column.field == from)
    {
        to.clone_into(&mut column.field);
    }
}

/// The files of the pack in force.
pub(crate) async fn archive(tx: &mut Tx) -> Result<Option<Vec<u8>>> {
    let args = tx.args();
    let row = tx
        .row(
            "SELECT archive FROM pack_version ORDER BY seq DESC LIMIT 1",
            args,
        )
        .await?;
    row.map(|row| row.bytes(0)).transpose()
}

/// Lays a pack over the tables, in one transaction.
pub(crate) async fn apply(
    store: &Store,
    source: &qipan_pack::Source,
    pack: &Pack,
    renames: &Renames,
    change: Change,
) -> Result<Receipt> {
    journal::admissible(&change)?;
    for register in &pack.registers {
        ddl::admissible(register)?;
    }
    let mut tx = store.db().write().await?;
    let tip = journal::tip(&mut tx).await?;
    let at = journal::next_moment(store.now(), &tip);
    let archive = source.to_bytes();
    if self::archive(&mut tx).await?.as_ref() == Some(&archive) {
        let receipt = Receipt {
            first: tip.seq + 1,
            last: tip.seq,
            at: tip.at.unwrap_or(at),
        };
        tx.rollback().await?;
        return Ok(receipt);
    }
    let before = store.schema(&mut tx).await?;
    let made = lay(&mut tx, pack, renames).await?;
    reference(&mut tx, pack).await?;

    let seq = tip.seq + 1;
    let digest = source.digest();
    let mut args = tx.args();
    args.int(seq);
    args.text(&pack.mechanism.id);
    args.text(&pack.mechanism.version);
    args.text(&digest);
    args.bytes(&archive);
    tx.exec(
        "INSERT INTO pack_version (seq, pack, version, digest, archive) VALUES (?, ?, ?, ?, ?)",
        args,
    )
    .await?;
    let schema = Arc::new(Schema::new(&mut tx, seq, Arc::new(pack.clone())).await?);
    if before.is_some_and(|before| definitions(&before.pack) != definitions(pack)) {
        rebuild(&mut tx, &schema).await?;
    }
    let note = PackNote {
        id: &pack.mechanism.id,
        version: &pack.mechanism.version,
        digest: &digest,
        renames: made.iter().map(|[a, b, c]| [a.as_str(), b, c]).collect(),
    };
    let payload = Payload {
        pack: Some(note),
        origin: &change.origin,
        ..Payload::default()
    };
    let entry = Pending {
        action: APPLY.to_owned(),
        register: String::new(),
        rows: 0,
        payload: payload.written()?,
        digest: sha(&archive),
    };
    let tip = journal::write(&mut tx, &tip, at, &change, &[entry]).await?;
    let checkpoint = store.sign(&mut tx, &tip).await?;
    tx.commit().await?;
    store.remember(schema);
    store.publish(checkpoint.as_ref())?;
    Ok(Receipt {
        first: seq,
        last: seq,
        at,
    })
}

/// Action of entries that apply a pack.
pub(crate) const APPLY: &str = "pack";

pub(crate) fn sha(bytes: &[u8]) -> Sha {
    Sha256::digest(bytes).into()
}

/// What the rollups depend on, written so that two packs can be compared.
fn definitions(pack: &Pack) -> BTreeSet<String> {
    let fields = |register: &str, index: usize| {
        pack.register(register)
            .and_then(|register| register.fields.get(index))
            .map_or("", |field| field.id.as_str())
    };
    let mut written = BTreeSet::new();
    for indicator in &pack.indicators {
        let since = distinct_since(indicator, &pack.mechanism);
        written.insert(format!("{} {} {since:?}", indicator.id, indicator.version));
        for (nth, source) in indicator.sources.iter().enumerate() {
            let field = |index: Option<usize>| {
                index
                    .map(|index| fields(&source.register, index))
                    .unwrap_or_default()
            };
            written.insert(format!(
                "{} {} {nth} {} {:?} {:?} {} {} {} {} {:?} {:?}",
                indicator.id,
                indicator.version,
                source.register,
                indicator.measure,
                indicator.time,
                field(Some(source.date)),
                field(source.done_by),
                field(source.ends),
                field(source.distinct),
                source.filter.as_ref().map(qipan_model::Expr::source),
                source.value.as_ref().map(qipan_model::Expr::source),
            ));
        }
    }
    for register in &pack.registers {
        let field =
            |index: Option<usize>| index.map_or("", |index| register.fields[index].id.as_str());
        written.insert(format!(
            "{} {} {} {}",
            register.id,
            field(register.supporter),
            field(register.recipient),
            field(register.date)
        ));
    }
    written
}

/// Makes and changes register tables; gives the renames that were made.
async fn lay(tx: &mut Tx, pack: &Pack, renames: &Renames) -> Result<Vec<[String; 3]>> {
    let dialect = tx.dialect();
    let mut made = Vec::new();
    let catalogue = Catalogue::read(tx).await?;
    for register in &pack.registers {
        let id = &register.id;
        let Some(columns) = catalogue.0.get(id) else {
            let script = ddl::create(dialect, register) + &ddl::triggers(dialect, register);
            tx.run(&script).await?;
            for field in &register.fields {
                note(tx, id, &field.id, &field.ty).await?;
            }
            continue;
        };
        let mut script = String::new();
        // Former id → id now, where the former one stands and the new one does not.
        let renamed: BTreeMap<&str, &str> = renames
            .get(id)
            .into_iter()
            .flatten()
            .filter(|(from, to)| {
                catalogue.has(id, from).is_some() && catalogue.has(id, to).is_none()
            })
            .map(|(from, to)| (from.as_str(), to.as_str()))
            .collect();
        for (from, to) in &renamed {
            script.push_str(&ddl::rename_column(id, from, to));
            let mut args = tx.args();
            args.text(to);
            args.text(id);
            args.text(from);
            tx.exec(
                "UPDATE register_column SET field = ? WHERE register = ? AND field = ?",
                args,
            )
            .await?;
            made.push([id.clone(), (*from).to_owned(), (*to).to_owned()]);
        }
        let now: BTreeMap<&str, Type> = columns
            .values()
            .map(|(field, ty)| (*renamed.get(field.as_str()).unwrap_or(&field.as_str()), *ty))
            .collect();
        if let Some(gone) = now.keys().find(|field| register.index(field).is_none()) {
            return Err(Error::Pack(format!(
                "台账“{id}”的字段“{gone}”不能删去：请保留它并写上 retired = 停用日期"
            )));
        }
        for field in &register.fields {
            match now.get(field.id.as_str()) {
                None => {
                    if columns.contains_key(&field.id) {
                        return Err(Error::Pack(format!(
                            "台账“{id}”曾有字段“{}”，已改名；新字段请另取名字",
                            field.id
                        )));
                    }
                    script.push_str(&ddl::add_column(dialect, id, &field.id, &field.ty));
                    note(tx, id, &field.id, &field.ty).await?;
                }
                Some(ty) if *ty != field.ty.value_type() => {
                    return Err(Error::Pack(format!(
                        "台账“{id}”的字段“{}”不能从 {} 改成 {}：请新增字段，旧字段写上 retired",
                        field.id,
                        written_type(*ty),
                        written_type(field.ty.value_type())
                    )));
                }
                Some(_) => {}
            }
        }
        if !script.is_empty() {
            script.push_str(&ddl::triggers(dialect, register));
            tx.run(&script).await?;
        }
    }
    Ok(made)
}

/// Notes a new column in the catalogue.
async fn note(tx: &mut Tx, register: &str, field: &str, ty: &FieldType) -> Result<()> {
    let mut args = tx.args();
    for words in [register, field, field, &written_type(ty.value_type())] {
        args.text(words);
    }
    tx.exec(
        "INSERT INTO register_column (register, born, field, type) VALUES (?, ?, ?, ?)",
        args,
    )
    .await?;
    Ok(())
}

/// Units, links and indicators as tables, for BI tools; they follow the pack in force.
async fn reference(tx: &mut Tx, pack: &Pack) -> Result<()> {
    for clear in [
        "DELETE FROM unit",
        "DELETE FROM link",
        "DELETE FROM indicator",
    ] {
        tx.run(clear).await?;
    }
    for (nth, unit) in pack.units.all().iter().enumerate() {
        let mut args = tx.args();
        args.text(unit.id.as_str());
        args.int(i64::try_from(nth).unwrap_or(i64::MAX));
        args.text(&unit.name);
        args.text(&unit.short);
        args.text(&unit.name_en);
        args.text(unit.codes.last().map_or(unit.id.as_str(), |(code, _)| code));
        args.text(match unit.role {
            UnitRole::Supporter => "supporter",
            UnitRole::Recipient => "recipient",
            UnitRole::None => "none",
        });
        args.text(&unit.cluster);
        validity(&mut args, &unit.validity);
        tx.exec(
            "INSERT INTO unit (id, nth, name, short, name_en, code, role, cluster, valid_from,
             valid_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            args,
        )
        .await?;
    }
    for link in &pack.links {
        let mut args = tx.args();
        for side in [&link.supporter, &link.recipient] {
            args.text(side.as_ref().map_or("", |unit| unit.as_str()));
        }
        validity(&mut args, &link.validity);
        args.text(match link.certainty {
            qipan_model::Certainty::Attested => "attested",
            qipan_model::Certainty::Likely => "likely",
            qipan_model::Certainty::Open => "open",
        });
        args.text(&link.evidence);
        tx.exec(
            "INSERT INTO link (supporter, recipient, valid_from, valid_to, certainty, evidence)
             VALUES (?, ?, ?, ?, ?, ?)",
            args,
        )
        .await?;
    }
    for (nth, indicator) in pack.indicators.iter().enumerate() {
        let mut args = tx.args();
        args.text(&indicator.id);
        args.int(i64::from(indicator.version));
        args.int(i64::try_from(nth).unwrap_or(i64::MAX));
        for words in [
            &indicator.name,
            &indicator.name_en,
            &indicator.unit,
            &indicator.owner,
            &indicator.definition,
        ] {
            args.text(words);
        }
        validity(&mut args, &indicator.valid);
        tx.exec(
            "INSERT INTO indicator (id, version, nth, name, name_en, unit, owner, definition,
             valid_from, valid_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            args,
        )
        .await?;
    }
    Ok(())
}

fn validity(args: &mut crate::cells::Args, validity: &Validity) {
    for day in [validity.from, validity.to] {
        match day {
            Some(day) => args.text(&day.to_string()),
            None => args.null(Type::Text),
        }
    }
}

/// Rows read at a time when rollups are built anew.
const PIECE: i64 = 5_000;

/// Computes all rollups anew from the standing rows.
pub(crate) async fn rebuild(tx: &mut Tx, schema: &Schema) -> Result<()> {
    for clear in [
        "DELETE FROM rollup",
        "DELETE FROM rollup_key",
        "DELETE FROM rollup_distinct",
        "DELETE FROM presence",
    ] {
        tx.run(clear).await?;
    }
    let mut tallies = Tallies::default();
    gather(tx, schema, &mut tallies, true).await?;
    tallies.flush(&schema.sources, tx).await
}

/// Adds all standing rows; writes what has gathered now and then, when it may.
pub(crate) async fn gather(
    tx: &mut Tx,
    schema: &Schema,
    tallies: &mut Tallies,
    write: bool,
) -> Result<()> {
    let gone = match tx.dialect() {
        Dialect::Sqlite => "_gone = 0",
        Dialect::Postgres => "NOT _gone",
    };
    for table in schema.tables.values() {
        let sql = tx.dialect().sql(&format!(
            "SELECT {} FROM {} WHERE _to = {STANDS} AND {gone} AND _rid > ?
             ORDER BY _rid LIMIT {PIECE}",
            table.packed, table.name
        ));
        let mut after = 0;
        loop {
            let mut args = tx.args();
            args.int(after);
            let rows = tx.fetch(&sql, args).await?;
            for row in &rows {
                let (rid, record) = table.unpack(row)?;
                let counts = record.confirmation.counts();
                let mut values = record.values;
                values.push(Value::Null);
                tallies.add(&schema.sources, table, &values, counts, 1)?;
                after = rid;
            }
            if write && tallies.is_full() {
                tallies.flush(&schema.sources, tx).await?;
            }
            if i64::try_from(rows.len()).unwrap_or(0) < PIECE {
                break;
            }
        }
    }
    Ok(())
}
