//! `qipan verify`: walks the journal and every row.

use crate::args::{Global, Verify};
use crate::failure::{FOUND, Failure};
use crate::printer::Printer;
use crate::session::Session;

/// Verifies the whole store.
pub async fn run(global: &Global, args: &Verify, printer: Printer) -> Result<u8, Failure> {
    let session = Session::open(global, printer).await?;
    let report = session.store.verify().await?;
    if args.json {
        printer.result(serde_json::to_string_pretty(&report)?);
    } else {
        for broken in &report.broken {
            printer.result(format!("第 {} 条：{}", broken.seq, broken.what));
        }
        printer.result(if report.ok {
            format!("日志链完好：{} 条，末条 {}", report.entries, report.head)
        } else {
            format!("日志链不符：共 {} 处，第一处见上", report.broken.len())
        });
    }
    Ok(if report.ok { 0 } else { FOUND })
}
