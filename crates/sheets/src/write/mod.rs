//! Writing: templates in the users' layout, exports, marked copies, sample workbooks.

mod cells;
mod export;
mod layout;
mod plain;
mod template;
#[cfg(test)]
mod testing;

pub use export::{ExportFormat, ExportOptions, Exporter};
pub use template::{DICTIONARY_SHEET, TemplateOptions, template};

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
    /// JSON text could not be made.
    #[error("JSON 写不出来：{0}")]
    Json(#[from] serde_json::Error),
}
