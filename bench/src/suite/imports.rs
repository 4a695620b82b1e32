//! Imports of files, beside bare inserts.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;
use qipan_model::Pack;
use qipan_store::Store;

use super::mechanism::{count_lines, found, import, write_csv};
use super::{Bench, FEW, FIXED, Mechanism};
use crate::generate::{Cell, SPECS, Spec};
use crate::measure::{Samples, Watch};
use crate::report::Aim;
use crate::{Failure, raw};

/// Imports a file into a new store, for the memory that it takes.
pub async fn import_alone(data: &Path, file: &Path) -> Result<(), Failure> {
    let mechanism = Mechanism::read()?;
    let store = mechanism.store(None, data).await?;
    let rows = count_lines(file)? - 1;
    import(&store, &mechanism.pack, found("consumption")?, file, rows).await?;
    store.close().await;
    Ok(())
}

impl Bench<'_> {
    /// CSV imports of the two large registers, beside bare inserts; then everything else. Gives
    /// the filled store.
    pub async fn imports(&mut self) -> Result<Store, Failure> {
        let pack = Arc::clone(self.pack());
        let large = [found("consumption")?, found("project")?];
        let mut files = Vec::new();
        for spec in large {
            files.push(write_csv(&pack, spec, self.size, &self.folder)?);
        }
        let mut ours = [Vec::new(), Vec::new()];
        let mut bare = [Vec::new(), Vec::new()];
        let mut kept = None;
        for round in 0..self.rounds {
            let last = round + 1 == self.rounds;
            let data = if last {
                self.data.clone()
            } else {
                self.folder.join(format!("data-{round}"))
            };
            let store = self.mechanism.store(None, &data).await?;
            for nth in 0..large.len() {
                ours[nth].push(import(&store, &pack, large[nth], &files[nth], self.size).await?);
                let path = self.folder.join(format!("raw-{round}-{nth}.db"));
                let pool = raw::open(&path).await?;
                let register = pack.register(large[nth].register).ok_or("register")?;
                bare[nth].push(raw::insert_sqlite(&pool, register, large[nth], self.size).await?);
                pool.close().await;
                std::fs::remove_file(&path)?;
            }
            if last {
                kept = Some(store);
            } else {
                store.close().await;
                std::fs::remove_dir_all(&data)?;
            }
        }
        let store = kept.ok_or("no round was run")?;
        for (nth, (ours, bare)) in ours.into_iter().zip(bare).enumerate() {
            let what = format!(
                "CSV import, `{}`, {} columns",
                large[nth].register,
                large[nth].columns.len()
            );
            let aim = Aim::Rate {
                per_second: 60_000.0,
                ratio: 4.0,
            };
            let (ours, bare) = (Samples::of(ours), Samples::of(bare));
            self.report
                .time(&what, self.size, self.size, &ours, Some(&bare), aim);
        }
        let mut again = Vec::new();
        for _ in 0..self.rounds {
            again.push(import(&store, &pack, large[0], &files[0], self.size).await?);
        }
        let again = Samples::of(again);
        self.report.time(
            "the same `consumption` CSV again, unchanged",
            self.size,
            self.size,
            &again,
            None,
            Aim::None,
        );
        for spec in SPECS
            .iter()
            .filter(|spec| !large.iter().any(|one| one.register == spec.register))
        {
            let rows = spec.rows(self.size);
            let file = write_csv(&pack, spec, rows, &self.folder)?;
            import(&store, &pack, spec, &file, rows).await?;
        }
        let watch = Watch::start();
        let verified = store.verify().await?;
        if !verified.ok {
            return Err(format!("verify: {:?}", verified.broken.first()).into());
        }
        let took = Samples::of(vec![watch.stop()]);
        self.report.time(
            "verify (journal, every row, checkpoints)",
            self.size,
            0,
            &took,
            None,
            Aim::None,
        );
        Ok(store)
    }

    /// A workbook of projects, as Excel writes it (shared strings).
    pub async fn workbook(&mut self) -> Result<(), Failure> {
        let pack = Arc::clone(self.pack());
        let spec = found("project")?;
        let register = pack.register("project").ok_or("project")?;
        let path = self.folder.join("project.xlsx");
        write_workbook(&pack, spec, FIXED, &path)?;
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for round in 0..FEW {
            let data = self.folder.join(format!("workbook-{round}"));
            let store = self.mechanism.store(None, &data).await?;
            ours.push(import(&store, &pack, spec, &path, FIXED).await?);
            store.close().await;
            std::fs::remove_dir_all(&data)?;
            let raw_path = self.folder.join(format!("workbook-{round}.db"));
            let pool = raw::open(&raw_path).await?;
            bare.push(raw::insert_sqlite(&pool, register, spec, FIXED).await?);
            pool.close().await;
        }
        self.report.time(
            "XLSX import, `project`, 18 columns",
            FIXED,
            FIXED,
            &Samples::of(ours),
            Some(&Samples::of(bare)),
            Aim::Below(Duration::from_secs(6)),
        );
        Ok(())
    }
}

fn write_workbook(pack: &Pack, spec: &Spec, rows: usize, path: &Path) -> Result<(), Failure> {
    let register = pack.register(spec.register).ok_or("register")?;
    let mut book = rust_xlsxwriter::Workbook::new();
    let days = rust_xlsxwriter::Format::new().set_num_format("yyyy/m/d");
    let sheet = book.add_worksheet();
    for (column, head) in (0_u16..).zip(spec.heads(register)) {
        sheet.write(0, column, head)?;
    }
    for row in 0..rows {
        let line = u32::try_from(row + 1)?;
        for (column, cell) in (0_u16..).zip(spec.row(row)) {
            #[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53")]
            match cell {
                Cell::Null => continue,
                Cell::Text(text) => sheet.write(line, column, text)?,
                Cell::Unit(_, name) => sheet.write(line, column, name)?,
                Cell::Int(number) => sheet.write(line, column, number as f64)?,
                Cell::Money(fen) => sheet.write(line, column, fen as f64 / 100.0)?,
                Cell::Day(day) => {
                    let serial = (day - date(1899, 12, 30)).get_days();
                    sheet.write_number_with_format(line, column, f64::from(serial), &days)?
                }
                Cell::Flag(truth) => sheet.write(line, column, if truth { "是" } else { "否" })?,
            };
        }
    }
    book.save(path)?;
    Ok(())
}
