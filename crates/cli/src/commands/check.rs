//! `qipan check`: a text held against the ledger, number by number.

use qipan_model::Pack;
use qipan_press::{Claim, Limits, Verdict};
use serde::Serialize;

use crate::args::{Check, Global};
use crate::failure::{FOUND, Failure};
use crate::printer::{Printer, table};
use crate::session::Session;

#[derive(Serialize)]
struct Answer<'a> {
    claims: &'a [Claim],
}

/// Checks a text.
pub async fn run(global: &Global, args: &Check, printer: Printer) -> Result<u8, Failure> {
    let session = Session::open(global, printer).await?;
    let pack = session.pack().await?;
    let bytes = std::fs::read(&args.file).map_err(|error| Failure::input(&args.file, &error))?;
    let text = qipan_press::extract(&bytes, &Limits::default())?;
    let claims = claims(&session, &pack, &text, args.period).await?;
    if args.json {
        printer.result(serde_json::to_string_pretty(&Answer { claims: &claims })?);
    } else {
        printer.result(as_table(&claims, printer));
    }
    let count = |verdict| {
        claims
            .iter()
            .filter(|claim| claim.verdict == verdict)
            .count()
    };
    let contradicted = count(Verdict::Contradicted);
    let (confirmed, unmatched) = (count(Verdict::Confirmed), count(Verdict::Unmatched));
    printer.note(printer.say(
        format!("相符 {confirmed}，不符 {contradicted}，对不上指标 {unmatched}"),
        format!("confirmed {confirmed}, contradicted {contradicted}, unmatched {unmatched}"),
    ));
    Ok(if contradicted > 0 { FOUND } else { 0 })
}

/// The claims of a text, judged by the newest figures of a period.
pub async fn claims(
    session: &Session,
    pack: &Pack,
    text: &str,
    period: qipan_model::Period,
) -> Result<Vec<Claim>, Failure> {
    let mut engine = session.engine(pack).await?;
    let ledger = qipan_briefs::ledger_of(&mut engine, pack, period).await?;
    Ok(qipan_press::check(text, &ledger, period))
}

/// The claims as a table for people.
fn as_table(claims: &[Claim], printer: Printer) -> String {
    let rows: Vec<Vec<String>> = claims
        .iter()
        .map(|claim| {
            let word = match claim.verdict {
                Verdict::Confirmed => printer.say("相符", "confirmed"),
                Verdict::Contradicted => printer.say("不符", "contradicted"),
                Verdict::Unmatched => printer.say("未对上", "unmatched"),
            };
            vec![
                word.to_owned(),
                claim.text.clone(),
                claim.indicator.clone().unwrap_or_default(),
                claim.display.clone().unwrap_or_default(),
                match claim.repeats.len() {
                    0 => String::new(),
                    more => printer.say(format!("另有{more}处"), format!("+{more}")),
                },
                if claim.verdict == Verdict::Confirmed {
                    String::new()
                } else {
                    printer.named(&claim.reason, &claim.reason_en).to_owned()
                },
            ]
        })
        .collect();
    let head = printer.say(
        ["结论", "文中写法", "指标", "台账", "重复", "说明"],
        ["Verdict", "Text", "Indicator", "Ledger", "Repeats", "Why"],
    );
    table(&head, &rows)
}
