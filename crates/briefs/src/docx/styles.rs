//! Page and styles after GB/T 9704-2012: sizes in 号, fonts by name.
//!
//! The fonts named are the ones that the standard and office practice ask for; where they are
//! not installed, the word processor takes its own fall-back.

use docx_rs::{
    AlignmentType, BorderType, CharacterSpacingValues, Docx, LineSpacing, LineSpacingType,
    PageMargin, RunFonts, SpecialIndentType, Style, StyleType, TableBorder, TableBorderPosition,
    TableBorders,
};

/// Width of the text area in millimetres: 210 − 28 − 26.
pub(super) const CONTENT_MM: u32 = 156;

pub(super) const XIAOBIAOSONG: &str = "方正小标宋简体";
pub(super) const HEI: &str = "黑体";
pub(super) const KAI: &str = "楷体_GB2312";
pub(super) const FANGSONG: &str = "仿宋_GB2312";
pub(super) const SONG: &str = "宋体";
const LATIN: &str = "Times New Roman";

// Sizes in half points.
const ER_HAO: usize = 44;
const SAN_HAO: usize = 32;
const SI_HAO: usize = 28;
const XIAO_SI: usize = 24;
const WU_HAO: usize = 21;

/// 22 lines on 225 mm: 28.95 pt, in twentieths of a point.
const LINE: i32 = 579;
/// Two characters of 三号.
const TWO_CHARACTERS: i32 = 640;

/// Millimetres to twips.
pub(super) const fn twips(mm: u32) -> usize {
    (mm * 1440 * 10 / 254) as usize
}

/// A Chinese font with Times New Roman for Latin letters and digits.
pub(super) fn fonts(name: &str) -> RunFonts {
    RunFonts::new()
        .ascii(LATIN)
        .hi_ansi(LATIN)
        .cs(LATIN)
        .east_asia(name)
        // Quotation marks and dashes stand in both scripts; here they are Chinese.
        .hint("eastAsia")
}

/// A4, margins, defaults and all styles.
pub(super) fn page(docx: Docx, date: &str) -> Docx {
    let mm = |mm: u32| i32::try_from(twips(mm)).unwrap_or_default();
    let moment = format!("{date}T00:00:00Z");
    let mut docx = docx
        .page_size(
            u32::try_from(twips(210)).unwrap_or_default(),
            u32::try_from(twips(297)).unwrap_or_default(),
        )
        .page_margin(
            PageMargin::new()
                .top(mm(37))
                .bottom(mm(35))
                .left(mm(28))
                .right(mm(26))
                .header(mm(20))
                // The page number stands 7 mm under the text area.
                .footer(mm(23)),
        )
        .default_fonts(fonts(FANGSONG))
        .default_size(SAN_HAO)
        .created_at(&moment)
        .updated_at(&moment);
    docx.settings = docx
        .settings
        .character_spacing_control(CharacterSpacingValues::CompressPunctuation);
    styles().into_iter().fold(docx, Docx::add_style)
}

fn style(id: &str, name: &str, font: &str, size: usize) -> Style {
    Style::new(id, StyleType::Paragraph)
        .name(name)
        .fonts(fonts(font))
        .size(size)
}

fn exact(line: i32) -> LineSpacing {
    LineSpacing::new()
        .line_rule(LineSpacingType::Exact)
        .line(line)
}

fn loose() -> LineSpacing {
    LineSpacing::new()
        .line_rule(LineSpacingType::Auto)
        .line(276)
}

fn styles() -> Vec<Style> {
    let indented = |style: Style| {
        let two = SpecialIndentType::FirstLine(TWO_CHARACTERS);
        style
            .indent(None, Some(two), None, None)
            .line_spacing(exact(LINE))
    };
    let heading = |level: usize, font: &str| {
        indented(style(
            &format!("Heading{level}"),
            &format!("heading {level}"),
            font,
            SAN_HAO,
        ))
        .outline_lvl(level - 1)
        .align(AlignmentType::Left)
        .next("Body")
    };
    vec![
        style("Normal", "Normal", FANGSONG, SAN_HAO).q_format(true),
        style("Title", "Title", XIAOBIAOSONG, ER_HAO)
            .align(AlignmentType::Center)
            .line_spacing(exact(640).before(240).after(480))
            .q_format(true),
        heading(1, HEI).q_format(true),
        heading(2, KAI).q_format(true),
        heading(3, FANGSONG).bold().q_format(true),
        indented(style("Body", "Body Text", FANGSONG, SAN_HAO))
            .align(AlignmentType::Both)
            .q_format(true),
        style("Addressee", "主送机关", FANGSONG, SAN_HAO).line_spacing(exact(LINE)),
        style("Note", "附注", FANGSONG, WU_HAO)
            .align(AlignmentType::Both)
            .line_spacing(loose().after(200)),
        style("Caption", "caption", HEI, XIAO_SI)
            .align(AlignmentType::Center)
            .line_spacing(loose().before(120).after(80)),
        style("Picture", "图", FANGSONG, WU_HAO)
            .align(AlignmentType::Center)
            .line_spacing(loose().before(120)),
        style("Cell", "表格", FANGSONG, XIAO_SI).line_spacing(loose()),
        style("CellSmall", "表格（小）", FANGSONG, WU_HAO).line_spacing(
            LineSpacing::new()
                .line_rule(LineSpacingType::Auto)
                .line(250),
        ),
        style("Head", "表头", HEI, XIAO_SI)
            .align(AlignmentType::Center)
            .line_spacing(loose()),
        style("HeadSmall", "表头（小）", HEI, WU_HAO).align(AlignmentType::Center),
        style("Gap", "表后", FANGSONG, WU_HAO).line_spacing(exact(200)),
        style("Label", "header", HEI, XIAO_SI)
            .align(AlignmentType::Center)
            .bold(),
        style("Signature", "署名", FANGSONG, SAN_HAO)
            .align(AlignmentType::Right)
            .indent(None, None, Some(TWO_CHARACTERS * 2), None)
            .line_spacing(exact(LINE)),
        // Outer corner, one character in (GB/T 9704-2012, 7.5).
        style("PageOdd", "页码（单页）", SONG, SI_HAO)
            .align(AlignmentType::Right)
            .indent(None, None, Some(280), None),
        style("PageEven", "页码（双页）", SONG, SI_HAO)
            .align(AlignmentType::Left)
            .indent(Some(280), None, None, None),
    ]
}

/// Thin lines all over, a thicker frame.
pub(super) fn borders() -> TableBorders {
    let border = |position, size| {
        TableBorder::new(position)
            .border_type(BorderType::Single)
            .size(size)
            .color("000000")
    };
    TableBorders::new()
        .set(border(TableBorderPosition::Top, 8))
        .set(border(TableBorderPosition::Bottom, 8))
        .set(border(TableBorderPosition::Left, 4))
        .set(border(TableBorderPosition::Right, 4))
        .set(border(TableBorderPosition::InsideH, 4))
        .set(border(TableBorderPosition::InsideV, 4))
}
