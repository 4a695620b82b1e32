//! Exports of the sales register.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use qipan_model::Pack;
use qipan_sheets::write::{ExportFormat, ExportOptions, Exporter};
use qipan_store::{Chunk, ListQuery, Store};
use tokio::sync::mpsc::channel;
use tokio::task::spawn_blocking;

use super::{Bench, FEW, open};
use crate::generate::TODAY;
use crate::report::Aim;
use crate::{Failure, raw, sample};

/// Exports what was imported, for the memory that it takes.
pub async fn export_alone(data: &Path, file: &Path) -> Result<(), Failure> {
    let store = open(data).await?;
    let pack = store.pack().await?.ok_or("no pack")?;
    export(&store, &pack, ExportFormat::Csv, file).await
}

impl Bench<'_> {
    /// Exports of the sales register.
    pub async fn exports(&mut self, store: &Store) -> Result<(), Failure> {
        let pack = Arc::clone(self.pack());
        let bare = self.bare().await?;
        let path = self.folder.join("export");
        let raw = sample!(FEW, {
            let mut out = BufWriter::with_capacity(1 << 16, File::create(&path)?);
            raw::export(&bare, "consumption", &mut out).await?;
            out.flush()?;
        });
        bare.close().await;
        for (what, format, most) in [
            ("CSV", ExportFormat::Csv, Duration::from_millis(600)),
            ("XLSX", ExportFormat::Xlsx, Duration::from_secs(6)),
        ] {
            let ours = sample!(FEW, {
                export(store, &pack, format, &path).await?;
            });
            let raw = (format == ExportFormat::Csv).then_some(&raw);
            self.report.time(
                &format!("export `consumption` as {what}"),
                self.size,
                self.size,
                &ours,
                raw,
                Aim::Below(most),
            );
        }
        Ok(())
    }
}

/// Writes the sales register to a file.
async fn export(
    store: &Store,
    pack: &Arc<Pack>,
    format: ExportFormat,
    path: &Path,
) -> Result<(), Failure> {
    let register = pack.register("consumption").ok_or("consumption")?;
    let options = ExportOptions {
        period: None,
        day: TODAY,
        personal: true,
    };
    let out = BufWriter::with_capacity(1 << 16, File::create(path)?);
    let (sender, mut chunks) = channel::<Result<Chunk, qipan_store::Error>>(2);
    let writing = {
        let pack = Arc::clone(pack);
        spawn_blocking(move || {
            let register = pack.register("consumption").ok_or("consumption")?;
            let mut exporter = Exporter::begin(register, &pack.units, format, options, out)?;
            while let Some(chunk) = chunks.blocking_recv() {
                for record in chunk?.records()? {
                    exporter.row(&record)?;
                }
            }
            exporter.finish()?;
            Ok::<_, Failure>(())
        })
    };
    let mut reader = store.reader().await?;
    let mut rows = reader.chunks(register, &ListQuery::default()).await?;
    while let Some(chunk) = rows.next().await {
        if sender.send(chunk).await.is_err() {
            break;
        }
    }
    drop(sender);
    writing.await?
}
