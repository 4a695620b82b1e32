//! Evaluation over one row.
//!
//! Numbers run as 64-bit integers scaled by their static type, exactly as the databases hold
//! them, so that an overflow is an error here and there alike. Nothing is allocated on the way.

use std::cmp::Ordering;
use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::check::pow10;
use crate::node::{ArithOp, Const, DatePart, MatchOp, Node, NodeKind, PickOp};
use crate::value::COLUMN_LIMIT;
use crate::{Type, Value};

/// Greatest magnitude of a divisor, in its smallest unit: SQLite divides in 64 bits step by step.
pub const DIVISOR_LIMIT: i64 = 9_000_000_000_000_000;

/// Why an evaluation failed. No failure ever yields a number instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("算式“{text}”算不出：{reason}")]
pub struct EvalError {
    /// What went wrong.
    pub reason: Failure,
    /// The part of the source where it happened.
    pub text: String,
    /// Where that part stands, in bytes.
    pub span: Range<usize>,
}

/// What can go wrong while evaluating a checked expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A number does not fit 64 bits at its scale.
    #[error("数字超出可计算的范围，请核对单位")]
    Overflow,
    /// A column holds more than fifteen digits in its smallest unit.
    #[error("字段的数字超过15位（连同小数），请核对单位")]
    ColumnTooLarge,
    /// A column holds more places than its type has.
    #[error("字段的小数位数多于规定")]
    TooManyPlaces,
    /// A column holds a value of another type than the scope said.
    #[error("字段的值与规定的类型不符")]
    WrongType,
    /// The row is shorter than the scope said.
    #[error("这一行缺少该字段")]
    MissingColumn,
}

/// A value on the way: numbers scaled, text borrowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Flow<'a> {
    Null,
    Bool(bool),
    Num(i64),
    Date(Date),
    Text(&'a str),
}

impl Flow<'_> {
    fn truth(self) -> bool {
        self == Flow::Bool(true)
    }

    /// Order of two values of one type; `None` when either is null.
    fn order(self, other: Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Flow::Num(left), Flow::Num(right)) => left.cmp(&right),
            (Flow::Text(left), Flow::Text(right)) => left.cmp(right),
            (Flow::Date(left), Flow::Date(right)) => left.cmp(&right),
            (Flow::Bool(left), Flow::Bool(right)) => left.cmp(&right),
            _ => return None,
        })
    }

    pub(crate) fn into_value(self, ty: Type) -> Value {
        match self {
            Flow::Null => Value::Null,
            Flow::Bool(truth) => Value::Bool(truth),
            Flow::Num(number) => match ty {
                Type::Decimal { scale } => Value::Decimal(Decimal::new(number, scale.into())),
                _ => Value::Int(number),
            },
            Flow::Date(date) => Value::Date(date),
            Flow::Text(text) => Value::Text(text.to_owned()),
        }
    }
}

/// Watches the values of nodes as they come up; a trace records them, `()` does not.
pub(crate) trait Watch {
    fn seen(&mut self, node: &Node, value: Flow<'_>);
}

impl Watch for () {
    fn seen(&mut self, _node: &Node, _value: Flow<'_>) {}
}

/// Where and why it went wrong.
pub(crate) type Broken<'n> = (&'n Node, Failure);

/// Evaluates a node; operands that cannot matter are skipped.
pub(crate) fn run<'n, W: Watch>(
    node: &'n Node,
    row: &'n [Value],
    watch: &mut W,
) -> Result<Flow<'n>, Broken<'n>> {
    let value = step(node, row, watch)?;
    watch.seen(node, value);
    Ok(value)
}

fn step<'n, W: Watch>(
    node: &'n Node,
    row: &'n [Value],
    watch: &mut W,
) -> Result<Flow<'n>, Broken<'n>> {
    let failed = |failure: Failure| (node, failure);
    let overflow = || (node, Failure::Overflow);
    Ok(match &node.kind {
        NodeKind::Null => Flow::Null,
        NodeKind::Const(literal) => match literal {
            Const::Bool(truth) => Flow::Bool(*truth),
            Const::Num(number) => Flow::Num(*number),
            Const::Date(date) => Flow::Date(*date),
            Const::Text(text) => Flow::Text(text),
        },
        NodeKind::Column { index, .. } => column(node.ty, row.get(*index)).map_err(failed)?,
        NodeKind::And(parts) => {
            for part in parts {
                if !run(part, row, watch)?.truth() {
                    return Ok(Flow::Bool(false));
                }
            }
            Flow::Bool(true)
        }
        NodeKind::Or(parts) => {
            for part in parts {
                if run(part, row, watch)?.truth() {
                    return Ok(Flow::Bool(true));
                }
            }
            Flow::Bool(false)
        }
        NodeKind::Not(inner) => Flow::Bool(!run(inner, row, watch)?.truth()),
        NodeKind::Compare(op, left, right) => {
            let (left, right) = (run(left, row, watch)?, run(right, row, watch)?);
            Flow::Bool(left.order(right).is_some_and(|order| op.holds(order)))
        }
        NodeKind::IsNull { inner, negated } => {
            Flow::Bool((run(inner, row, watch)? == Flow::Null) != *negated)
        }
        NodeKind::In(inner, items) => Flow::Bool(is_among(run(inner, row, watch)?, items)),
        NodeKind::Match(op, inner, pattern) => Flow::Bool(match run(inner, row, watch)? {
            Flow::Text(text) => match op {
                MatchOp::Starts => text.starts_with(pattern.as_str()),
                MatchOp::Ends => text.ends_with(pattern.as_str()),
                MatchOp::Contains => text.contains(pattern.as_str()),
            },
            _ => false,
        }),
        NodeKind::Cond(test, then, other) => {
            let branch = if run(test, row, watch)?.truth() {
                then
            } else {
                other
            };
            run(branch, row, watch)?
        }
        NodeKind::Coalesce(parts) => {
            for part in parts {
                let value = run(part, row, watch)?;
                if value != Flow::Null {
                    return Ok(value);
                }
            }
            Flow::Null
        }
        NodeKind::Pick(op, parts) => {
            let mut picked = None;
            let mut unknown = false;
            for part in parts {
                let value = run(part, row, watch)?;
                unknown |= value == Flow::Null;
                let better = match picked {
                    None => true,
                    Some(best) => {
                        value.order(best)
                            == Some(match op {
                                PickOp::Min => Ordering::Less,
                                PickOp::Max => Ordering::Greater,
                            })
                    }
                };
                if better {
                    picked = Some(value);
                }
            }
            picked.filter(|_| !unknown).unwrap_or(Flow::Null)
        }
        NodeKind::Part(part, inner) => match run(inner, row, watch)? {
            Flow::Date(date) => Flow::Num(match part {
                DatePart::Year => date.year().into(),
                DatePart::Month => date.month().into(),
            }),
            _ => Flow::Null,
        },
        NodeKind::Days(later, earlier) => {
            match (run(later, row, watch)?, run(earlier, row, watch)?) {
                (Flow::Date(later), Flow::Date(earlier)) => {
                    Flow::Num(later.duration_since(earlier).as_hours() / 24)
                }
                _ => Flow::Null,
            }
        }
        NodeKind::Size(inner) => match run(inner, row, watch)? {
            Flow::Text(text) => {
                Flow::Num(i64::try_from(text.chars().count()).map_err(|_| overflow())?)
            }
            _ => Flow::Null,
        },
        NodeKind::Neg(inner) => match run(inner, row, watch)? {
            Flow::Num(number) => Flow::Num(number.checked_neg().ok_or_else(overflow)?),
            _ => Flow::Null,
        },
        NodeKind::Abs(inner) => match run(inner, row, watch)? {
            Flow::Num(number) => Flow::Num(number.checked_abs().ok_or_else(overflow)?),
            _ => Flow::Null,
        },
        NodeKind::Rescale(inner) | NodeKind::Round(inner) => match run(inner, row, watch)? {
            Flow::Num(number) => {
                Flow::Num(rescale(number, inner.scale(), node.scale()).ok_or_else(overflow)?)
            }
            _ => Flow::Null,
        },
        NodeKind::Arith(op, left, right) => {
            match (run(left, row, watch)?, run(right, row, watch)?) {
                (Flow::Num(left), Flow::Num(right)) => match arith(*op, left, right) {
                    Some(number) => Flow::Num(number),
                    None if *op == ArithOp::Rem && right == 0 => Flow::Null,
                    None => return Err(overflow()),
                },
                _ => Flow::Null,
            }
        }
        NodeKind::Div(left, right) => {
            let (up, down) = (node.scale() + right.scale(), left.scale());
            let (left, right) = (run(left, row, watch)?, run(right, row, watch)?);
            let Flow::Num(divisor) = right else {
                return Ok(Flow::Null);
            };
            // Refused also next to a null, as SQLite does.
            let divisor = shifted(divisor, down.saturating_sub(up)).ok_or_else(overflow)?;
            match left {
                Flow::Num(left) if divisor != 0 => {
                    // 2^63 · 10^12 is far below 2^127.
                    let dividend = i128::from(left) * i128::from(pow10(up.saturating_sub(down)));
                    let quotient = halves_away(dividend, divisor.into());
                    Flow::Num(i64::try_from(quotient).map_err(|_| overflow())?)
                }
                _ => Flow::Null,
            }
        }
    })
}

fn column(ty: Type, value: Option<&Value>) -> Result<Flow<'_>, Failure> {
    let number = match (ty, value.ok_or(Failure::MissingColumn)?) {
        (_, Value::Null) => return Ok(Flow::Null),
        (Type::Bool, Value::Bool(truth)) => return Ok(Flow::Bool(*truth)),
        (Type::Date, Value::Date(date)) => return Ok(Flow::Date(*date)),
        (Type::Text, Value::Text(text)) => return Ok(Flow::Text(text)),
        (Type::Int, Value::Int(number)) => Some(*number),
        (Type::Decimal { scale }, Value::Int(number)) => rescale(*number, 0, scale),
        (Type::Decimal { scale }, Value::Decimal(decimal)) => {
            let mut decimal = *decimal;
            let scale = u32::from(scale);
            if decimal.scale() > scale {
                decimal = decimal.normalize();
                if decimal.scale() > scale {
                    return Err(Failure::TooManyPlaces);
                }
            }
            let factor = 10_i128.pow(scale - decimal.scale());
            decimal
                .mantissa()
                .checked_mul(factor)
                .and_then(|number| i64::try_from(number).ok())
        }
        _ => return Err(Failure::WrongType),
    };
    number
        .filter(|number| number.unsigned_abs() <= COLUMN_LIMIT.unsigned_abs())
        .map(Flow::Num)
        .ok_or(Failure::ColumnTooLarge)
}

fn is_among(value: Flow<'_>, items: &[Const]) -> bool {
    let found = match value {
        Flow::Null => return false,
        Flow::Text(text) => items.binary_search_by(|item| match item {
            Const::Text(item) => item.as_str().cmp(text),
            _ => Ordering::Less,
        }),
        Flow::Num(number) => items.binary_search(&Const::Num(number)),
        Flow::Bool(truth) => items.binary_search(&Const::Bool(truth)),
        Flow::Date(date) => items.binary_search(&Const::Date(date)),
    };
    found.is_ok()
}

fn arith(op: ArithOp, left: i64, right: i64) -> Option<i64> {
    match op {
        ArithOp::Add => left.checked_add(right),
        ArithOp::Sub => left.checked_sub(right),
        ArithOp::Mul => left.checked_mul(right),
        ArithOp::Rem => left.checked_rem(right),
    }
}

/// A scaled number with more or fewer places, half away from zero.
fn rescale(number: i64, from: u8, to: u8) -> Option<i64> {
    if to >= from {
        number.checked_mul(pow10(to - from))
    } else {
        i64::try_from(halves_away(number.into(), pow10(from - to).into())).ok()
    }
}

/// A divisor within its limit, with so many places more.
fn shifted(divisor: i64, places: u8) -> Option<i64> {
    (divisor.unsigned_abs() <= DIVISOR_LIMIT.unsigned_abs())
        .then(|| divisor.checked_mul(pow10(places)))
        .flatten()
}

/// Quotient of integers rounded half away from zero; the divisor is not zero.
fn halves_away(dividend: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    if rest.abs() >= divisor.abs() - rest.abs() {
        quotient + dividend.signum() * divisor.signum()
    } else {
        quotient
    }
}
