//! Access by row: whatever a reader shows to a caller is what a reader of everything shows, less
//! the rows that the caller's scope does not admit.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::TryStreamExt;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use qipan_model::{
    Access, Action, Confirmation, Expr, Period, Record, Register, Scope, Type, Value,
};
use qipan_store::{
    JournalQuery, Kept, ListQuery, NewEvidence, NewRow, Order, Reader, ReturnKind, Search,
    SourceFile, Submission, Work,
};
use sea_query::{Alias, Query};

use crate::both;
use crate::fixture::{
    Fixture, PROJECT, Project, change, checked, date, indicators, project, source,
};

/// One side only, told by the city.
const STATISTIC: &str = r#"
id = "statistic"
code = "T20"
name = "统计台账"
key = ["code"]
recipient = "recipient"
date = "day"
reporter = "city"
frequency = "year"
field = [
  { id = "code", label = "编号", type = "text", required = true },
  { id = "recipient", label = "受援区县", type = "unit", role = "recipient" },
  { id = "day", label = "日期", type = "date" },
]
"#;

const ROLES: &str = r#"
[[role]]
id = "clerk"
name = "填报人"
reach = "links"
actions = ["read", "write"]

[[role]]
id = "coordinator"
name = "市级统筹"
reach = "all"
actions = ["read", "journal"]

[[role]]
id = "department"
name = "市级部门"
reach = "all"
named_registers = true
actions = ["read"]

[[role]]
id = "security"
name = "安全管理员"
reach = "nothing"
actions = ["accounts"]
office = true
"#;

const PAIRS: &str = "supporter,recipient,valid_from,valid_to,certainty,evidence
s1,r1,2021-01-01,,attested,试验
s2,r1,2021-01-01,,attested,试验
s2,r2,2021-01-01,,attested,试验
";

impl Fixture {
    /// The pack with roles, more links and a register of one side.
    async fn peopled(mut self) -> Self {
        let mut pack = source(PROJECT, &indicators());
        let mut pack_files = pack.files.clone();
        let mut put = |path: &str, text: String| {
            pack_files.insert(path.to_owned(), text.into_bytes());
        };
        put("access.toml", ROLES.to_owned());
        // One that ended and went over to a unit of the other side: own units on both sides.
        let units = String::from_utf8(pack.files["units.csv"].clone()).unwrap()
            + "old,district,旧区,旧,Old,supporter,core,,2020-12-31,r2,\n";
        put("units.csv", units);
        put("pairs.csv", PAIRS.to_owned());
        put("registers/statistic.toml", STATISTIC.to_owned());
        let mechanism = String::from_utf8(pack.files["mechanism.toml"].clone()).unwrap();
        let listed = mechanism.replace("\"visit\"]", "\"visit\", \"statistic\"]");
        assert_ne!(listed, mechanism);
        put("mechanism.toml", listed);
        pack.files = pack_files;
        let checked = checked(&pack);
        self.pack = checked.pack.unwrap();
        self.store
            .apply_pack(&pack, &self.pack, &checked.renames, change("pack"))
            .await
            .unwrap();
        self
    }

    fn access(&self, roles: &[&str], unit: Option<&str>, registers: &[&str]) -> Arc<Access> {
        let registers: BTreeSet<String> = registers.iter().map(|&id| id.to_owned()).collect();
        let day = jiff::civil::date(2021, 6, 30);
        Arc::new(Access::new(&self.pack, roles, unit, &registers, day))
    }

    fn clerk(&self, unit: &str) -> Arc<Access> {
        self.access(&["clerk"], Some(unit), &[])
    }

    /// Callers of every kind.
    fn callers(&self) -> Vec<Arc<Access>> {
        let mut callers: Vec<Arc<Access>> = ["s1", "s2", "s3", "r1", "r2", "r3"]
            .map(|unit| self.clerk(unit))
            .into();
        callers.extend([
            self.access(&["coordinator"], None, &[]),
            self.access(&["department"], None, &["project"]),
            self.access(&["department", "clerk"], Some("s1"), &["statistic"]),
            self.access(&["security"], None, &[]),
            self.access(&["clerk"], None, &[]),
            Arc::new(Access::everything()),
            Arc::new(Access::nothing()),
        ]);
        callers
    }

    async fn reader_of(&self, access: &Arc<Access>) -> Reader {
        let access = Arc::clone(access);
        self.store.reader_of(access, Action::Read).await.unwrap()
    }
}

fn statistic(code: &str, recipient: &str, day: &str) -> NewRow {
    let text = |text: &str| match text {
        "" => Value::Null,
        text => Value::Text(text.to_owned()),
    };
    NewRow {
        values: vec![text(code), text(recipient), date(day)],
        confirmation: Confirmation::Agreed,
        source: "".into(),
        place: String::new(),
    }
}

fn visit(code: &str) -> NewRow {
    NewRow {
        values: vec![Value::Text(code.to_owned()), date("2021-05-01")],
        confirmation: Confirmation::Agreed,
        source: "".into(),
        place: String::new(),
    }
}

/// The whole list, page by page, with its size.
async fn pages(
    reader: &mut Reader,
    register: &Register,
    query: &ListQuery<'_>,
    limit: u32,
) -> (Vec<Record>, i64) {
    let (mut records, mut after, mut total) = (Vec::new(), None::<String>, None);
    loop {
        let query = ListQuery {
            limit,
            after: after.as_deref(),
            ..query.clone()
        };
        let page = reader.list(register, &query).await.unwrap();
        assert!(page.records.len() <= limit as usize);
        assert_eq!(*total.get_or_insert(page.total), page.total);
        records.extend(page.records);
        after = page.next;
        if after.is_none() {
            return (records, total.unwrap());
        }
    }
}

async fn streamed(reader: &mut Reader, register: &Register, as_of: Option<i64>) -> Vec<Record> {
    let query = ListQuery {
        as_of,
        ..ListQuery::default()
    };
    let rows = reader.rows(register, &query).await.unwrap();
    rows.try_collect().await.unwrap()
}

/// What a caller sees of a register is what there is, less what the scope does not admit.
async fn compare(f: &Fixture, access: &Arc<Access>, register: &Register, past: i64) {
    let scope = access.scope(Action::Read, &register.id);
    let seen = |records: Vec<Record>| -> Vec<Record> {
        let admitted = |record: &Record| scope.admits(register, &record.values);
        records.into_iter().filter(admitted).collect()
    };
    let mut all = f.store.reader().await.unwrap();
    let mut own = f.reader_of(access).await;
    assert_eq!(own.scope(&register.id), scope);
    let filter = register.index("fund").map(|_| {
        let text = "!(fund > 2) || status == '前期'";
        Expr::compile(text, register, Some(Type::Bool)).unwrap()
    });
    let dated = register.index("issued").map(|_| {
        let text = "issued >= date('2021-02-01') && issued < date('2021-07-01')";
        Expr::compile(text, register, Some(Type::Bool)).unwrap()
    });
    let day = |month, day| jiff::civil::date(2021, month, day);
    let mut queries = Vec::new();
    for days in [
        (day(2, 1), day(2, 28)),
        (day(1, 1), day(6, 30)),
        (day(1, 31), day(2, 1)),
        (day(3, 1), day(2, 28)),
    ] {
        queries.push(ListQuery {
            days: Some(days),
            ..ListQuery::default()
        });
        queries.push(ListQuery {
            days: Some(days),
            filter: dated.as_ref(),
            recipient: Some("r1"),
            counted_only: true,
            ..ListQuery::default()
        });
    }
    let fields = ["code", "fund", "supporter", "urgent"];
    let fields = fields.iter().filter_map(|field| register.index(field));
    for field in [None].into_iter().chain(fields.map(Some)) {
        for descending in [false, true] {
            queries.push(ListQuery {
                order: Order { field, descending },
                ..ListQuery::default()
            });
        }
    }
    for side in ["s1", "s2"] {
        queries.push(ListQuery {
            supporter: Some(side),
            ..ListQuery::default()
        });
    }
    queries.extend([
        ListQuery {
            recipient: Some("r1"),
            ..ListQuery::default()
        },
        ListQuery {
            counted_only: true,
            ..ListQuery::default()
        },
        ListQuery {
            filter: filter.as_ref(),
            ..ListQuery::default()
        },
        ListQuery {
            filter: dated.as_ref(),
            ..ListQuery::default()
        },
        ListQuery {
            as_of: Some(past),
            ..ListQuery::default()
        },
        ListQuery {
            as_of: Some(past),
            filter: filter.as_ref(),
            recipient: Some("r1"),
            ..ListQuery::default()
        },
    ]);
    let mut everything = Vec::new();
    for query in &queries {
        let (records, _) = pages(&mut all, register, query, 1000).await;
        everything.extend(records.iter().cloned());
        let expect = seen(records);
        let (got, total) = pages(&mut own, register, query, 3).await;
        assert_eq!(got, expect, "{query:?} {scope:?}");
        assert_eq!(
            usize::try_from(total).unwrap(),
            expect.len(),
            "{query:?} {scope:?}"
        );
        let (counted, _) = own.totals(register, query, &[]).await.unwrap();
        assert_eq!(counted, total, "{query:?} {scope:?}");
    }
    for as_of in [None, Some(past)] {
        let expect = seen(streamed(&mut all, register, as_of).await);
        assert_eq!(streamed(&mut own, register, as_of).await, expect);
    }
    let numbers: BTreeSet<i64> = everything.iter().map(|record| record.record).collect();
    for number in numbers {
        let history = all.record_history(register, number).await.unwrap();
        let newest = history.last().unwrap();
        let expect = match scope.admits(register, &newest.values) {
            true => seen(history.clone()),
            false => Vec::new(),
        };
        assert_eq!(own.record_history(register, number).await.unwrap(), expect);
        let found = own.by_key(register, &newest.key).await.unwrap();
        let expect = all.by_key(register, &newest.key).await.unwrap();
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            seen(expect.into_iter().collect())
        );
    }
    let rids: Vec<i64> = (1..=200).collect();
    let expect = seen(all.rows_by_rid(register, &rids).await.unwrap());
    assert_eq!(own.rows_by_rid(register, &rids).await.unwrap(), expect);
}

fn row() -> impl Strategy<Value = Project> {
    let side = |names: &[&'static str]| prop::sample::select(names.to_vec());
    (
        0..12_u8,
        side(&["", "s1", "s2", "s3", "old"]),
        side(&["", "r1", "r2", "r3"]),
        prop::sample::select(vec!["前期", "已开工"]),
        prop::sample::select(vec!["", "2021-01-31", "2021-02-01", "2021-06-30"]),
        prop::sample::select(vec!["", "1", "2.5", "30"]),
        prop::option::of(0..3_i64),
        prop::sample::select(vec![Confirmation::Agreed, Confirmation::Pending]),
    )
        .prop_map(
            |(key, supporter, recipient, status, issued, fund, jobs, state)| Project {
                supporter,
                recipient,
                status,
                issued,
                fund,
                jobs,
                state,
                ..project(&format!("K{key:02}"))
            },
        )
}

/// Changes of projects, each with a key to withdraw.
fn changes() -> impl Strategy<Value = Vec<(Vec<Project>, u8)>> {
    prop::collection::vec((prop::collection::vec(row(), 1..10), 0..12_u8), 2..4)
}

async fn play(f: Fixture, changes: Vec<(Vec<Project>, u8)>) {
    let f = f.peopled().await;
    let register = |id: &str| f.pack.register(id).unwrap();
    let mut writer = f.store.begin(change("import")).await.unwrap();
    let statistics = ["r1", "r2", "r3", "", "r1"].iter().enumerate();
    let statistics =
        statistics.map(|(nth, unit)| statistic(&format!("S{nth}"), unit, "2021-03-01"));
    writer
        .upsert(register("statistic"), statistics.collect())
        .await
        .unwrap();
    writer
        .upsert(register("visit"), vec![visit("V1"), visit("V2")])
        .await
        .unwrap();
    let mut past = writer.commit().await.unwrap().last;
    for (nth, (rows, gone)) in changes.into_iter().enumerate() {
        let mut seen = BTreeSet::new();
        let rows = rows.into_iter().filter(|row| seen.insert(row.code.clone()));
        let (_, receipt) = f.write(rows.map(Project::row).collect()).await;
        if nth == 0 {
            past = receipt.last;
        }
        let key = format!("K{gone:02}");
        let mut reader = f.store.reader().await.unwrap();
        let standing = reader.by_key(f.project(), &key).await.unwrap();
        drop(reader);
        if standing.is_some_and(|record| !record.retracted) {
            f.retract(&key).await;
        }
    }
    for access in f.callers() {
        for register in &f.pack.registers {
            compare(&f, &access, register, past).await;
        }
    }
}

fn run(cases: u32, make: impl AsyncFn() -> Option<Fixture>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&changes(), |changes| {
        runtime.block_on(async {
            if let Some(fixture) = make().await {
                play(fixture, changes).await;
            }
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn callers_see_what_their_scope_admits_on_sqlite() {
    run(6, async || Some(Fixture::sqlite().await));
}

#[test]
fn callers_see_what_their_scope_admits_on_postgres() {
    run(2, async || Fixture::postgres().await);
}

both!(
    no_read_forgets_the_scope,
    entries_are_seen_through_the_rows_they_wrote,
    returns_are_told_to_both_sides,
    summaries_are_cut_to_the_scope,
    searches_and_files_are_cut_to_the_scope,
);

/// Digest of a file that records come from and that is bound to one.
const FILE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Names of all public functions of the reader, out of its source.
fn public_reads() -> BTreeSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut names = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        for block in text.split("\nimpl Reader {\n").skip(1) {
            let block = block.split("\n}\n").next().unwrap();
            for line in block.lines() {
                let name = ["    pub async fn ", "    pub fn "]
                    .iter()
                    .find_map(|start| line.strip_prefix(start));
                if let Some(name) = name {
                    let end = name.find(['(', '<']).unwrap();
                    names.insert(name[..end].to_owned());
                }
            }
        }
    }
    names
}

/// How much a reader shows of the rows; `None` for what does not tell of any. Every public read
/// must stand here.
async fn shows(f: &Fixture, reader: &mut Reader, read: &str) -> Option<usize> {
    let register = f.project();
    let period: Period = "2021-06".parse().unwrap();
    let entry = 3;
    let count = |rows: Vec<Vec<Value>>| {
        let filled = rows.into_iter().flatten();
        filled.filter(|value| !value.is_null()).count()
    };
    Some(match read {
        // Who asks and what there may be, not what there is.
        "scope" | "may" | "dialect" | "pack" | "pack_as_of" | "shows_everything" => return None,
        // The head of the journal is on every answer as its as-of mark.
        "head" | "seq_at" | "moment_of" => return None,
        // They only write down what `select` runs.
        "of_register" | "of_kept" | "explain" => return None,
        "list" => {
            let page = reader.list(register, &ListQuery::default()).await.unwrap();
            page.records.len() + usize::try_from(page.total).unwrap()
        }
        "totals" => {
            let query = ListQuery::default();
            let (count, sums) = reader.totals(register, &query, &[7]).await.unwrap();
            usize::try_from(count).unwrap() + sums.into_iter().flatten().count()
        }
        "chunks" => {
            let query = ListQuery::default();
            let chunks = reader.chunks(register, &query).await.unwrap();
            let rows = chunks.map_ok(|chunk| chunk.records().unwrap().len());
            rows.try_fold(0, |sum, rows| async move { Ok(sum + rows) })
                .await
                .unwrap()
        }
        "record" => usize::from(reader.record(register, 1).await.unwrap().is_some()),
        "records" => reader.records(register, &[1, 2]).await.unwrap().len(),
        "evidence" => reader.evidence(register, 1).await.unwrap().len(),
        "evidence_of" => reader.evidence_of(FILE).await.unwrap().len(),
        "shows_file" => usize::from(reader.shows_file(FILE, Some(entry)).await.unwrap()),
        "record_history" => reader.record_history(register, 1).await.unwrap().len(),
        "by_key" => usize::from(reader.by_key(register, "P-1").await.unwrap().is_some()),
        "rows_by_rid" => reader.rows_by_rid(register, &[1, 2]).await.unwrap().len(),
        "rows" => streamed(reader, register, None).await.len(),
        "journal" => reader.journal(1, 10).await.unwrap().len(),
        "find_entries" => {
            let query = JournalQuery::default();
            reader.find_entries(&query).await.unwrap().len()
        }
        "entry" => usize::from(reader.entry(entry).await.unwrap().is_some()),
        "returns" => reader.returns("project", period, None).await.unwrap().len(),
        "select" => {
            let mut rows = Query::select();
            rows.column(Alias::new("code"));
            let of_rows = reader.of_register(register, rows).unwrap();
            let mut shown = count(reader.select(&of_rows, &[Type::Text]).await.unwrap());
            for kept in [
                Kept::Amounts,
                Kept::Keys,
                Kept::Distinct,
                Kept::Presence,
                Kept::Returns,
            ] {
                let column = match kept {
                    Kept::Presence | Kept::Returns => "register",
                    _ => "indicator",
                };
                let mut rows = Query::select();
                rows.column(Alias::new(column));
                let rows = reader.of_kept(kept, rows);
                let found = count(reader.select(&rows, &[Type::Text]).await.unwrap());
                shown += found;
            }
            shown
        }
        other => panic!("Reader::{other} is new: show here that it obeys the scope"),
    })
}

async fn no_read_forgets_the_scope(f: Fixture) {
    let f = f.peopled().await;
    let mut one = project("P-1");
    one.owner = "张三";
    let mut import = change("import");
    import.source = Some(SourceFile {
        digest: FILE.to_owned(),
        name: "项目.xlsx".to_owned(),
    });
    let mut writer = f.store.begin(import).await.unwrap();
    let rows = vec![one.row(), project("P-2").row()];
    writer.upsert(f.project(), rows).await.unwrap();
    writer.commit().await.unwrap();
    let attach = Submission {
        change: change("evidence"),
        pack: Arc::new(f.pack.clone()),
        register: "project".to_owned(),
        work: Work::Attach {
            record: 1,
            file: NewEvidence {
                digest: FILE.to_owned(),
                name: "项目.xlsx".to_owned(),
                kind: "text/plain".to_owned(),
                size: 1,
            },
        },
        once: None,
    };
    f.store.submit(attach).await.unwrap().unwrap();
    let mut writer = f.store.begin(change("return")).await.unwrap();
    let period: Period = "2021-06".parse().unwrap();
    writer
        .file_return(f.project(), period, "r1", ReturnKind::Filed)
        .await
        .unwrap();
    writer.commit().await.unwrap();
    let strangers = [
        f.clerk("s3"),
        f.clerk("r3"),
        f.access(&["clerk"], None, &[]),
        f.access(&["department"], None, &["visit"]),
        f.access(&["security"], None, &[]),
        Arc::new(Access::nothing()),
        // A token that may do something else.
        Arc::new(
            f.access(&["coordinator"], None, &[])
                .limited_to(&BTreeSet::from([Action::Export])),
        ),
    ];
    let reads = public_reads();
    assert!(reads.len() > 10, "{reads:?}");
    for read in &reads {
        let mut all = f.store.reader().await.unwrap();
        let there = shows(&f, &mut all, read).await;
        assert_ne!(there, Some(0), "{read} shows nothing even of everything");
        for stranger in &strangers {
            let mut reader = f.reader_of(stranger).await;
            let seen = shows(&f, &mut reader, read).await;
            assert_eq!(seen, there.map(|_| 0), "{read} for {stranger:?}");
        }
    }
}

async fn searches_and_files_are_cut_to_the_scope(f: Fixture) {
    let f = f.peopled().await;
    let mut other = project("P-2");
    (other.supporter, other.recipient) = ("s2", "r2");
    let mut import = change("import");
    import.source = Some(SourceFile {
        digest: FILE.to_owned(),
        name: "项目.xlsx".to_owned(),
    });
    let mut writer = f.store.begin(import).await.unwrap();
    let rows = vec![project("P-1").row(), other.row()];
    writer.upsert(f.project(), rows).await.unwrap();
    writer.commit().await.unwrap();
    let search = Search::new("P-", &f.pack.units);
    for indexed in [false, true] {
        if indexed {
            f.store.index("project").await.unwrap();
        }
        for (caller, expect) in [
            (f.clerk("s1"), &["P-1"][..]),
            (f.clerk("r2"), &["P-2"]),
            (f.clerk("s3"), &[]),
            (f.access(&["coordinator"], None, &[]), &["P-1", "P-2"]),
        ] {
            let query = ListQuery {
                search: search.as_ref(),
                ..ListQuery::default()
            };
            let mut reader = f.reader_of(&caller).await;
            let page = reader.list(f.project(), &query).await.unwrap();
            let mut keys: Vec<&str> = page.records.iter().map(|one| one.key.as_str()).collect();
            keys.sort_unstable();
            assert_eq!(keys, expect);
            assert_eq!(page.total, expect.len() as i64);
            let (count, _) = reader.totals(f.project(), &query, &[]).await.unwrap();
            assert_eq!(count, page.total);
            // The file tells of both rows, so only who sees both may have it.
            for entry in [Some(3), None] {
                let file = reader.shows_file(FILE, entry).await.unwrap();
                assert_eq!(file, expect.len() == 2, "{expect:?}");
            }
        }
    }
}

async fn entries_are_seen_through_the_rows_they_wrote(f: Fixture) {
    let f = f.peopled().await;
    let mut other = project("P-2");
    (other.supporter, other.recipient) = ("s2", "r2");
    let (_, first) = f.write(vec![project("P-1").row(), other.row()]).await;
    let mut again = project("P-2");
    (again.supporter, again.recipient, again.fund) = ("s2", "r2", "7");
    let (_, second) = f.write(vec![again.row()]).await;
    let clerk = f.clerk("s1");
    let mut reader = f.reader_of(&clerk).await;
    let seen = reader.entry(first.first).await.unwrap().unwrap();
    assert_eq!((seen.actor.as_str(), seen.rows), ("测试员", 0));
    assert_eq!(seen.payload, serde_json::json!({}));
    assert_eq!(reader.entry(second.first).await.unwrap(), None);
    assert_eq!(reader.entry(1).await.unwrap(), None);
    assert_eq!(reader.entry(99).await.unwrap(), None);
    let mut reader = f.reader_of(&f.access(&["coordinator"], None, &[])).await;
    let whole = reader.entry(first.first).await.unwrap().unwrap();
    assert_eq!(whole.rows, 2);
    assert_eq!(whole.payload["rids"], serde_json::json!([1, 2]));
    assert_eq!(reader.journal(1, 10).await.unwrap().len(), 4);
    assert_eq!(
        whole,
        reader.journal(first.first, first.first).await.unwrap()[0]
    );
}

async fn filed(f: &Fixture, register: &str, unit: &str) {
    let register = f.pack.register(register).unwrap();
    let mut writer = f.store.begin(change("return")).await.unwrap();
    let period = "2021-06".parse().unwrap();
    writer
        .file_return(register, period, unit, ReturnKind::Filed)
        .await
        .unwrap();
    writer.commit().await.unwrap();
}

async fn returns_are_told_to_both_sides(f: Fixture) {
    let f = f.peopled().await;
    for unit in ["r1", "r2", "r3"] {
        filed(&f, "project", unit).await;
    }
    filed(&f, "statistic", "s3").await;
    for (unit, expect) in [
        ("s1", vec!["r1"]),
        ("s2", vec!["r1", "r2"]),
        ("r3", vec!["r3"]),
        ("s3", vec![]),
    ] {
        let mut reader = f.reader_of(&f.clerk(unit)).await;
        let period = "2021-06".parse().unwrap();
        let returns = reader.returns("project", period, None).await.unwrap();
        let units: Vec<&str> = returns.iter().map(|filed| filed.unit.as_str()).collect();
        assert_eq!(units, expect, "{unit}");
        let mut select = Query::select();
        select
            .column(Alias::new("unit"))
            .and_where(sea_query::ExprTrait::eq(
                sea_query::Expr::col(Alias::new("register")),
                "project",
            ))
            .order_by(Alias::new("unit"), sea_query::Order::Asc);
        let select = reader.of_kept(Kept::Returns, select);
        let rows = reader.select(&select, &[Type::Text]).await.unwrap();
        let units: Vec<Value> = rows.into_iter().flatten().collect();
        let expect: Vec<Value> = expect
            .iter()
            .map(|&unit| Value::Text(unit.to_owned()))
            .collect();
        assert_eq!(units, expect, "{unit}");
        // What the city has filed is told to whoever sees the register.
        assert_eq!(
            reader
                .returns("statistic", period, None)
                .await
                .unwrap()
                .len(),
            1
        );
    }
    let department = f.access(&["department"], None, &["project"]);
    let mut reader = f.reader_of(&department).await;
    let period = "2021-06".parse().unwrap();
    assert_eq!(
        reader.returns("project", period, None).await.unwrap().len(),
        3
    );
    assert!(
        reader
            .returns("statistic", period, None)
            .await
            .unwrap()
            .is_empty()
    );
}

/// Rollups by pair add up to the rows that are seen.
async fn summaries_are_cut_to_the_scope(f: Fixture) {
    let f = f.peopled().await;
    let mut rows = Vec::new();
    let sides = ["", "s1", "s2", "s3"];
    for (nth, supporter) in sides.iter().enumerate() {
        for (mth, recipient) in ["", "r1", "r2", "r3"].iter().enumerate() {
            let mut row = project(&format!("P-{nth}{mth}"));
            (row.supporter, row.recipient) = (supporter, recipient);
            row.owner = "张三";
            rows.push(row.row());
        }
    }
    f.write(rows).await;
    for access in f.callers() {
        let scope = access.scope(Action::Read, "project");
        let expect = sides
            .iter()
            .flat_map(|supporter| ["", "r1", "r2", "r3"].map(|recipient| (supporter, recipient)))
            .filter(|(supporter, recipient)| scope.admits_sides(supporter, recipient))
            .count();
        let mut reader = f.reader_of(&access).await;
        for (kept, what, is) in [
            (Kept::Amounts, "indicator", "N-ISSUED"),
            (Kept::Keys, "indicator", "N-OWNERS"),
            (Kept::Presence, "register", "project"),
        ] {
            let mut select = Query::select();
            select
                .expr(sea_query::Expr::cust("CAST(coalesce(sum(n), 0) AS BIGINT)"))
                .and_where(sea_query::ExprTrait::eq(
                    sea_query::Expr::col(Alias::new(what)),
                    is,
                ));
            let select = reader.of_kept(kept, select);
            let rows = reader.select(&select, &[Type::Int]).await.unwrap();
            let expect = i64::try_from(expect).unwrap();
            assert_eq!(rows, [[Value::Int(expect)]], "{kept:?} {scope:?}");
        }
        // Distinct keys: whole cuts only for those who see everything; others get them by pair,
        // and of their own side.
        let mut select = Query::select();
        select
            .distinct()
            .columns(["cut", "supporter", "recipient"].map(Alias::new));
        let select = reader.of_kept(Kept::Distinct, select);
        let rows = reader.select(&select, &[Type::Text; 3]).await.unwrap();
        for row in &rows {
            let [cut, supporter, recipient] = [0, 1, 2].map(|nth| row[nth].as_text().unwrap());
            let own = |unit| match scope {
                Scope::All => true,
                Scope::Links { units, .. } => units.contains(unit),
                Scope::Nothing => false,
            };
            let shown = match cut {
                "link" => scope.admits_sides(supporter, recipient),
                "supporter" => own(supporter),
                "recipient" => own(recipient),
                _ => *scope == Scope::All,
            };
            assert!(shown, "{row:?} {scope:?}");
        }
        let cuts: BTreeSet<&str> = rows.iter().map(|row| row[0].as_text().unwrap()).collect();
        let cuts = cuts.len();
        let expect = match scope {
            Scope::All => 4,
            Scope::Links { .. } if expect > 0 => 2,
            _ => 0,
        };
        assert_eq!(cuts, expect, "{scope:?}");
    }
}
