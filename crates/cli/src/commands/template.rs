//! `qipan template`: the workbook to fill in, with what is known already.

use qipan_sheets::write::{TemplateOptions, goes_on, template};
use qipan_store::{ListQuery, Order};

use crate::args::{Global, Template};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::session::{Session, register, unit, write_file};

/// Most known rows pre-filled.
const MOST_KNOWN: usize = 20_000;

/// Writes the template of a register for a unit and a period.
pub async fn run(global: &Global, args: &Template, printer: Printer) -> Result<u8, Failure> {
    let session = Session::open(global, printer).await?;
    let pack = session.pack().await?;
    let register = register(&pack, &args.register)?;
    let unit = unit(&pack, &args.unit, args.period.end())?;
    let mut reader = session.store.reader().await?;
    let mut known = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let is = |field: Option<usize>, role| {
            (field.is_some() && unit.role == role).then_some(unit.id.as_str())
        };
        let query = ListQuery {
            supporter: is(register.supporter, qipan_model::UnitRole::Supporter),
            recipient: is(register.recipient, qipan_model::UnitRole::Recipient),
            order: Order {
                field: None,
                descending: false,
            },
            limit: 1000,
            after: after.as_deref(),
            ..ListQuery::default()
        };
        let page = reader.list(register, &query).await?;
        known.extend(
            page.records
                .into_iter()
                .filter(|record| goes_on(register, &record.values, args.period)),
        );
        after = page.next;
        if after.is_none() || known.len() >= MOST_KNOWN {
            break;
        }
    }
    let options = TemplateOptions {
        unit: Some(unit),
        period: args.period,
        money: None,
        known: &known,
    };
    write_file(&args.output, &template(&pack, register, options)?)?;
    let (out, rows) = (args.output.display(), known.len());
    printer.note(printer.say(
        format!(
            "已写 {out}：{}，{}，预填 {rows} 行",
            register.name, unit.name
        ),
        format!(
            "written {out}: {}, {}, {rows} known rows",
            register.name_en, unit.name_en
        ),
    ));
    Ok(0)
}
