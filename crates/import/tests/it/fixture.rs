//! A store with the Chongqing pack, and files for it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use qipan_import::{Error, File, Options, Report, Watch, import_watched};
use qipan_model::{Access, Pack};
use qipan_pack::Source;
use qipan_store::{Change, Clock, Store};
use tempfile::TempDir;

pub const TODAY: Date = date(2021, 7, 10);

struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

pub struct Trial {
    pub store: Store,
    pub pack: Arc<Pack>,
    pub dir: TempDir,
}

/// Looks at nothing.
pub struct Blind;
impl Watch for Blind {}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

pub fn change() -> Change {
    Change {
        actor: "测试员".to_owned(),
        reason: "试验".to_owned(),
        action: "import".to_owned(),
        ..Change::default()
    }
}

impl Trial {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Ticking(AtomicI64::new(1_625_900_000)));
        let store = Store::open(None, dir.path(), clock).await.unwrap();
        let source = Source::read_dir(&root().join("packs/chongqing")).unwrap();
        let checked = qipan_pack::check(&source);
        store
            .apply_pack(&source, &checked.pack.unwrap(), &checked.renames, change())
            .await
            .unwrap();
        let pack = store.pack().await.unwrap().unwrap();
        Self { store, pack, dir }
    }

    /// The access of an account.
    pub fn of(&self, role: &str, unit: Option<&str>, registers: &[&str]) -> Arc<Access> {
        let registers: BTreeSet<String> = registers.iter().map(|&id| id.to_owned()).collect();
        Arc::new(Access::new(&self.pack, &[role], unit, &registers, TODAY))
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub async fn run(
        &self,
        path: &Path,
        options: &Options,
        watch: &mut dyn Watch,
    ) -> Result<Report, Error> {
        let name = path.file_name().unwrap().to_str().unwrap();
        let file = File { path, name };
        import_watched(
            &self.store,
            &self.pack,
            file,
            options,
            change(),
            TODAY,
            None,
            watch,
        )
        .await
    }

    pub async fn import(&self, path: &Path, options: &Options) -> Report {
        self.run(path, options, &mut Blind).await.unwrap()
    }

    /// Projects that stand, by key.
    pub async fn keys(&self) -> Vec<String> {
        let mut reader = self.store.reader().await.unwrap();
        let register = self.pack.register("project").unwrap();
        let query = qipan_store::ListQuery {
            limit: 1000,
            ..qipan_store::ListQuery::default()
        };
        let page = reader.list(register, &query).await.unwrap();
        let mut keys: Vec<String> = page.records.into_iter().map(|record| record.key).collect();
        keys.sort();
        keys
    }

    pub async fn head(&self) -> i64 {
        let reader = self.store.reader().await.unwrap();
        reader.head().seq
    }
}

/// A CSV file of projects: code, supporter, recipient, name, fund in 元.
pub fn projects(rows: &[[&str; 5]]) -> String {
    let mut text = String::from(
        "项目编号,项目名称,帮扶区县,受援区县,总投资（元）,帮扶资金（元）,下达日期,项目状态\n",
    );
    for [code, supporter, recipient, name, fund] in rows {
        text += &format!("{code},{name},{supporter},{recipient},90000000,{fund},2021-03-18,前期\n");
    }
    text
}

/// `cell code` of every error.
pub fn errors(report: &Report) -> Vec<String> {
    report
        .problems
        .iter()
        .filter(|problem| problem.severity == qipan_model::Severity::Error)
        .map(|problem| format!("{} {}", problem.cell, problem.code))
        .collect()
}

/// read, inserted, updated, unchanged, rejected of the only register.
#[track_caller]
pub fn counts(report: &Report) -> [u64; 5] {
    let [register] = &report.registers[..] else {
        panic!("{report:#?}")
    };
    [
        register.read,
        register.inserted,
        register.updated,
        register.unchanged,
        register.rejected,
    ]
}
