//! What processes cost: to start, to keep, to import and to export with.

use std::path::Path;
use std::time::Duration;

use super::mechanism::{Mechanism, found, write_csv};
use super::{Bench, FEW, MANY, PARTS, Wanted, open};
use crate::measure::Samples;
use crate::report::{Aim, Report};
use crate::{Failure, load, machine, sample};

impl Bench<'_> {
    /// What a process costs to start and to keep.
    pub async fn processes(&mut self) -> Result<(), Failure> {
        let data = self.data.clone();
        let opened = sample!(FEW, {
            let store = open(&data).await?;
            store.pack().await?;
            store.close().await;
        });
        self.report.time(
            "open the store and its pack",
            self.size,
            0,
            &opened,
            None,
            Aim::None,
        );
        let Some(qipan) = machine::qipan() else {
            self.report
                .note("Cold start and idle memory were not measured: build `qipan` first.");
            return Ok(());
        };
        let data = data.display().to_string();
        let most = Duration::from_millis(300);
        let version = sample!(MANY, machine::run(&qipan, &["--version"])?);
        self.report.time(
            "cold start: `qipan --version`",
            self.size,
            0,
            &version,
            None,
            Aim::Below(most),
        );
        let figures = [
            "--data", &data, "figures", "--period", "2021H1", "--by", "group",
        ];
        let figures = sample!(MANY, machine::run(&qipan, &figures)?);
        self.report.time(
            "cold start: `qipan figures --by group`, to its end",
            self.size,
            0,
            &figures,
            None,
            Aim::Below(most),
        );
        match machine::serve(&qipan, &data) {
            Ok((started, idle, after)) => {
                let started = Samples::of(vec![started]);
                self.report.time(
                    "cold start: `qipan serve`, until it answers",
                    self.size,
                    0,
                    &started,
                    None,
                    Aim::Below(most),
                );
                let aim = Aim::Memory { most: 60.0 };
                self.report
                    .memory("idle memory of `qipan serve`", self.size, idle, aim);
                self.report
                    .memory("… after a page was asked for", self.size, after, aim);
            }
            Err(error) => self
                .report
                .note(format!("`qipan serve` was not measured: {error}")),
        }
        Ok(())
    }

    /// The API under load, on the largest size.
    pub async fn load(&mut self, wanted: &Wanted) -> Result<(), Failure> {
        if !PARTS
            .iter()
            .any(|part| part.starts_with("load-") && wanted.has(part))
        {
            return Ok(());
        }
        match machine::qipan() {
            Some(qipan) => {
                let load = load::Load {
                    wanted,
                    data: &self.data,
                    size: self.size,
                };
                let measured = load.measure(&qipan, self.report).await;
                // The rest of the table is worth keeping all the same.
                if let Err(error) = measured {
                    self.report.note(format!(
                        "The API under load was not measured to its end: {error}"
                    ));
                }
                Ok(())
            }
            None => {
                self.report
                    .note("The API under load was not measured: build `qipan` first.");
                Ok(())
            }
        }
    }
}

/// The memory that imports take, each in a process of its own.
pub fn memory(
    mechanism: &Mechanism,
    folder: &Path,
    sizes: &[usize],
    report: &mut Report,
) -> Result<(), Failure> {
    for &size in sizes {
        let file = write_csv(&mechanism.pack, found("consumption")?, size, folder)?;
        let data = folder.join("memory");
        let aim = Aim::Memory { most: 200.0 };
        let peak = machine::peak_of("import", &data, &file)?;
        report.memory(
            "most memory of a CSV import, `consumption`",
            size,
            peak,
            aim,
        );
        let peak = machine::peak_of("export", &data, &file)?;
        report.memory(
            "most memory of a CSV export, `consumption`",
            size,
            peak,
            aim,
        );
        std::fs::remove_dir_all(&data)?;
    }
    Ok(())
}
