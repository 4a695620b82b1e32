//! `qipan explain`: a figure opened down to its rows.

use qipan_figures::Explanation;

use crate::args::{Explain, Global};
use crate::failure::Failure;
use crate::printer::{Printer, table};
use crate::session::Session;

/// Most rows printed for people; `--json` gives all.
const SHOWN: usize = 20;

/// Opens a figure.
pub async fn run(global: &Global, args: &Explain, printer: Printer) -> Result<u8, Failure> {
    let session = Session::open(global, printer).await?;
    let pack = session.pack().await?;
    let mut engine = session.engine(&pack, args.as_of.as_deref()).await?;
    let explanation = engine.explain(&args.indicator, args.period).await?;
    if args.json {
        printer.result(serde_json::to_string_pretty(&explanation)?);
    } else {
        print(&explanation, printer);
    }
    Ok(0)
}

fn print(explanation: &Explanation, printer: Printer) {
    let Explanation { figure, definition, sql, missing, total, rows, parts } = explanation;
    printer.result(format!("{} {}：{}", figure.indicator, figure.name, figure.display));
    printer.result(format!("  口径（第{}版）：{}", definition.version, definition.definition));
    printer.result(format!(
        "  时间：{}，{} 至 {}",
        definition.time,
        if definition.window[0].is_empty() { "起始" } else { &definition.window[0] },
        definition.window[1]
    ));
    printer.result(format!("  归口：{}　条款：{}", definition.owner, definition.clause));
    if !definition.remark.is_empty() {
        printer.result(format!("  说明：{}", definition.remark));
    }
    printer.result(format!(
        "  覆盖：已报 {}/{}{}",
        figure.coverage.reported,
        figure.coverage.due,
        if missing.is_empty() { String::new() } else { format!("，未报：{}", missing.join("、")) }
    ));
    printer.result(format!("  截至：{}", figure.as_of));
    for statement in sql {
        printer.result(format!("  SQL：{statement}"));
    }
    if !rows.is_empty() {
        let lines: Vec<Vec<String>> = rows
            .iter()
            .take(SHOWN)
            .map(|row| {
                vec![
                    row.register.clone(),
                    row.key.clone(),
                    format!("第{}版", row.rev),
                    if row.counted { "计入" } else { "未确认" }.to_owned(),
                    format!("#{}", row.entry),
                    format!("{} {}", row.source.get(..12).unwrap_or("手工录入"), row.place),
                ]
            })
            .collect();
        printer.result(table(&["台账", "编号", "版本", "状态", "日志", "来源"], &lines));
        printer.result(format!("  共 {total} 行{}", if *total > SHOWN { "，全部见 --json" } else { "" }));
    }
    for part in parts {
        print(part, printer);
    }
}
