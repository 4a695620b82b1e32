//! Random rows and random well-typed expressions, from a seed.

use jiff::civil::Date;
use qipan_expr::{COLUMN_LIMIT, Scope, Type, Value};
use rust_decimal::Decimal;

/// The columns of the test table, in order.
pub const COLUMNS: [(&str, Type); 11] = [
    ("i", Type::Int),
    ("n", Type::Int),
    ("m", Type::Decimal { scale: 2 }),
    ("q", Type::Decimal { scale: 4 }),
    ("r", Type::Decimal { scale: 6 }),
    ("d", Type::Date),
    ("s", Type::Date),
    ("t", Type::Text),
    ("u", Type::Text),
    ("b", Type::Bool),
    ("v", Type::Bool),
];

/// Those columns, then `today`.
pub struct Table;

impl Scope for Table {
    fn column(&self, name: &str) -> Option<(usize, Type)> {
        if name == "today" {
            return Some((COLUMNS.len(), Type::Date));
        }
        let index = COLUMNS.iter().position(|(column, _)| *column == name)?;
        Some((index, COLUMNS[index].1))
    }
}

pub const TODAY: Date = Date::constant(2022, 9, 20);

const TEXTS: [&str; 14] = [
    "",
    "a",
    "A",
    "ab",
    "b",
    "50%",
    "a_b",
    "a%b",
    "万州",
    "万州区",
    "城口",
    "it's",
    "\\",
    "😀a ",
];

const DATES: [(i16, i8, i8); 8] = [
    (2021, 1, 1),
    (2021, 12, 31),
    (2022, 1, 1),
    (2022, 9, 20),
    (2024, 2, 29),
    (1900, 3, 1),
    (1, 1, 1),
    (9999, 12, 31),
];

/// A small generator of pseudo-random numbers (SplitMix64): seeded, so that failures repeat.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A stored number in its smallest unit: mostly small, halves and edges included.
    fn stored(&mut self) -> i64 {
        let magnitude = match self.below(12) {
            0 => 0,
            1 => COLUMN_LIMIT,
            2 => (self.next() % COLUMN_LIMIT as u64) as i64,
            3 => 5 * 10_i64.pow(self.below(7) as u32),
            4 => 10_i64.pow(self.below(12) as u32),
            5 | 6 => (self.next() % 2_000_000_000) as i64,
            _ => (self.next() % 40) as i64,
        };
        if self.one_in(3) {
            -magnitude
        } else {
            magnitude
        }
    }

    fn date(&mut self) -> Date {
        let (year, month, day) = self.pick(&DATES);
        Date::new(year, month, day).unwrap()
    }

    /// A row of the test table, `today` at its end.
    pub fn row(&mut self) -> Vec<Value> {
        let mut row: Vec<Value> = COLUMNS
            .iter()
            .map(|(_, ty)| {
                if self.one_in(5) {
                    return Value::Null;
                }
                match ty {
                    Type::Bool => Value::Bool(self.one_in(2)),
                    Type::Int => Value::Int(self.stored()),
                    Type::Decimal { scale } => {
                        Value::Decimal(Decimal::new(self.stored(), (*scale).into()))
                    }
                    Type::Date => Value::Date(self.date()),
                    Type::Text => Value::Text(self.pick(&TEXTS).to_owned()),
                }
            })
            .collect();
        row.push(Value::Date(TODAY));
        row
    }

    /// The source of a well-typed expression.
    pub fn expression(&mut self) -> String {
        let depth = 1 + self.below(5);
        match self.below(6) {
            0 | 1 => self.number(depth).0,
            2 => self.day(depth),
            3 => self.text(depth),
            _ => self.truth(depth),
        }
    }

    /// A number and its places.
    fn number(&mut self, depth: usize) -> (String, u8) {
        if depth == 0 || self.one_in(6) {
            return match self.below(8) {
                0 => ("i".to_owned(), 0),
                1 => ("n".to_owned(), 0),
                2 | 3 => ("m".to_owned(), 2),
                4 => ("q".to_owned(), 4),
                5 => ("r".to_owned(), 6),
                6 => (self.below(20).to_string(), 0),
                _ => self
                    .pick(&[("0.5", 1), ("2.50", 2), ("100.0", 1), ("0.000003", 6)])
                    .own(),
            };
        }
        let down = depth - 1;
        match self.below(17) {
            0..=2 => {
                let (left, right) = (self.number(down), self.number(down));
                let sign = self.pick(&["+", "-", "%"]);
                (
                    format!("({} {sign} {})", left.0, right.0),
                    left.1.max(right.1),
                )
            }
            3 | 4 => {
                let (left, right) = (self.number(down), self.number(down));
                let product = format!("{} * {}", left.0, right.0);
                let scale = left.1 + right.1;
                if scale > 6 || self.one_in(3) {
                    let places = self.below(7) as u8;
                    (format!("round({product}, {places})"), places)
                } else {
                    (format!("({product})"), scale)
                }
            }
            5 => {
                let (left, right) = (self.number(down), self.number(down));
                (format!("({} / {})", left.0, right.0), 6)
            }
            6 | 7 => {
                let (left, right) = (self.number(down), self.number(down));
                let places = self.below(7) as u8;
                (format!("round({} / {}, {places})", left.0, right.0), places)
            }
            8 => {
                let places = self.below(7) as u8;
                (format!("round({}, {places})", self.number(down).0), places)
            }
            9 => {
                let (inner, scale) = self.number(down);
                (format!("(-{inner})"), scale)
            }
            10 => {
                let (inner, scale) = self.number(down);
                (format!("abs({inner})"), scale)
            }
            11 => {
                let parts = [self.number(down), self.number(down), self.number(down)];
                let name = self.pick(&["max", "min", "coalesce"]);
                let scale = parts.iter().map(|part| part.1).max().unwrap();
                let [a, b, c] = parts.map(|part| part.0);
                (format!("{name}({a}, {b}, {c})"), scale)
            }
            12 => (format!("year({})", self.day(down)), 0),
            13 => (format!("month({})", self.day(down)), 0),
            14 => (format!("days({}, {})", self.day(down), self.day(down)), 0),
            15 => (format!("size({})", self.text(down)), 0),
            _ => {
                let test = self.truth(down);
                let (then, other) = (self.number(down), self.number(down));
                if self.one_in(4) {
                    return (format!("({test} ? {} : null)", then.0), then.1);
                }
                let scale = then.1.max(other.1);
                (format!("({test} ? {} : {})", then.0, other.0), scale)
            }
        }
    }

    fn day(&mut self, depth: usize) -> String {
        if depth == 0 || self.one_in(3) {
            return match self.below(4) {
                0 => "d".to_owned(),
                1 => "s".to_owned(),
                2 => "today".to_owned(),
                _ => format!("date('{}')", self.date()),
            };
        }
        let (left, right) = (self.day(depth - 1), self.day(depth - 1));
        match self.below(3) {
            0 => format!("({} ? {left} : {right})", self.truth(depth - 1)),
            1 => format!("coalesce({left}, {right})"),
            _ => {
                let name = self.pick(&["max", "min"]);
                format!("{name}({left}, {right})")
            }
        }
    }

    fn quoted(&mut self) -> String {
        let text = self.pick(&TEXTS);
        format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
    }

    fn text(&mut self, depth: usize) -> String {
        if depth == 0 || self.one_in(2) {
            return match self.below(3) {
                0 => "t".to_owned(),
                1 => "u".to_owned(),
                _ => self.quoted(),
            };
        }
        let (left, right) = (self.text(depth - 1), self.text(depth - 1));
        if self.one_in(2) {
            format!("({} ? {left} : {right})", self.truth(depth - 1))
        } else {
            format!("coalesce({left}, {right})")
        }
    }

    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self
                .pick(&["b", "v", "true", "false", "(i > 3)", "has(t)", "(m < 0.5)"])
                .to_owned();
        }
        let down = depth - 1;
        let compare = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
        let equal = self.pick(&["==", "!="]);
        match self.below(15) {
            0..=2 => {
                let (left, right) = (self.number(down), self.number(down));
                format!("({} {compare} {})", left.0, right.0)
            }
            3 => format!("({} {compare} {})", self.text(down), self.text(down)),
            4 => format!("({} {compare} {})", self.day(down), self.day(down)),
            5 => format!("({} {equal} {})", self.truth(down), self.truth(down)),
            6 => {
                let inner = match self.below(4) {
                    0 => self.number(down).0,
                    1 => self.day(down),
                    2 => self.truth(down),
                    _ => self.text(down),
                };
                match self.below(3) {
                    0 => format!("has({inner})"),
                    1 => format!("({inner} == null)"),
                    _ => format!("(null != {inner})"),
                }
            }
            7 | 8 => {
                let sign = self.pick(&["&&", "||"]);
                let parts: Vec<_> = (0..2 + self.below(3)).map(|_| self.truth(down)).collect();
                format!("({})", parts.join(&format!(" {sign} ")))
            }
            9 => format!("!{}", self.truth(down)),
            10 => format!(
                "({} in [{}, {}])",
                self.text(down),
                self.quoted(),
                self.quoted()
            ),
            11 => format!("({} in [0, -3, 2.5, 7])", self.number(down).0),
            12 => format!(
                "({} in [date('2021-01-01'), date('2022-09-20')])",
                self.day(down)
            ),
            13 => {
                let name = self.pick(&["startsWith", "endsWith", "contains"]);
                format!("{}.{name}({})", self.text(down), self.quoted())
            }
            _ => {
                let test = self.truth(down);
                format!("({test} ? {} : {})", self.truth(down), self.truth(down))
            }
        }
    }
}

trait Own {
    fn own(self) -> (String, u8);
}

impl Own for (&str, u8) {
    fn own(self) -> (String, u8) {
        (self.0.to_owned(), self.1)
    }
}
