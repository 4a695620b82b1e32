//! The users' sheet of a register: which columns stand where, and the merged heads above them.

use qipan_model::{Field, FieldType, MoneyUnit, Register};

/// Width of a column that the layout does not mention, in characters.
const DEFAULT_WIDTH: u16 = 14;
/// Header of the leading number column.
const NUMBER_HEAD: &str = "序号";
/// Header of the last column of registers with two sides: the other side's answer.
pub(super) const CONFIRMATION_HEAD: &str = "对方确认";

/// One column of the sheet.
#[derive(Debug)]
pub(super) struct Column<'a> {
    /// Index of the field in the register.
    pub index: usize,
    /// The field.
    pub field: &'a Field,
    /// Head cells above the label, outermost first.
    pub heads: &'a [String],
    /// Width in characters.
    pub width: u16,
}

/// A head cell, perhaps merged; rows count from the first head row, columns from 0 = 序号.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head<'a> {
    pub row: u32,
    pub col: u16,
    pub last_row: u32,
    pub last_col: u16,
    pub text: &'a str,
    /// Position in [`SheetPlan::columns`] when this is a column's own label.
    pub column: Option<usize>,
}

/// The users' sheet of one register.
#[derive(Debug)]
pub(super) struct SheetPlan<'a> {
    /// The register.
    pub register: &'a Register,
    /// Columns after 序号.
    pub columns: Vec<Column<'a>>,
    /// Money unit of the sheet.
    pub money: MoneyUnit,
    /// Whether the other side's answer stands in a last column.
    pub confirmed: bool,
}

impl<'a> SheetPlan<'a> {
    /// The layout's columns, then the wanted fields that it leaves out, so that nothing is lost.
    pub fn new(
        register: &'a Register,
        money: Option<MoneyUnit>,
        wanted: impl Fn(&Field) -> bool,
    ) -> Self {
        let laid_out = register.layout.columns.iter().filter_map(|column| {
            let index = register.index(&column.field)?;
            Some(Column {
                index,
                field: &register.fields[index],
                heads: &column.heads,
                width: if column.width == 0 {
                    DEFAULT_WIDTH
                } else {
                    column.width
                },
            })
        });
        let mut columns: Vec<Column<'a>> = laid_out.filter(|c| wanted(c.field)).collect();
        for (index, field) in register.fields.iter().enumerate() {
            if wanted(field) && columns.iter().all(|column| column.index != index) {
                columns.push(Column {
                    index,
                    field,
                    heads: &[],
                    width: DEFAULT_WIDTH,
                });
            }
        }
        Self {
            register,
            columns,
            money: money.unwrap_or(register.layout.money),
            confirmed: register.supporter.is_some() && register.recipient.is_some(),
        }
    }

    /// Number of columns, with 序号 and 对方确认.
    pub fn width(&self) -> u16 {
        sheet_col(self.columns.len() + usize::from(self.confirmed))
    }

    /// Column of the other side's answer.
    pub fn confirmation_col(&self) -> Option<u16> {
        self.confirmed.then(|| sheet_col(self.columns.len()))
    }

    /// Number of head rows.
    pub fn depth(&self) -> u32 {
        let deepest = self.columns.iter().map(|column| column.heads.len()).max();
        u32::try_from(deepest.unwrap_or(0) + 1).unwrap_or(u32::MAX)
    }

    /// Whether a money unit must be told.
    pub fn has_money(&self) -> bool {
        self.columns
            .iter()
            .any(|column| matches!(column.field.ty, FieldType::Money { .. }))
    }

    /// Head cells from top to bottom and left to right.
    pub fn heads(&self) -> Vec<Head<'a>> {
        let bottom = self.depth() - 1;
        let mut heads = vec![Head {
            row: 0,
            col: 0,
            last_row: bottom,
            last_col: 0,
            text: NUMBER_HEAD,
            column: None,
        }];
        for (position, column) in self.columns.iter().enumerate() {
            for (level, text) in column.heads.iter().enumerate() {
                let shared = |other: usize| {
                    self.columns
                        .get(other)
                        .is_some_and(|c| c.heads.get(..=level) == column.heads.get(..=level))
                };
                if position > 0 && shared(position - 1) {
                    continue;
                }
                let last = (position..).take_while(|&other| shared(other)).last();
                let row = u32::try_from(level).unwrap_or(0);
                heads.push(Head {
                    row,
                    col: sheet_col(position),
                    last_row: row,
                    last_col: sheet_col(last.unwrap_or(position)),
                    text,
                    column: None,
                });
            }
            heads.push(Head {
                row: u32::try_from(column.heads.len()).unwrap_or(0),
                col: sheet_col(position),
                last_row: bottom,
                last_col: sheet_col(position),
                text: &column.field.label,
                column: Some(position),
            });
        }
        if let Some(col) = self.confirmation_col() {
            heads.push(Head {
                row: 0,
                col,
                last_row: bottom,
                last_col: col,
                text: CONFIRMATION_HEAD,
                column: None,
            });
        }
        heads.sort_by_key(|head| (head.row, head.col));
        heads
    }
}

/// Column in the sheet of a position among the fields' columns.
fn sheet_col(position: usize) -> u16 {
    u16::try_from(position + 1).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::testing;

    #[test]
    fn merges_equal_neighbours_and_pulls_lone_labels_down() {
        let pack = testing::pack();
        let register = pack.register("project").unwrap();
        let plan = SheetPlan::new(register, None, |_| true);
        let shape: Vec<String> = plan
            .heads()
            .iter()
            .map(|h| {
                format!(
                    "{} {},{}-{},{}",
                    h.text, h.row, h.col, h.last_row, h.last_col
                )
            })
            .collect();
        assert_eq!(
            shape,
            [
                "序号 0,0-1,0",
                "项目编号 0,1-1,1",
                "项目名称 0,2-1,2",
                "结对关系 0,3-0,4",
                "状态 0,5-1,5",
                "资金 0,6-0,7",
                "下达日期 0,8-1,8",
                "受益人数 0,9-1,9",
                "占地面积 0,10-1,10",
                "进度系数 0,11-1,11",
                "是否完工 0,12-1,12",
                "联系人 0,13-1,13",
                "对方确认 0,14-1,14",
                "帮扶区县 1,3-1,3",
                "受援区县 1,4-1,4",
                "总投资 1,6-1,6",
                "其中：帮扶资金 1,7-1,7",
            ]
        );
    }
}
