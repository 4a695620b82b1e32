//! Registers (台账): declared, typed tables of facts.

use qipan_expr::Scope;
use serde::{Deserialize, Serialize};

use crate::{Expr, Field, MoneyUnit, Type, Value};

/// A side of the mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// 帮扶方
    Supporter,
    /// 受援方
    Recipient,
    /// 市级
    City,
}

/// How bad it is when a rule does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The row is refused.
    Error,
    /// The row is taken and the finding reported.
    Warning,
}

/// A rule every row must keep (domain §5.4).
#[derive(Debug, Clone)]
pub struct RowRule {
    /// Id within the register, `fund-within-total`.
    pub id: String,
    /// Must come out true; unknown (null) counts as kept.
    pub holds: Expr,
    /// What to tell people when it does not hold: cause and remedy, in Chinese.
    pub message: String,
    /// The same in English.
    pub message_en: String,
    /// How bad it is.
    pub severity: Severity,
}

/// One column of the users' workbook layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayoutColumn {
    /// Field id.
    pub field: String,
    /// Header cells above the field's own label, outermost first (merged across equal neighbours).
    pub heads: Vec<String>,
    /// Width in characters.
    pub width: u16,
}

/// How the register looks as people's workbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Sheet name.
    pub sheet: String,
    /// Title line; `{period}` stands for the period's name.
    pub title: String,
    /// Money unit of the sheet when no cell or header says otherwise.
    pub money: MoneyUnit,
    /// Columns in order; a leading 序号 column is always written.
    pub columns: Vec<LayoutColumn>,
    /// Footnotes under the table.
    pub notes: Vec<String>,
}

/// A declared table of facts. Values of a record stand in the order of `fields`.
#[derive(Debug, Clone)]
pub struct Register {
    /// Id; the table's name in SQL.
    pub id: String,
    /// Number of the ledger in the policy's own list, `T2`.
    pub code: String,
    /// Name, 项目台账.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Theme id (领域); empty for registers that serve several.
    pub theme: String,
    /// Fields in order.
    pub fields: Vec<Field>,
    /// Indices of the key fields: the same key is the same fact.
    pub key: Vec<usize>,
    /// Field that names the supporter.
    pub supporter: Option<usize>,
    /// Field that names the recipient.
    pub recipient: Option<usize>,
    /// Field whose day places a record in a period.
    pub date: Option<usize>,
    /// Which side files returns of this register; its units are the coverage's denominator.
    pub reporter: Side,
    /// How often: `month`, `quarter`, `half`, `year`, `event`.
    pub frequency: String,
    /// Rules every row must keep.
    pub rules: Vec<RowRule>,
    /// Users' workbook.
    pub layout: Layout,
}

/// Name of the parameter that stands after the fields in a row: the day of import.
pub const TODAY: &str = "today";

impl Register {
    /// Index of a field.
    #[must_use]
    pub fn index(&self, field: &str) -> Option<usize> {
        self.fields
            .iter()
            .position(|candidate| candidate.id == field)
    }

    /// The natural key of a row: its key fields joined by `|`; `None` when one is missing.
    #[must_use]
    pub fn key_of(&self, values: &[Value]) -> Option<String> {
        let mut key = String::new();
        for (nth, &index) in self.key.iter().enumerate() {
            if nth > 0 {
                key.push('|');
            }
            match values.get(index)? {
                Value::Null => return None,
                Value::Bool(b) => key.push_str(if *b { "1" } else { "0" }),
                Value::Int(n) => key.push_str(&n.to_string()),
                Value::Decimal(d) => key.push_str(&d.normalize().to_string()),
                Value::Date(date) => key.push_str(&date.to_string()),
                Value::Text(text) => key.push_str(&text.replace('|', "¦")),
            }
        }
        Some(key)
    }
}

impl Scope for Register {
    /// Fields by id, then [`TODAY`].
    fn column(&self, name: &str) -> Option<(usize, Type)> {
        if name == TODAY {
            return Some((self.fields.len(), Type::Date));
        }
        self.index(name)
            .map(|index| (index, self.fields[index].ty.value_type()))
    }
}
