//! Why a file was not read: each with a number, the place, the cause and the remedy.

use std::io;

use thiserror::Error;

/// A refusal of the whole file. `Display` gives the Chinese sentence, [`ReadError::english`] the
/// English one.
#[derive(Debug, Error)]
pub enum ReadError {
    /// S1001: the file has no bytes.
    #[error("S1001 文件是空的（0 字节）：请确认文件已完整保存或传完后重新上传")]
    Empty,
    /// S1002: neither workbook nor CSV.
    #[error(
        "S1002 文件既不是 .xlsx、.xls 工作簿，也不是文本 CSV：请用 Excel 或 WPS 另存为 .xlsx 后再导入"
    )]
    UnknownFormat,
    /// S1003: the file is bigger than allowed.
    #[error("S1003 文件有 {found} 字节，超过上限 {limit} 字节：请拆成几个文件，或删去图片后再导入")]
    FileTooBig {
        /// Bytes found.
        found: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// S1004: unpacks to more than allowed.
    #[error(
        "S1004 工作簿解压后超过上限 {limit} 字节（在“{member}”处）：请删去图片、空白行列，或拆成几个文件"
    )]
    UnpacksTooBig {
        /// Member at which the sum went over.
        member: String,
        /// Bytes allowed.
        limit: u64,
    },
    /// S1005: a member packed so well that it can only be a bomb.
    #[error(
        "S1005 工作簿中的“{member}”由 {packed} 字节解压成 {unpacked} 字节，像是压缩炸弹，未解压：请用 Excel 或 WPS 打开后另存为新文件"
    )]
    Bomb {
        /// Member.
        member: String,
        /// Packed bytes.
        packed: u64,
        /// Bytes it claims to unpack to.
        unpacked: u64,
    },
    /// S1006: too many members.
    #[error("S1006 工作簿内有 {found} 个部件，超过上限 {limit}：请另存为新的 .xlsx 后再导入")]
    TooManyMembers {
        /// Members found.
        found: usize,
        /// Members allowed.
        limit: usize,
    },
    /// S1007: a member unpacks to more than its directory entry says.
    #[error(
        "S1007 工作簿中的“{member}”实际比目录登记的大，文件已损坏或被改过：请用 Excel 或 WPS 打开后另存为新文件"
    )]
    Lying {
        /// Member.
        member: String,
    },
    /// S1008: the container cannot be opened.
    #[error("S1008 工作簿打不开（{cause}）：文件可能没有传完或已损坏，请重新保存后再导入")]
    Broken {
        /// What the reader said.
        cause: String,
    },
    /// S1009: protected by a password.
    #[error("S1009 工作簿设了打开密码：请去掉密码（文件—信息—保护工作簿）后再导入")]
    Password,
    /// S1010: too many cells.
    #[error(
        "S1010 “{sheet}”读到第 {row} 行时，有内容的单元格超过上限 {limit}：请拆成几个文件，或改用 CSV"
    )]
    TooManyCells {
        /// Sheet.
        sheet: String,
        /// Row from 1.
        row: u32,
        /// Cells allowed.
        limit: u64,
    },
    /// S1011: too many columns.
    #[error("S1011 “{sheet}”的单元格 {cell} 超出列数上限 {limit}：请删去表格右侧的零散内容")]
    TooManyColumns {
        /// Sheet.
        sheet: String,
        /// Address.
        cell: String,
        /// Columns allowed.
        limit: u32,
    },
    /// S1012: a sheet cannot be read on.
    #[error(
        "S1012 “{sheet}”第 {row} 行之后读不下去（{cause}）：请用 Excel 或 WPS 打开后另存为新文件"
    )]
    Sheet {
        /// Sheet.
        sheet: String,
        /// Last row that was read, from 1; 0 for none.
        row: u32,
        /// What the reader said.
        cause: String,
    },
    /// S1013: rows are not in order.
    #[error(
        "S1013 “{sheet}”的行次序是乱的（第 {before} 行之后出现第 {after} 行）：请用 Excel 或 WPS 打开后另存为新文件"
    )]
    Disorder {
        /// Sheet.
        sheet: String,
        /// Row before.
        before: u32,
        /// Row after.
        after: u32,
    },
    /// S1014: elements nested too deeply.
    #[error("S1014 工作簿中的“{member}”嵌套超过 {limit} 层：请用 Excel 或 WPS 打开后另存为新文件")]
    TooDeep {
        /// Member.
        member: String,
        /// Depth allowed.
        limit: u32,
    },
    /// S1015: a text is too long.
    #[error("S1015 “{place}”的内容超过 {limit} 字节：请把长文放到附件，表中只写摘要")]
    TextTooLong {
        /// Sheet and cell, or member.
        place: String,
        /// Bytes allowed.
        limit: usize,
    },
    /// S1016: neither UTF-8 nor GB18030 nor UTF-16.
    #[error(
        "S1016 第 {offset} 字节处的文字既不是 UTF-8 也不是 GBK/GB18030：请用 Excel 另存为“CSV UTF-8（逗号分隔）”"
    )]
    Encoding {
        /// Bytes before the first that does not fit.
        offset: u64,
    },
    /// S1017: one CSV record is too long.
    #[error(
        "S1017 第 {line} 行起的一条记录超过 {limit} 字节：多半是引号没有成对，请检查该行的英文引号"
    )]
    RecordTooLong {
        /// Line from 1.
        line: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// S1018: too many merged ranges.
    #[error("S1018 “{sheet}”的合并单元格超过 {limit} 处：请取消合并后再导入")]
    TooManyMerges {
        /// Sheet.
        sheet: String,
        /// Ranges allowed.
        limit: usize,
    },
    /// S1019: too many sheets.
    #[error("S1019 工作簿有 {found} 张表，超过上限 {limit}：请拆成几个文件")]
    TooManySheets {
        /// Sheets found.
        found: usize,
        /// Sheets allowed.
        limit: usize,
    },
    /// S1020: the file could not be read from disk.
    #[error("S1020 文件读取失败：{0}")]
    Io(#[from] io::Error),
}

impl ReadError {
    /// The number, `S1001`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "S1001",
            Self::UnknownFormat => "S1002",
            Self::FileTooBig { .. } => "S1003",
            Self::UnpacksTooBig { .. } => "S1004",
            Self::Bomb { .. } => "S1005",
            Self::TooManyMembers { .. } => "S1006",
            Self::Lying { .. } => "S1007",
            Self::Broken { .. } => "S1008",
            Self::Password => "S1009",
            Self::TooManyCells { .. } => "S1010",
            Self::TooManyColumns { .. } => "S1011",
            Self::Sheet { .. } => "S1012",
            Self::Disorder { .. } => "S1013",
            Self::TooDeep { .. } => "S1014",
            Self::TextTooLong { .. } => "S1015",
            Self::Encoding { .. } => "S1016",
            Self::RecordTooLong { .. } => "S1017",
            Self::TooManyMerges { .. } => "S1018",
            Self::TooManySheets { .. } => "S1019",
            Self::Io(_) => "S1020",
        }
    }

    /// The English sentence.
    #[must_use]
    pub fn english(&self) -> String {
        match self {
            Self::Empty => "S1001 the file is empty (0 bytes): save or send it again".to_owned(),
            Self::UnknownFormat => {
                "S1002 neither an .xlsx or .xls workbook nor text CSV: save it as .xlsx".to_owned()
            }
            Self::FileTooBig { found, limit } => format!(
                "S1003 the file has {found} bytes, {limit} are allowed: split it or remove pictures"
            ),
            Self::UnpacksTooBig { member, limit } => format!(
                "S1004 the workbook unpacks to more than {limit} bytes (at {member}): remove pictures or split it"
            ),
            Self::Bomb {
                member,
                packed,
                unpacked,
            } => format!(
                "S1005 {member} would unpack from {packed} to {unpacked} bytes like a zip bomb; it was not unpacked: save the workbook anew"
            ),
            Self::TooManyMembers { found, limit } => {
                format!("S1006 the workbook has {found} parts, {limit} are allowed: save it anew")
            }
            Self::Lying { member } => {
                format!("S1007 {member} is bigger than the directory says: save the workbook anew")
            }
            Self::Broken { cause } => {
                format!("S1008 the workbook cannot be opened ({cause}): save or send it again")
            }
            Self::Password => "S1009 the workbook has a password: remove it".to_owned(),
            Self::TooManyCells { sheet, row, limit } => format!(
                "S1010 {sheet} has more than {limit} filled cells by row {row}: split it or send CSV"
            ),
            Self::TooManyColumns { sheet, cell, limit } => format!(
                "S1011 {sheet}!{cell} lies beyond column {limit}: remove stray content on the right"
            ),
            Self::Sheet { sheet, row, cause } => format!(
                "S1012 {sheet} cannot be read after row {row} ({cause}): save the workbook anew"
            ),
            Self::Disorder {
                sheet,
                before,
                after,
            } => format!(
                "S1013 rows of {sheet} are out of order ({after} after {before}): save the workbook anew"
            ),
            Self::TooDeep { member, limit } => {
                format!("S1014 {member} nests deeper than {limit}: save the workbook anew")
            }
            Self::TextTooLong { place, limit } => {
                format!("S1015 {place} is longer than {limit} bytes: shorten the text")
            }
            Self::Encoding { offset } => format!(
                "S1016 the text after byte {offset} is neither UTF-8 nor GBK/GB18030: save as CSV UTF-8"
            ),
            Self::RecordTooLong { line, limit } => format!(
                "S1017 the record from line {line} is longer than {limit} bytes: look for an unpaired quote"
            ),
            Self::TooManyMerges { sheet, limit } => {
                format!("S1018 {sheet} has more than {limit} merged ranges: unmerge them")
            }
            Self::TooManySheets { found, limit } => {
                format!("S1019 the workbook has {found} sheets, {limit} are allowed: split it")
            }
            Self::Io(error) => format!("S1020 the file could not be read: {error}"),
        }
    }
}
