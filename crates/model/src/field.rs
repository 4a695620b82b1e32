//! Fields (字段) of registers and their types.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Expr, Type, UnitRole};

/// A money unit as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MoneyUnit {
    /// 元
    #[serde(rename = "元")]
    Yuan,
    /// 万元
    #[serde(rename = "万元")]
    Wan,
    /// 亿元
    #[serde(rename = "亿元")]
    Yi,
}

impl MoneyUnit {
    /// How many yuan one of it is.
    #[must_use]
    pub fn factor(self) -> Decimal {
        Decimal::from(match self {
            Self::Yuan => 1_i64,
            Self::Wan => 10_000,
            Self::Yi => 100_000_000,
        })
    }

    /// The written word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Yuan => "元",
            Self::Wan => "万元",
            Self::Yi => "亿元",
        }
    }
}

/// An area unit as people write it. Areas are kept in 亩.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AreaUnit {
    /// 亩
    #[serde(rename = "亩")]
    Mu,
    /// 公顷 = 15 亩
    #[serde(rename = "公顷")]
    Hectare,
    /// ㎡; 1 亩 = 2000/3 ㎡
    #[serde(rename = "㎡")]
    SquareMetre,
}

/// One option of a choice; the label is what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Label in Chinese, stored as it is.
    pub label: String,
    /// English label.
    pub label_en: String,
    /// Other spellings understood on import.
    pub synonyms: Vec<String>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldType {
    /// Text of at most so many characters.
    Text {
        /// Most characters.
        max: usize,
    },
    /// One of a list.
    Choice {
        /// The options.
        options: Vec<Choice>,
    },
    /// A whole number with bounds (inclusive).
    Int {
        /// Least.
        min: Option<i64>,
        /// Most.
        max: Option<i64>,
    },
    /// An exact decimal with a fixed number of places and bounds (inclusive).
    Decimal {
        /// Places, 0 to 6.
        scale: u8,
        /// Least.
        min: Option<Decimal>,
        /// Most.
        max: Option<Decimal>,
    },
    /// Money in yuan with two places; never negative unless `signed`.
    Money {
        /// Whether below zero is allowed.
        signed: bool,
    },
    /// An area in 亩 with four places, not negative.
    Area,
    /// A day.
    Date {
        /// Whether days after the day of import are allowed (plans, deadlines).
        future: bool,
    },
    /// A unit of the mechanism.
    Unit {
        /// The part it must play; `None` allows any unit.
        role: Option<UnitRole>,
    },
    /// Yes or no (是/否).
    Bool,
}

impl FieldType {
    /// The type that expressions see.
    #[must_use]
    pub fn value_type(&self) -> Type {
        match self {
            Self::Text { .. } | Self::Choice { .. } | Self::Unit { .. } => Type::Text,
            Self::Int { .. } => Type::Int,
            Self::Decimal { scale, .. } => Type::Decimal { scale: *scale },
            Self::Money { .. } => Type::Decimal { scale: 2 },
            Self::Area => Type::Decimal { scale: 4 },
            Self::Date { .. } => Type::Date,
            Self::Bool => Type::Bool,
        }
    }
}

/// One field of a register.
#[derive(Debug, Clone)]
pub struct Field {
    /// Id; the column's name in SQL, CSV and JSON.
    pub id: String,
    /// Label in Chinese, the header people know.
    pub label: String,
    /// English label.
    pub label_en: String,
    /// What it holds.
    pub ty: FieldType,
    /// Unit of measure for people (人, 所, 亩 …); empty for none. Money is always kept in 元.
    pub measure: String,
    /// The same in English.
    pub measure_en: String,
    /// Whether a record without it is refused.
    pub required: bool,
    /// Other headers under which it arrives.
    pub synonyms: Vec<String>,
    /// Help for whoever fills it in.
    pub help: String,
    /// The same in English.
    pub help_en: String,
    /// Computed from the other fields when given; then it is never typed in.
    pub derived: Option<Expr>,
    /// Last day on which the field was in use; a retired field keeps its column and values.
    pub retired: Option<Date>,
    /// Personal data: masked in print and export unless asked for by right.
    pub personal: bool,
}
