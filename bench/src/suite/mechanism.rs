//! The mechanism that is measured: its pack, its stores, files that fill them.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use qipan_model::Pack;
use qipan_pack::{Checked, Source};
use qipan_store::{Change, Clock, Store};

use crate::Failure;
use crate::generate::{Spec, TODAY, spec};
use crate::measure::Watch;

/// A clock that ticks by itself: no run depends on the day it is made on.
#[derive(Debug, Default)]
pub struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        let second = 1_640_000_000 + self.0.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

pub fn change(action: &str) -> Change {
    Change {
        actor: "bench".to_owned(),
        reason: "measure".to_owned(),
        action: action.to_owned(),
        source: None,
        origin: String::new(),
    }
}

/// The pack as its files and as the model.
pub struct Mechanism {
    source: Source,
    checked: Checked,
    pub pack: Arc<Pack>,
}

impl Mechanism {
    /// Reads the pack of the repository.
    pub fn read() -> Result<Self, Failure> {
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

    /// A new store under this pack.
    pub async fn store(&self, url: Option<&str>, data: &Path) -> Result<Store, Failure> {
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

pub async fn import(
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

pub fn count_lines(file: &Path) -> Result<usize, Failure> {
    use std::io::BufRead as _;
    let mut reader = std::io::BufReader::new(File::open(file)?);
    let (mut line, mut count) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut line)? > 0 {
        count += 1;
        line.clear();
    }
    Ok(count)
}

pub fn write_csv(pack: &Pack, spec: &Spec, rows: usize, folder: &Path) -> Result<PathBuf, Failure> {
    let path = folder.join(format!("{}-{rows}.csv", spec.register));
    let mut out = BufWriter::with_capacity(1 << 16, File::create(&path)?);
    spec.write_csv(pack, rows, &mut out)?;
    out.flush()?;
    Ok(path)
}

pub fn found(register: &'static str) -> Result<&'static Spec, Failure> {
    spec(register).ok_or_else(|| format!("no generated {register}").into())
}
