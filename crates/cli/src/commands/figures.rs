//! `qipan figures`.

use qipan_figures::{By, Figure};
use qipan_model::Pack;

use crate::args::{Cut, Figures, FiguresFormat, Global};
use crate::failure::Failure;
use crate::printer::{Printer, table};
use crate::session::Session;

impl From<Option<Cut>> for CutBy {
    fn from(cut: Option<Cut>) -> Self {
        Self(match cut {
            None => By::Whole,
            Some(Cut::Group) => By::Group,
            Some(Cut::Link) => By::Link,
            Some(Cut::Supporter) => By::Supporter,
            Some(Cut::Recipient) => By::Recipient,
        })
    }
}

struct CutBy(By);

/// Computes and prints the figures of a period.
pub async fn run(global: &Global, args: &Figures, printer: Printer) -> Result<u8, Failure> {
    let session = Session::open(global, printer).await?;
    let (pack, view) = session.view(args.as_of.as_deref()).await?;
    let mut engine = view.engine(&pack).await?;
    let figures = engine.figures(args.period, CutBy::from(args.by).0).await?;
    match args.format {
        FiguresFormat::Json => printer.result(serde_json::to_string_pretty(&figures)?),
        FiguresFormat::Csv => printer.result(csv(&figures)),
        FiguresFormat::Table => printer.result(as_table(&pack, &figures, printer)),
    }
    Ok(0)
}

/// The figures as a table for people.
fn as_table(pack: &Pack, figures: &[Figure], printer: Printer) -> String {
    let rows: Vec<Vec<String>> = figures
        .iter()
        .map(|figure| {
            vec![
                figure.indicator.clone(),
                name(pack, figure, printer),
                figure.cut.clone(),
                figure.display.clone(),
                format!("{}/{}", figure.coverage.reported, figure.coverage.due),
            ]
        })
        .collect();
    let head = printer.say(
        ["指标", "名称", "范围", "数字", "已报"],
        ["Indicator", "Name", "Cut", "Figure", "Reported"],
    );
    table(&head, &rows)
}

/// An indicator's name in the call's language.
fn name(pack: &Pack, figure: &Figure, printer: Printer) -> String {
    let indicator = pack
        .indicators
        .iter()
        .find(|own| own.id == figure.indicator && own.version == figure.version);
    let english = indicator.map_or(&figure.name, |own| &own.name_en);
    printer.say(&figure.name, english).clone()
}

fn csv(figures: &[Figure]) -> String {
    let mut lines = vec![
        "indicator,version,name,value,unit,display,period,by,cut,reported,due,as_of".to_owned(),
    ];
    let quoted = |text: &str| {
        if text.contains([',', '"', '\n']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    for figure in figures {
        let by = serde_json::to_value(figure.by).ok();
        let by = by.as_ref().and_then(|by| by.as_str()).unwrap_or_default();
        lines.push(
            [
                quoted(&figure.indicator),
                figure.version.to_string(),
                quoted(&figure.name),
                figure
                    .value
                    .map(|value| value.normalize().to_string())
                    .unwrap_or_default(),
                quoted(&figure.unit),
                quoted(&figure.display),
                figure.period.clone(),
                by.to_owned(),
                quoted(&figure.cut),
                figure.coverage.reported.to_string(),
                figure.coverage.due.to_string(),
                figure.as_of.clone(),
            ]
            .join(","),
        );
    }
    lines.join("\n")
}
