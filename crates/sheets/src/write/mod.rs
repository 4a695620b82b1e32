//! Writing: templates in the users' layout, exports, marked copies, sample workbooks.

mod cells;
mod export;
mod layout;
mod marked;
mod names;
mod plain;
mod rows;
mod sample;
mod template;
#[cfg(test)]
pub(crate) mod testing;
mod top;

use crate::read::SheetInfo;

pub use export::{ExportFormat, ExportOptions, Exporter};
pub use marked::{SUMMARY_SHEET, marked, marked_file};
pub use sample::write_sample_workbooks;
pub use template::{DICTIONARY_SHEET, TemplateOptions, goes_on, template};

/// Whether a sheet is one that we add to workbooks ourselves and that holds no records: the
/// dropdown lists of a template, the problems of a marked copy.
#[must_use]
pub fn is_aside(sheet: &SheetInfo) -> bool {
    sheet.name.starts_with(SUMMARY_SHEET) || (sheet.hidden && sheet.name == DICTIONARY_SHEET)
}

/// Why something could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The workbook writer refused a cell or a sheet.
    #[error("工作簿写不出来：{0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The output could not be written.
    #[error("文件写不出来：{0}")]
    Io(#[from] std::io::Error),
    /// The CSV writer failed.
    #[error("CSV 写不出来：{0}")]
    Csv(#[from] csv::Error),
    /// The file to be marked could not be read.
    #[error(transparent)]
    Read(#[from] crate::read::ReadError),
    /// The container of a workbook could not be read or written.
    #[error("工作簿的压缩包有误：{0}")]
    Container(#[from] zip::result::ZipError),
    /// A part of a workbook is no well-formed XML.
    #[error("工作簿内的 XML 有误：{0}")]
    Xml(#[from] quick_xml::Error),
    /// A part of a workbook is no UTF-8.
    #[error("工作簿内的文字不是 UTF-8")]
    Text,
    /// The sources of the sample workbooks do not fit the pack.
    #[error("示例数据 {file} 有误：{cause}")]
    Sample {
        /// File, with its line where one is meant.
        file: String,
        /// What is wrong.
        cause: String,
    },
    /// JSON text could not be made.
    #[error("JSON 写不出来：{0}")]
    Json(#[from] serde_json::Error),
}
