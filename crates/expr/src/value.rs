//! Values and their types, shared by the whole system.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Most places after the point that a decimal type may have.
pub const MAX_SCALE: u8 = 6;

/// Greatest magnitude of a stored number, counted in its smallest unit (分 for money): fifteen
/// digits, that is 10 万亿元. Stores refuse more; arithmetic on it may grow to 64 bits.
pub const COLUMN_LIMIT: i64 = 999_999_999_999_999;

/// One typed value of a field or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing stated. Not zero, not the empty text.
    #[default]
    Null,
    /// Truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal; money is in yuan with two places.
    Decimal(Decimal),
    /// A calendar day.
    Date(Date),
    /// Text; also the id of a unit and the label of a choice.
    Text(String),
}

impl Value {
    /// Whether nothing is stated.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, when this is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number as an exact decimal, when this is a number.
    #[must_use]
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Int(n) => Some(Decimal::from(*n)),
            Self::Decimal(d) => Some(*d),
            _ => None,
        }
    }

    /// The day, when this is a date.
    #[must_use]
    pub fn as_date(&self) -> Option<Date> {
        match self {
            Self::Date(date) => Some(*date),
            _ => None,
        }
    }
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// Truth.
    Bool,
    /// A whole number, 64 bits.
    Int,
    /// An exact decimal with a fixed number of places; stored as a scaled 64-bit integer.
    Decimal {
        /// Places after the point, 0 to 6.
        scale: u8,
    },
    /// A calendar day.
    Date,
    /// Text.
    Text,
}

impl Type {
    /// Places after the point of a number; `None` for everything else.
    #[must_use]
    pub fn scale(self) -> Option<u8> {
        match self {
            Self::Int => Some(0),
            Self::Decimal { scale } => Some(scale),
            Self::Bool | Self::Date | Self::Text => None,
        }
    }
}

impl std::fmt::Display for Type {
    /// The word that messages use.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool => f.write_str("是否"),
            Self::Int => f.write_str("整数"),
            Self::Decimal { scale } => write!(f, "{scale}位小数"),
            Self::Date => f.write_str("日期"),
            Self::Text => f.write_str("文字"),
        }
    }
}
