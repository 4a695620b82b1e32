//! DOCX in the layout of official documents (公文), after GB/T 9704-2012.

mod finish;
mod styles;

use std::collections::BTreeMap;

use docx_rs::{
    AlignmentType, Docx, Footer, Header, Hyperlink, HyperlinkType, PageNum, Paragraph, Pic, Run,
    Shading, TableCell, TableLayoutType, TableRow, VAlignType, WidthType,
};
use qipan_raster::{RasterError, Rasteriser};

use crate::document::{Align, Block, Document, Inline, Picture, Table, anchor};
use crate::markdown::day;
use crate::svg::printable;
use styles::{CONTENT_MM, twips};

/// Pixels per millimetre of a picture (about 250 dpi).
const PIXELS_PER_MM: u32 = 10;
const EMU_PER_MM: u32 = 36_000;

/// Why a DOCX could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DocxError {
    /// A picture could not be drawn.
    #[error("{picture}无法放进 DOCX：{source}")]
    Picture {
        /// The picture's number.
        picture: String,
        /// Why.
        source: RasterError,
    },
    /// The container could not be written.
    #[error("DOCX 无法写出：{0}")]
    Pack(String),
}

/// Writes a document as DOCX. The same document always gives the same bytes.
///
/// # Errors
/// When a picture cannot be drawn: most often because no Chinese font is installed.
pub fn to_docx(document: &Document, raster: &Rasteriser) -> Result<Vec<u8>, DocxError> {
    let mut writer = Writer {
        raster,
        next_id: 1,
        pictures: Vec::new(),
        bookmarks: bookmarks(document),
    };
    let mut docx = styles::page(Docx::new(), &document.date.to_string());
    if let Some(label) = &document.label {
        // Three headers, because odd and even pages each want their own part.
        docx = docx
            .header(Header::new().add_paragraph(writer.styled("Label", label)))
            .even_header(Header::new().add_paragraph(writer.styled("Label", label)));
    }
    docx = docx
        .footer(Footer::new().add_paragraph(writer.page_number("PageOdd")))
        .even_footer(Footer::new().add_paragraph(writer.page_number("PageEven")))
        .add_paragraph(writer.styled("Title", &document.title));
    for (index, block) in document.blocks.iter().enumerate() {
        let noted = matches!(document.blocks.get(index + 1), Some(Block::Note(_)));
        docx = writer.add(docx, block, noted)?;
    }
    docx = docx
        .add_paragraph(writer.styled("Signature", &document.issuer).keep_next(true))
        .add_paragraph(writer.styled("Signature", &day(document)));
    finish::pack(docx, &document.title, &document.issuer, &writer.pictures).map_err(DocxError::Pack)
}

/// Word's names for the lines of the list of figures: letters, digits and `_`, at most 40.
fn bookmarks(document: &Document) -> BTreeMap<String, String> {
    let lines = document.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => Some(table.rows.iter().filter_map(|row| row.defines.clone())),
        _ => None,
    });
    lines
        .flatten()
        .enumerate()
        .map(|(index, indicator)| {
            let name = anchor(&indicator).replace('-', "_");
            // Numbered when it had to be cut, so that it stays unique.
            let name = if name.len() > 40 {
                format!("{}_{index}", &name[..34])
            } else {
                name
            };
            (indicator, name)
        })
        .collect()
}

struct Writer<'a> {
    raster: &'a Rasteriser,
    /// Paragraph ids are given here: the library would count them from a counter of its own that
    /// goes on from document to document.
    next_id: u32,
    /// Alternative texts of the pictures, in order.
    pictures: Vec<String>,
    bookmarks: BTreeMap<String, String>,
}

impl Writer<'_> {
    fn paragraph(&mut self, style: &str) -> Paragraph {
        let id = self.next_id;
        self.next_id += 1;
        Paragraph::new().id(format!("{id:08x}")).style(style)
    }

    fn styled(&mut self, style: &str, text: &str) -> Paragraph {
        self.paragraph(style).add_run(run(text))
    }

    fn page_number(&mut self, style: &str) -> Paragraph {
        self.paragraph(style)
            .add_run(run("— "))
            .add_page_num(PageNum::new())
            .add_run(run(" —"))
    }

    /// Adds a block; `noted` says that a note follows, which a picture stays with.
    fn add(&mut self, docx: Docx, block: &Block, noted: bool) -> Result<Docx, DocxError> {
        Ok(match block {
            Block::Heading {
                level,
                number,
                text,
            } => docx.add_paragraph(
                self.styled(&format!("Heading{level}"), &format!("{number}{text}"))
                    .keep_next(true),
            ),
            Block::Paragraph(inlines) => {
                let paragraph = self.paragraph("Body");
                docx.add_paragraph(self.inlines(paragraph, inlines))
            }
            Block::Addressee(text) => docx.add_paragraph(self.styled("Addressee", text)),
            Block::Note(text) => docx.add_paragraph(self.styled("Note", text)),
            Block::Table(table) => self.table(docx, table),
            Block::Picture(picture) => self.picture(docx, picture, noted)?,
        })
    }

    fn inlines(&self, mut paragraph: Paragraph, inlines: &[Inline]) -> Paragraph {
        for inline in inlines {
            paragraph = match inline {
                Inline::Text(text) => paragraph.add_run(run(text)),
                Inline::Figure(figure) => match self.bookmarks.get(&figure.indicator) {
                    Some(name) => paragraph.add_hyperlink(
                        Hyperlink::new(name, HyperlinkType::Anchor).add_run(run(&figure.display)),
                    ),
                    None => paragraph.add_run(run(&figure.display)),
                },
            };
        }
        paragraph
    }

    fn table(&mut self, docx: Docx, table: &Table) -> Docx {
        let caption = format!("{} {}", table.number, table.caption);
        let shares: u32 = table
            .columns
            .iter()
            .map(|column| u32::from(column.share))
            .sum();
        let grid: Vec<usize> = table
            .columns
            .iter()
            .map(|column| twips(CONTENT_MM * u32::from(column.share) / shares.max(1)))
            .collect();
        let (style, head_style) = if table.small {
            ("CellSmall", "HeadSmall")
        } else {
            ("Cell", "Head")
        };
        let head = table
            .columns
            .iter()
            .zip(&grid)
            .map(|(column, width)| {
                let paragraph = self.styled(head_style, &column.head).keep_next(true);
                cell(*width, paragraph).shading(Shading::new().fill("F2F2F2"))
            })
            .collect();
        // The mark by which `finish` knows header rows; it keeps the others whole too.
        let mut rows = vec![TableRow::new(head).cant_split()];
        for row in &table.rows {
            let mut cells = Vec::new();
            for (index, inlines) in row.cells.iter().enumerate() {
                let align = match table.columns.get(index).map(|column| column.align) {
                    Some(Align::Centre) => AlignmentType::Center,
                    Some(Align::Right) => AlignmentType::Right,
                    Some(Align::Left) | None => AlignmentType::Left,
                };
                let mut paragraph = self.paragraph(style).align(align);
                let mark = row
                    .defines
                    .as_ref()
                    .filter(|_| index == 0)
                    .and_then(|indicator| self.bookmarks.get(indicator));
                if let Some(name) = mark {
                    let id = usize::try_from(self.next_id).unwrap_or_default();
                    paragraph = paragraph.add_bookmark_start(id, name);
                    paragraph = self.inlines(paragraph, inlines).add_bookmark_end(id);
                } else {
                    paragraph = self.inlines(paragraph, inlines);
                }
                cells.push(cell(grid.get(index).copied().unwrap_or(0), paragraph));
            }
            rows.push(TableRow::new(cells));
        }
        let width = grid.iter().sum();
        docx.add_paragraph(self.styled("Caption", caption.trim()).keep_next(true))
            .add_table(
                docx_rs::Table::new(rows)
                    .set_grid(grid)
                    .width(width, WidthType::Dxa)
                    .layout(TableLayoutType::Fixed)
                    .set_borders(styles::borders()),
            )
            .add_paragraph(self.paragraph("Gap"))
    }

    fn picture(&mut self, docx: Docx, picture: &Picture, noted: bool) -> Result<Docx, DocxError> {
        let wide = u32::from(picture.width_mm).clamp(10, CONTENT_MM);
        let png = self
            .raster
            .png(&picture.svg, wide * PIXELS_PER_MM)
            .map_err(|source| DocxError::Picture {
                picture: picture.number.clone(),
                source,
            })?;
        self.pictures.push(picture.alt.clone());
        let emu = wide * EMU_PER_MM;
        let high = u64::from(emu) * u64::from(png.height) / u64::from(png.width.max(1));
        let pic = Pic::new_with_dimensions(png.bytes, png.width, png.height)
            .id(format!("rIdPicture{}", self.pictures.len()))
            .size(emu, u32::try_from(high).unwrap_or(emu));
        let caption = format!("{} {}", picture.number, picture.caption);
        let paragraph = self.paragraph("Picture").keep_next(true);
        Ok(docx
            .add_paragraph(paragraph.add_run(Run::new().add_image(pic)))
            .add_paragraph(self.styled("Caption", &caption).keep_next(noted)))
    }
}

fn cell(width: usize, paragraph: Paragraph) -> TableCell {
    TableCell::new()
        .width(width, WidthType::Dxa)
        .vertical_align(VAlignType::Center)
        .add_paragraph(paragraph)
}

/// A run of clean text: line ends become blanks, what XML forbids is dropped.
fn run(text: &str) -> Run {
    let clean: String = text
        .chars()
        .map(|c| {
            if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            }
        })
        .filter(|&c| printable(c))
        .collect();
    Run::new().add_text(clean)
}
