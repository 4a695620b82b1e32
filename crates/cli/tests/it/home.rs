//! Data folders to try things in, and the program run in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::Connection;
use tempfile::TempDir;

/// Makes each test run on both databases.
macro_rules! both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name($crate::home::Database::Sqlite); })+
        }
        mod postgres {
            $(#[test] fn $name() {
                if $crate::home::server().is_some() {
                    super::$name($crate::home::Database::Postgres);
                }
            })+
        }
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// The server on which databases may be made.
pub fn server() -> Option<String> {
    let server = std::env::var("TEST_DATABASE_URL").ok();
    assert!(
        server.is_some() || std::env::var_os("CI").is_none(),
        "TEST_DATABASE_URL must be set in CI: PostgreSQL is tested too"
    );
    server
}

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A sample file of the sheets crate.
pub fn sample(name: &str) -> PathBuf {
    root().join("crates/sheets/tests/data").join(name)
}

/// How a run of the program ended.
#[derive(Debug, Clone)]
pub struct Run {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Ended with this status, without a word of a panic.
    #[track_caller]
    pub fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        for word in ["panicked", "RUST_BACKTRACE", "unwrap()"] {
            assert!(
                !self.err.contains(word) && !self.out.contains(word),
                "{}",
                self.err
            );
        }
        self
    }

    /// The answer as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// A data folder with a database of its own and a place for files.
pub struct Home {
    dir: TempDir,
    pub url: Option<String>,
}

impl Home {
    /// Nothing in it yet.
    pub fn empty(database: Database) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = (database == Database::Postgres).then(|| create(None));
        Self { dir, url }
    }

    /// With the Chongqing pack applied.
    pub fn with_pack(database: Database) -> Self {
        static MADE: [OnceLock<Template>; 2] = [const { OnceLock::new() }; 2];
        MADE[database as usize]
            .get_or_init(|| {
                Template::make("pack", database, |home| {
                    home.run(&[
                        "init",
                        "--pack",
                        root().join("packs/chongqing").to_str().unwrap(),
                    ])
                })
            })
            .copy()
    }

    /// After `qipan demo --no-serve`.
    pub fn demo(database: Database) -> Self {
        demo_template(database).copy()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A file beside the data folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file beside the data folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.file(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The program with its options, ready to be started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qipan"));
        command
            .env_remove("QIPAN_DATA")
            .env_remove("QIPAN_DB")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .arg("--data")
            .arg(self.data());
        if let Some(url) = &self.url {
            command.args(["--db", url]);
        }
        command.args(args);
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Run {
        let output = self.command(args).output().unwrap();
        Run {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs the program, which must do well.
    #[track_caller]
    pub fn good(&self, args: &[&str]) -> Run {
        self.run(args).ends(0)
    }

    /// The answer of a run that must do well, as JSON.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        self.good(args).json()
    }

    /// A register as CSV.
    #[track_caller]
    pub fn csv(&self, register: &str) -> String {
        self.export(register, &[])
    }

    /// A register as CSV, with more options.
    #[track_caller]
    pub fn export(&self, register: &str, more: &[&str]) -> String {
        let out = self.file(&format!("{register}-export.csv"));
        let mut args = vec![
            "export",
            register,
            "--format",
            "csv",
            "-o",
            out.to_str().unwrap(),
        ];
        args.extend(more);
        self.good(&args);
        fs::read_to_string(out).unwrap()
    }

    /// `verify --json`, which must find everything in order: its head.
    #[track_caller]
    pub fn verified(&self) -> (i64, String) {
        let report = self.json(&["verify", "--json"]);
        assert_eq!(report["ok"], Value::Bool(true), "{report:#}");
        (
            report["entries"].as_i64().unwrap(),
            report["head"].as_str().unwrap().to_owned(),
        )
    }

    /// The figures of a period by indicator, whole.
    #[track_caller]
    pub fn figure(&self, indicator: &str, more: &[&str]) -> Option<Decimal> {
        let mut args = vec!["figures", "--format", "json"];
        args.extend(more);
        let figures = self.json(&args);
        let figure = items(&figures)
            .iter()
            .find(|figure| figure["indicator"] == *indicator);
        number(&figure.unwrap()["value"])
    }
}

/// The elements of a list.
#[track_caller]
pub fn items(list: &Value) -> &[Value] {
    list.as_array().unwrap_or_else(|| panic!("no list: {list}"))
}

/// A JSON number digit by digit; `None` for null.
#[track_caller]
pub fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Null => None,
        Value::Number(number) => Some(number.to_string().parse().unwrap()),
        other => panic!("no number: {other}"),
    }
}

/// The rows of a CSV text, without its head, as columns by name.
pub fn column<'t>(csv: &'t str, name: &str) -> Vec<&'t str> {
    let mut lines = csv.trim_start_matches('\u{feff}').lines();
    let nth = lines
        .next()
        .unwrap()
        .split(',')
        .position(|head| head == name)
        .unwrap();
    lines
        .map(|line| line.split(',').nth(nth).unwrap())
        .collect()
}

/// The sum of a column of decimals; empty cells count nothing.
pub fn total(csv: &str, name: &str) -> Decimal {
    column(csv, name)
        .iter()
        .filter(|cell| !cell.is_empty())
        .map(|cell| cell.parse::<Decimal>().unwrap())
        .sum()
}

/// What `demo --no-serve` said when the template was made.
pub fn demo_run(database: Database) -> &'static Run {
    &demo_template(database).run
}

fn demo_template(database: Database) -> &'static Template {
    static MADE: [OnceLock<Template>; 2] = [const { OnceLock::new() }; 2];
    MADE[database as usize]
        .get_or_init(|| Template::make("demo", database, |home| home.run(&["demo", "--no-serve"])))
}

/// A home that is made once and copied.
struct Template {
    home: Home,
    run: Run,
}

impl Template {
    fn make(name: &str, database: Database, fill: impl FnOnce(&Home) -> Run) -> Self {
        // A static is never dropped: the folder bears our process's number, and whoever comes
        // later clears away those of processes that are gone.
        let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
        fs::create_dir_all(place).unwrap();
        for old in fs::read_dir(place).unwrap().flatten() {
            let old_name = old.file_name().to_string_lossy().into_owned();
            let owner = old_name
                .strip_prefix("it-")
                .and_then(|rest| rest.split('-').next());
            if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
                // Two of us may clear the same folder.
                let _ = fs::remove_dir_all(old.path());
            }
        }
        let dir = tempfile::Builder::new()
            .prefix(&format!("it-{}-{name}-", std::process::id()))
            .tempdir_in(place)
            .unwrap();
        let url = (database == Database::Postgres).then(|| create(None));
        let home = Home { dir, url };
        let run = fill(&home);
        // A demo that finds something wrong is for the test of the demo to tell; its data is there.
        assert!(matches!(run.status, 0 | 1), "{}\n{}", run.out, run.err);
        Self { home, run }
    }

    fn copy(&self) -> Home {
        let dir = tempfile::tempdir().unwrap();
        copy_dir(self.home.dir.path(), dir.path());
        let url = self.home.url.as_deref().map(|url| create(Some(url)));
        Home { dir, url }
    }
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Makes a database on the server, empty or as a copy; gives its address.
fn create(template: Option<&str>) -> String {
    static NTH: AtomicUsize = AtomicUsize::new(0);
    static ONE_BY_ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let server = server().unwrap();
    let nth = NTH.fetch_add(1, Ordering::Relaxed);
    let name = format!("qipan_it_{}_{nth}", std::process::id());
    let (base, options) = server.split_once('?').unwrap_or((&server, ""));
    let base = base.rsplit_once('/').unwrap().0;
    let after = |url: &str| {
        let plain = url.split('?').next().unwrap();
        plain.rsplit_once('/').unwrap().1.to_owned()
    };
    let like = template
        .map(|url| format!(" TEMPLATE {}", after(url)))
        .unwrap_or_default();
    // A template may have no guests, not even another copy under way.
    let _turn = ONE_BY_ONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    block(async {
        let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
        let mut tries = 0;
        loop {
            let sql = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}{like}"));
            match sqlx::query(sql).execute(&mut connection).await {
                Ok(_) => break,
                // The last run's connections may not be gone yet.
                Err(error) if tries > 50 => panic!("{error}"),
                Err(_) => tries += 1,
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        connection.close().await.unwrap();
    });
    let options = if options.is_empty() {
        String::new()
    } else {
        format!("?{options}")
    };
    format!("{base}/{name}{options}")
}

/// Waits for a future.
pub fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// The pack as the product reads it.
pub fn pack() -> &'static qipan_model::Pack {
    static PACK: OnceLock<qipan_model::Pack> = OnceLock::new();
    PACK.get_or_init(|| {
        let source = qipan_pack::Source::read_dir(&root().join("packs/chongqing")).unwrap();
        qipan_pack::check(&source).pack.unwrap()
    })
}
