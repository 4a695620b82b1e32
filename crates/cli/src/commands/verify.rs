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
            printer.result(printer.say(
                format!("日志第 {} 条：{}", broken.seq, broken.what),
                format!("entry {}: {}", broken.seq, broken.what_en),
            ));
        }
        let (entries, broken) = (report.entries, report.broken.len());
        printer.result(if report.ok {
            printer.say(
                format!("日志链完好：{entries} 条，末条 {}", report.head),
                format!("the journal holds: {entries} entries, head {}", report.head),
            )
        } else {
            printer.say(
                format!("日志链不符：共 {broken} 处，最早的一处列在最前"),
                format!("the journal is broken in {broken} places, the first one listed first"),
            )
        });
    }
    Ok(if report.ok { 0 } else { FOUND })
}
