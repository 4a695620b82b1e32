//! What a file from outside may cost before it is refused (`docs/import.md` lists them).

/// Upper bounds, all checked before the memory is spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a workbook file (.xlsx, .xls). Default 200 MiB.
    pub workbook_bytes: u64,
    /// Bytes of a CSV file. Default 4 GiB: CSV is streamed, so this guards time, not memory.
    pub csv_bytes: u64,
    /// Bytes of one CSV record. Default 1 MiB.
    pub csv_record_bytes: u64,
    /// Bytes of all members of a workbook once unpacked. Default 2 GiB.
    pub unpacked_bytes: u64,
    /// Bytes of the shared strings once unpacked; they are held in memory. Default 256 MiB.
    pub strings_bytes: u64,
    /// A member bigger than 16 MiB that packed better than this is taken for a bomb. Default 150.
    pub ratio: u64,
    /// Members of a workbook file. Default 5,000.
    pub members: usize,
    /// Sheets of a workbook. Default 200.
    pub sheets: usize,
    /// Cells with content in the whole file. Default 60 million.
    pub cells: u64,
    /// Rows times columns that the cells of an .xls sheet span; they are held in memory. Default
    /// 5 million.
    pub xls_area: u64,
    /// Columns of a sheet that hold something. Default 1,024.
    pub columns: u32,
    /// Bytes of text in one cell. Default 256 KiB (a workbook cell holds 32,767 characters).
    pub cell_bytes: usize,
    /// Depth of XML elements in one another. Default 64.
    pub depth: u32,
    /// Merged ranges of one sheet. Default 100,000.
    pub merges: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            workbook_bytes: 200 * MIB,
            csv_bytes: 4096 * MIB,
            csv_record_bytes: MIB,
            unpacked_bytes: 2048 * MIB,
            strings_bytes: 256 * MIB,
            ratio: 150,
            members: 5_000,
            sheets: 200,
            cells: 60_000_000,
            xls_area: 5_000_000,
            columns: 1_024,
            cell_bytes: 256 << 10,
            depth: 64,
            merges: 100_000,
        }
    }
}
