//! `qipan explain`: a figure opened down to its rows.

use qipan_figures::{Explanation, MOST_ROWS};

use crate::args::{Explain, Global};
use crate::failure::Failure;
use crate::printer::{Printer, table};
use crate::session::Session;

/// Most rows printed for people; `--json` gives all.
const SHOWN: usize = 20;

/// Opens a figure.
pub async fn run(global: &Global, args: &Explain, printer: Printer) -> Result<u8, Failure> {
    let session = Session::open(global, printer).await?;
    let (pack, view) = session.view(args.as_of.as_deref()).await?;
    let mut engine = view.engine(&pack).await?;
    let explanation = engine
        .explain(&args.indicator, args.period, 0..MOST_ROWS)
        .await?;
    if args.json {
        printer.result(serde_json::to_string_pretty(&explanation)?);
    } else {
        print(&explanation, printer);
    }
    Ok(0)
}

fn print(explanation: &Explanation, printer: Printer) {
    let Explanation {
        figure,
        definition,
        sql,
        missing,
        total,
        counted: _,
        rows,
        parts,
    } = explanation;
    let (colon, apart) = printer.say(("：", "　"), (": ", "; "));
    let line = |name: &str, words: &str| printer.result(format!("  {name}{colon}{words}"));
    let name = printer.named(&definition.name, &definition.name_en);
    printer.result(format!(
        "{} {name}{colon}{}",
        figure.indicator, figure.display
    ));
    line(
        &format!(
            "{} v{}",
            printer.say("口径", "Definition"),
            definition.version
        ),
        printer.named(&definition.definition, &definition.definition_en),
    );
    let time = printer.named(&definition.time, &definition.time_en);
    let [from, to] = &definition.window;
    line(printer.say("时间", "Time"), &format!("{time} {from}..{to}"));
    line(
        printer.say("归口", "Owner"),
        printer.named(&definition.owner, &definition.owner_en),
    );
    line(printer.say("条款", "Clause"), &definition.clause);
    if !definition.remark.is_empty() {
        line(
            printer.say("说明", "Remark"),
            printer.named(&definition.remark, &definition.remark_en),
        );
    }
    let mut filed = format!("{}/{}", figure.coverage.reported, figure.coverage.due);
    if !missing.is_empty() {
        filed += apart;
        filed += printer.say("未报", "Missing");
        filed += colon;
        filed += &missing.join(printer.say("、", ", "));
    }
    line(printer.say("已报", "Reported"), &filed);
    line(printer.say("截至", "As of"), &figure.as_of);
    for statement in sql {
        line("SQL", statement);
    }
    if !rows.is_empty() {
        let lines: Vec<Vec<String>> = rows
            .iter()
            .take(SHOWN)
            .map(|row| {
                vec![
                    row.register.clone(),
                    row.key.clone(),
                    row.rev.to_string(),
                    if row.counted {
                        printer.say("计入", "counted")
                    } else {
                        printer.say("未确认", "unconfirmed")
                    }
                    .to_owned(),
                    format!("#{}", row.entry),
                    format!("{} {}", row.source.get(..12).unwrap_or("—"), row.place),
                ]
            })
            .collect();
        let head = printer.say(
            ["台账", "编号", "版本", "状态", "日志", "来源"],
            ["Register", "Key", "Rev", "State", "Entry", "Source"],
        );
        printer.result(table(&head, &lines));
        printer.result(printer.say(
            format!("  共 {total} 行，全部见 --json"),
            format!("  {total} rows in all, see --json"),
        ));
    }
    for part in parts {
        print(part, printer);
    }
}
