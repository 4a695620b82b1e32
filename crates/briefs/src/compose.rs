//! From a brief's declaration and data to a document.

use jiff::Timestamp;
use jiff::tz::Offset;
use qipan_figures::{By, Figure};
use qipan_model::{Brief, BriefPart, Indicator};

use crate::data::{BriefData, cut_of};
use crate::document::{
    Align, Block, Column, Document, FigureRef, Inline, MISSING, Picture, Row, Table,
};
use crate::map::{Boundaries, MapError, map_svg};
use crate::parts::{bars_table, cut_bars, map_table, recipient_map};
use crate::slots::{self, Piece};

/// Why a brief cannot be written: everything that is wrong, at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("简报“{brief}”无法生成：{}", list(problems))]
pub struct ComposeError {
    /// Brief id.
    pub brief: String,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

fn list(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("；")
}

/// One thing that is wrong with a brief's declaration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A part names an indicator that no version of the pack defines.
    #[error("第 {part} 部分用到的指标“{id}”不在机制包里：请核对指标编号")]
    UnknownIndicator {
        /// Number of the part, from 1; 0 is the title.
        part: usize,
        /// What it says.
        id: String,
    },
    /// A slot is malformed.
    #[error(
        "第 {part} 部分的占位“{slot}”看不懂：请写成 {{指标编号}}、{{指标编号:number}} 或 {{period}}"
    )]
    BadSlot {
        /// Number of the part, from 1; 0 is the title.
        part: usize,
        /// What it says.
        slot: String,
    },
    /// A chart names a cut that does not exist.
    #[error("第 {part} 部分的 by = “{by}”看不懂：请写 group、link、supporter 或 recipient")]
    UnknownCut {
        /// Number of the part, from 1.
        part: usize,
        /// What it says.
        by: String,
    },
    /// The boundary file cannot be used.
    #[error("第 {part} 部分的地图画不出来：{error}")]
    Map {
        /// Number of the part, from 1.
        part: usize,
        /// Why.
        error: MapError,
    },
}

/// Writes a brief: fills the slots, numbers headings, tables and pictures, draws the pictures.
///
/// A brief without a list of figures gets one at its end, so that every number opens (promise 2).
///
/// # Errors
/// When the declaration is wrong; a figure that nobody has reported is no error, it prints 未报.
pub fn compose(brief: &Brief, data: &BriefData<'_>) -> Result<Document, ComposeError> {
    let mut composer = Composer {
        data,
        part: 0,
        headings: [0; 3],
        tables: 0,
        pictures: 0,
        blocks: Vec::new(),
        problems: Vec::new(),
    };
    let mut title = plain(&composer.prose(&brief.title));
    if let Some(scope) = data.scope {
        title = format!("{title}（{scope}）");
    }
    for (index, part) in brief.parts.iter().enumerate() {
        composer.part = index + 1;
        composer.add(part);
    }
    if !brief.parts.contains(&BriefPart::FigureList) {
        composer.heading(1, "数字清单");
        composer.figure_list();
    }
    if composer.problems.is_empty() {
        Ok(Document {
            title,
            issuer: brief.issuer.clone(),
            date: data.date,
            label: data.illustrative.map(str::to_owned),
            as_of: moment(data.as_of),
            blocks: composer.blocks,
        })
    } else {
        Err(ComposeError {
            brief: brief.id.clone(),
            problems: composer.problems,
        })
    }
}

struct Composer<'a> {
    data: &'a BriefData<'a>,
    part: usize,
    headings: [usize; 3],
    tables: usize,
    pictures: usize,
    blocks: Vec<Block>,
    problems: Vec<Problem>,
}

impl<'a> Composer<'a> {
    fn add(&mut self, part: &BriefPart) {
        match part {
            BriefPart::Heading { level, text } => {
                let text = plain(&self.prose(text));
                self.heading(*level, &text);
            }
            BriefPart::Prose { text } => {
                for paragraph in text.split('\n').filter(|line| !line.trim().is_empty()) {
                    let inlines = self.prose(paragraph.trim());
                    // Official documents open with whom they are sent to, ended by a colon.
                    self.blocks.push(
                        if self.blocks.is_empty() && paragraph.trim().ends_with('：') {
                            Block::Addressee(plain(&inlines))
                        } else {
                            Block::Paragraph(inlines)
                        },
                    );
                }
            }
            BriefPart::Table {
                caption,
                indicators,
            } => self.table(caption, indicators),
            BriefPart::Chart {
                caption,
                indicator,
                by,
                top,
            } => self.chart(caption, indicator, by, *top),
            BriefPart::Map { caption, indicator } => self.map(caption, indicator),
            BriefPart::Coverage => self.coverage(),
            BriefPart::FigureList => self.figure_list(),
        }
    }

    fn heading(&mut self, level: u8, text: &str) {
        let level = level.clamp(1, 3);
        let index = usize::from(level) - 1;
        self.headings[index] += 1;
        self.headings[index + 1..].fill(0);
        let nth = self.headings[index];
        let number = match level {
            1 => format!("{}、", chinese(nth)),
            2 => format!("（{}）", chinese(nth)),
            _ => format!("{nth}."),
        };
        self.blocks.push(Block::Heading {
            level,
            number,
            text: text.to_owned(),
        });
    }

    fn prose(&mut self, template: &str) -> Vec<Inline> {
        let pieces = match slots::parse(template) {
            Ok(pieces) => pieces,
            Err(slot) => {
                let part = self.part;
                self.problems.push(Problem::BadSlot { part, slot });
                return Vec::new();
            }
        };
        pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => Inline::Text(text),
                Piece::Period => Inline::Text(self.data.period.name()),
                Piece::Figure { id, number_only } => self.figure(id, number_only),
            })
            .collect()
    }

    /// A figure to stand in a text; 未报 when there is none or nobody has reported.
    fn figure(&mut self, id: &str, number_only: bool) -> Inline {
        let Some(indicator) = self.known(id) else {
            return Inline::Text(MISSING.to_owned());
        };
        let Some(figure) = self.data.whole(id) else {
            return Inline::Figure(FigureRef {
                indicator: id.to_owned(),
                version: indicator.version,
                display: MISSING.to_owned(),
                as_of: moment(self.data.as_of),
            });
        };
        let display = match (figure.value, self.data.definition(figure)) {
            (None, _) => MISSING.to_owned(),
            (Some(value), Some(definition)) if number_only => definition.format.number(value),
            (Some(_), _) => figure.display.clone(),
        };
        Inline::Figure(reference(figure, display))
    }

    fn known(&mut self, id: &str) -> Option<&'a Indicator> {
        let found = self.data.indicator(id);
        if found.is_none() {
            let (part, id) = (self.part, id.to_owned());
            self.problems.push(Problem::UnknownIndicator { part, id });
        }
        found
    }

    fn table(&mut self, caption: &str, indicators: &[String]) {
        let caption = plain(&self.prose(caption));
        let mut rows = Vec::new();
        for id in indicators {
            let Some(indicator) = self.known(id) else {
                continue;
            };
            let figure = self.figure(id, false);
            rows.push(Row {
                defines: None,
                cells: vec![
                    words(&indicator.name),
                    vec![figure],
                    words(&self.reported(self.data.whole(id))),
                    words(&indicator.owner),
                ],
            });
        }
        let number = self.table_number();
        self.blocks.push(Block::Table(Table {
            number,
            caption,
            columns: vec![
                Column::new("指标", Align::Left, 66),
                Column::new("数值", Align::Right, 34),
                Column::new("已报/应报", Align::Centre, 22),
                Column::new("责任单位", Align::Left, 34),
            ],
            rows,
            small: false,
        }));
    }

    fn chart(&mut self, caption: &str, indicator: &str, by: &str, top: usize) {
        let caption = plain(&self.prose(caption));
        let Some(cut) = cut_of(by) else {
            let (part, by) = (self.part, by.to_owned());
            self.problems.push(Problem::UnknownCut { part, by });
            return;
        };
        if self.known(indicator).is_none() {
            return;
        }
        let (spec, missing) = cut_bars(self.data, indicator, cut, top, &caption);
        if spec.bars.is_empty() {
            self.blocks.push(Block::Note(format!(
                "“{caption}”：本期没有可画的数字（{MISSING}）。"
            )));
            return;
        }
        let number = self.picture_number();
        self.blocks.push(Block::Picture(Picture {
            number,
            caption,
            alt: spec.desc.clone(),
            svg: crate::charts::bar_svg(&spec),
            width_mm: 150,
            data: bars_table(&spec),
        }));
        if !missing.is_empty() {
            self.blocks.push(Block::Note(format!(
                "{MISSING}（{}）：{}。",
                missing.len(),
                missing.join("、")
            )));
        }
    }

    fn map(&mut self, caption: &str, indicator: &str) {
        let caption = plain(&self.prose(caption));
        if self.known(indicator).is_none() {
            return;
        }
        if self.data.pack.boundaries.trim().is_empty() {
            self.blocks.push(Block::Note(format!(
                "“{caption}”：机制包没有边界数据，地图从略。"
            )));
            return;
        }
        let boundaries = match Boundaries::parse(&self.data.pack.boundaries) {
            Ok(boundaries) => boundaries,
            Err(error) => {
                let part = self.part;
                self.problems.push(Problem::Map { part, error });
                return;
            }
        };
        let figures: Vec<&Figure> = self.data.figures.iter().collect();
        let spec = recipient_map(
            self.data.pack,
            self.data.period,
            &figures,
            indicator,
            &caption,
        );
        let number = self.picture_number();
        self.blocks.push(Block::Picture(Picture {
            number,
            caption,
            alt: spec.desc.clone(),
            svg: map_svg(&boundaries, &spec),
            width_mm: 116,
            data: map_table(&spec),
        }));
    }

    fn coverage(&mut self) {
        let number = self.table_number();
        let rows = self
            .data
            .coverage
            .iter()
            .map(|register| Row {
                defines: None,
                cells: vec![
                    words(&register.name),
                    words(&register.coverage.due.to_string()),
                    words(&register.coverage.reported.to_string()),
                    words(&match register.missing.len() {
                        0 => "—".to_owned(),
                        1 => register.missing.join("、"),
                        _ if register.coverage.reported == 0 => "全部未报".to_owned(),
                        _ => register.missing.join("、"),
                    }),
                ],
            })
            .collect();
        self.blocks.push(Block::Table(Table {
            number,
            caption: format!("{}各台账报送情况", self.data.period.name()),
            columns: vec![
                Column::new("台账", Align::Left, 40),
                Column::new("应报", Align::Centre, 14),
                Column::new("已报", Align::Centre, 14),
                Column::new("未报单位", Align::Left, 88),
            ],
            rows,
            small: true,
        }));
    }

    fn figure_list(&mut self) {
        let number = self.table_number();
        let rows = self
            .data
            .figures
            .iter()
            .filter(|figure| figure.by == By::Whole)
            .enumerate()
            .map(|(index, figure)| Row {
                defines: Some(figure.indicator.clone()),
                cells: vec![
                    words(&(index + 1).to_string()),
                    words(&figure.name),
                    words(if figure.value.is_some() {
                        &figure.display
                    } else {
                        MISSING
                    }),
                    words(&figure.indicator),
                    words(&figure.version.to_string()),
                    words(&self.reported(Some(figure))),
                    words(&moment(&figure.as_of)),
                ],
            })
            .collect();
        self.blocks.push(Block::Table(Table {
            number,
            caption: "本文数字清单".to_owned(),
            columns: vec![
                Column::new("序号", Align::Centre, 10),
                Column::new("指标", Align::Left, 42),
                Column::new("数值", Align::Right, 25),
                Column::new("指标编号", Align::Left, 31),
                Column::new("版本", Align::Centre, 11),
                Column::new("已报/应报", Align::Centre, 15),
                Column::new("数据时点", Align::Centre, 22),
            ],
            rows,
            small: true,
        }));
        self.blocks.push(Block::Note(format!(
            "数字由系统按指标口径从台账算出，时点 {}；图中分单位的数字与本清单同一指标、同一口径版本、同一时点。“{MISSING}”不是零。",
            moment(self.data.as_of)
        )));
    }

    fn reported(&self, figure: Option<&Figure>) -> String {
        figure.map_or_else(
            || "—".to_owned(),
            |figure| format!("{}/{}", figure.coverage.reported, figure.coverage.due),
        )
    }

    fn table_number(&mut self) -> String {
        self.tables += 1;
        format!("表{}", self.tables)
    }

    fn picture_number(&mut self) -> String {
        self.pictures += 1;
        format!("图{}", self.pictures)
    }
}

fn reference(figure: &Figure, display: String) -> FigureRef {
    FigureRef {
        indicator: figure.indicator.clone(),
        version: figure.version,
        display,
        as_of: moment(&figure.as_of),
    }
}

pub(crate) fn words(text: &str) -> Vec<Inline> {
    vec![Inline::Text(text.to_owned())]
}

/// Inlines as bare words, for titles and captions.
pub(crate) fn plain(inlines: &[Inline]) -> String {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) => text.as_str(),
            Inline::Figure(figure) => figure.display.as_str(),
        })
        .collect()
}

/// A moment in Beijing time, which all of China keeps; what is not RFC 3339 stays as it is.
fn moment(rfc3339: &str) -> String {
    rfc3339.parse::<Timestamp>().map_or_else(
        |_| rfc3339.to_owned(),
        |moment| {
            let local = Offset::constant(8).to_datetime(moment);
            format!(
                "{} {:02}:{:02}",
                local.date(),
                local.time().hour(),
                local.time().minute()
            )
        },
    )
}

/// 1 to 99 in Chinese numerals; beyond that, digits.
fn chinese(n: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match n {
        1..=9 => DIGITS[n].to_owned(),
        10..=19 => format!("十{}", DIGITS[n - 10]),
        20..=99 => format!("{}十{}", DIGITS[n / 10], DIGITS[n % 10]),
        _ => n.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_chinese() {
        for (n, expect) in [
            (1, "一"),
            (10, "十"),
            (12, "十二"),
            (20, "二十"),
            (35, "三十五"),
        ] {
            assert_eq!(chinese(n), expect);
        }
    }

    #[test]
    fn tells_moments_in_beijing_time() {
        assert_eq!(moment("2021-07-31T16:05:09.000000Z"), "2021-08-01 00:05");
        assert_eq!(moment("发布时"), "发布时");
    }
}
