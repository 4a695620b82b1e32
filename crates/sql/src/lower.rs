//! From the checked tree to SQL. Every operand is written once, so that the SQL grows no faster
//! than the expression; where a formula needs a value twice, a subquery names it.

use qipan_expr::{
    ArithOp, CompareOp, Const, DIVISOR_LIMIT, DatePart, MatchOp, Node, NodeKind, PickOp, Type,
};
use sea_query::{Expr as Sql, ExprTrait};

use crate::Dialect::{Postgres, Sqlite};
use crate::template::{spread, template};
use crate::{Dialect, bounds, date};

pub(crate) struct Lower<'a> {
    pub dialect: Dialect,
    pub columns: &'a dyn Fn(usize) -> Sql,
}

impl Lower<'_> {
    fn template<const N: usize>(&self, text: &str, parts: [Sql; N]) -> Sql {
        template(self.dialect, text, parts)
    }

    /// SQL that is true exactly where the node is; elsewhere false or null.
    pub fn condition(&self, node: &Node) -> Sql {
        match node.kind() {
            NodeKind::And(parts) => self.chain(parts, Sql::and),
            NodeKind::Or(parts) => self.chain(parts, Sql::or),
            NodeKind::Not(inner) => self.template("({}) IS NOT TRUE", [self.condition(inner)]),
            NodeKind::Compare(op, left, right) => self.compare(*op, left, right),
            NodeKind::In(inner, items) => self
                .value(inner)
                .is_in(items.iter().map(|item| self.literal(item))),
            NodeKind::Match(op, inner, pattern) => self.matches(*op, inner, pattern),
            _ => self.value(node),
        }
    }

    /// A chain of `AND` or `OR` as a balanced tree: databases limit how deep one may nest.
    fn chain(&self, parts: &[Node], join: fn(Sql, Sql) -> Sql) -> Sql {
        match parts {
            [only] => self.condition(only),
            _ => {
                let (left, right) = parts.split_at(parts.len() / 2);
                join(self.chain(left, join), self.chain(right, join))
            }
        }
    }

    /// SQL with exactly the node's value.
    pub fn value(&self, node: &Node) -> Sql {
        match node.kind() {
            NodeKind::Null => self.null(node.ty()),
            NodeKind::Const(literal) => self.literal(literal),
            NodeKind::Column { index, .. } => (self.columns)(*index),
            NodeKind::IsNull { inner, negated } => {
                let inner = self.value(inner);
                if *negated {
                    inner.is_not_null()
                } else {
                    inner.is_null()
                }
            }
            // Two-valued already.
            NodeKind::Not(_) => self.condition(node),
            NodeKind::And(_)
            | NodeKind::Or(_)
            | NodeKind::Compare(..)
            | NodeKind::In(..)
            | NodeKind::Match(..) => self.template("({}) IS TRUE", [self.condition(node)]),
            NodeKind::Cond(test, then, other) => self.template(
                "(CASE WHEN {} THEN {} ELSE {} END)",
                [self.condition(test), self.value(then), self.value(other)],
            ),
            NodeKind::Coalesce(parts) => {
                let text = format!("coalesce({})", holes(parts.len()));
                spread(self.dialect, &text, self.values(parts))
            }
            NodeKind::Pick(op, parts) => self.pick(*op, parts),
            NodeKind::Part(part, inner) => self.date_part(*part, inner),
            NodeKind::Days(later, earlier) => {
                let text = match self.dialect {
                    // Midnights lie at .5: the difference is whole, the cast exact.
                    Sqlite => "CAST(julianday({}) - julianday({}) AS INTEGER)",
                    Postgres => "CAST(({}) - ({}) AS bigint)",
                };
                self.template(text, [self.value(later), self.value(earlier)])
            }
            NodeKind::Size(inner) => {
                let text = match self.dialect {
                    Sqlite => "length({})",
                    Postgres => "CAST(char_length({}) AS bigint)",
                };
                self.template(text, [self.value(inner)])
            }
            NodeKind::Neg(inner) => {
                let sql = self.template("(-({}))", [self.value(inner)]);
                self.guard(node, sql)
            }
            NodeKind::Abs(inner) => self.template("abs({})", [self.value(inner)]),
            NodeKind::Rescale(inner) | NodeKind::Round(inner) => self.rescale(node, inner),
            NodeKind::Arith(op, left, right) => self.arith(node, *op, left, right),
            NodeKind::Div(left, right) => self.divide(node, left, right),
        }
    }

    fn values(&self, nodes: &[Node]) -> Vec<Sql> {
        nodes.iter().map(|node| self.value(node)).collect()
    }

    /// A bound parameter. PostgreSQL is told its type in the text: prepared statements are cached
    /// by their text alone, and `$1` must not be a number today and a text tomorrow.
    fn literal(&self, literal: &Const) -> Sql {
        let (value, ty) = match literal {
            Const::Bool(truth) => (Sql::val(*truth), Type::Bool),
            Const::Num(number) => (Sql::val(*number), Type::Int),
            Const::Date(day) => return date(*day, self.dialect),
            Const::Text(text) => (Sql::val(text.as_str()), Type::Text),
        };
        match self.dialect {
            Sqlite => value,
            Postgres => self.template(&format!("CAST({{}} AS {})", name_of(ty)), [value]),
        }
    }

    fn null(&self, ty: Type) -> Sql {
        match self.dialect {
            Sqlite => Sql::null(),
            Postgres => self.template(&format!("CAST(NULL AS {})", name_of(ty)), []),
        }
    }

    fn compare(&self, op: CompareOp, left: &Node, right: &Node) -> Sql {
        let text = left.ty() == Type::Text;
        let (mut left, mut right) = (self.value(left), self.value(right));
        match op {
            CompareOp::Eq => return left.eq(right),
            CompareOp::Ne => return left.ne(right),
            _ => {}
        }
        if text && self.dialect == Postgres {
            // SQLite and the evaluator order text by its bytes, whatever the server's locale.
            left = self.template("({}) COLLATE \"C\"", [left]);
            right = self.template("({}) COLLATE \"C\"", [right]);
        }
        match op {
            CompareOp::Lt => left.lt(right),
            CompareOp::Le => left.lte(right),
            CompareOp::Gt => left.gt(right),
            _ => left.gte(right),
        }
    }

    /// Plain functions rather than `LIKE`: no wildcards to escape, and case counts.
    fn matches(&self, op: MatchOp, inner: &Node, pattern: &str) -> Sql {
        let subject = self.value(inner);
        let length = pattern.chars().count();
        if length == 0 {
            return subject.is_not_null();
        }
        let text = match (op, self.dialect) {
            (MatchOp::Starts, Sqlite) => format!("substr({{}}, 1, {length}) = {{}}"),
            (MatchOp::Starts, Postgres) => format!("left({{}}, {length}) = {{}}"),
            (MatchOp::Ends, Sqlite) => format!("substr({{}}, -{length}) = {{}}"),
            (MatchOp::Ends, Postgres) => format!("right({{}}, {length}) = {{}}"),
            (MatchOp::Contains, Sqlite) => "instr({}, {}) > 0".to_owned(),
            (MatchOp::Contains, Postgres) => "strpos({}, {}) > 0".to_owned(),
        };
        let pattern = self.literal(&Const::Text(pattern.to_owned()));
        self.template(&text, [subject, pattern])
    }

    /// Null when any is null: SQLite's own rule; PostgreSQL's `GREATEST` would skip nulls.
    fn pick(&self, op: PickOp, parts: &[Node]) -> Sql {
        let name = match op {
            PickOp::Min => "min",
            PickOp::Max => "max",
        };
        let text = match self.dialect {
            Sqlite => format!("{name}({})", holes(parts.len())),
            Postgres => format!(
                "(SELECT CASE WHEN count(v) = count(*) THEN {name}(v) END \
                 FROM (VALUES ({})) AS t(v))",
                vec!["{}"; parts.len()].join("), (")
            ),
        };
        spread(self.dialect, &text, self.values(parts))
    }

    fn date_part(&self, part: DatePart, inner: &Node) -> Sql {
        let text = match (part, self.dialect) {
            (DatePart::Year, Sqlite) => "CAST(substr({}, 1, 4) AS INTEGER)",
            (DatePart::Month, Sqlite) => "CAST(substr({}, 6, 2) AS INTEGER)",
            (DatePart::Year, Postgres) => "CAST(EXTRACT(YEAR FROM {}) AS bigint)",
            (DatePart::Month, Postgres) => "CAST(EXTRACT(MONTH FROM {}) AS bigint)",
        };
        self.template(text, [self.value(inner)])
    }

    /// Stops a number of SQLite's that has left 64 bits, where that is possible.
    ///
    /// SQLite answers an integer overflow with a floating-point number. Its text has a point,
    /// which makes it no JSON here and the statement fail; an integer passes unchanged.
    fn guard(&self, node: &Node, sql: Sql) -> Sql {
        if self.dialect == Postgres || bounds::fits(bounds::raw(node)) {
            return sql;
        }
        self.guarded(sql)
    }

    fn guarded(&self, sql: Sql) -> Sql {
        self.template("json_extract(replace({}, '.', 'x'), '$')", [sql])
    }

    fn arith(&self, node: &Node, op: ArithOp, left: &Node, right: &Node) -> Sql {
        let divisor = bounds::of(right);
        let (left, right) = (self.value(left), self.value(right));
        let sql = match op {
            ArithOp::Add => left.add(right),
            ArithOp::Sub => left.sub(right),
            ArithOp::Mul => left.mul(right),
            // SQLite gives null for a remainder by zero, PostgreSQL fails.
            ArithOp::Rem if self.dialect == Postgres && divisor.0 <= 0 && divisor.1 >= 0 => {
                self.template("({}) % nullif({}, 0)", [left, right])
            }
            ArithOp::Rem => self.template("({}) % ({})", [left, right]),
        };
        self.guard(node, sql)
    }

    fn rescale(&self, node: &Node, inner: &Node) -> Sql {
        let (to, from) = (node.scale(), inner.scale());
        let value = self.value(inner);
        if to == from {
            return value;
        }
        let factor = ten_to(to.abs_diff(from));
        if to > from {
            let sql = self.template(&format!("({{}}) * {factor}"), [value]);
            return self.guard(node, sql);
        }
        let text = match self.dialect {
            // Twice the rest, divided again, is what rounding half away from zero adds.
            Sqlite => format!(
                "(SELECT v / {factor} + v % {factor} * 2 / {factor} FROM (SELECT {{}} AS v))"
            ),
            // Division by a power of ten is exact; round() of numeric goes half away from zero.
            Postgres => {
                format!("CAST(round(CAST({{}} AS numeric(40, 20)) / {factor}) AS bigint)")
            }
        };
        self.template(&text, [value])
    }

    fn divide(&self, node: &Node, left: &Node, right: &Node) -> Sql {
        let (up, down) = (node.scale() + right.scale(), left.scale());
        let operands = [self.value(left), self.value(right)];
        match self.dialect {
            Postgres => {
                // 25 places of quotient tell a half from what lies nearest to it, whatever the
                // 64-bit divisor; then round() goes half away from zero.
                let text = if up >= down {
                    format!(
                        "CAST(round(CAST({{}} AS numeric(50, 25)) * {} / nullif({{}}, 0)) \
                         AS bigint)",
                        ten_to(up - down)
                    )
                } else {
                    format!(
                        "CAST(round(CAST({{}} AS numeric(50, 25)) \
                         / (nullif({{}}, 0) * {})) AS bigint)",
                        bigint(ten_to(down - up))
                    )
                };
                self.template(&text, operands)
            }
            Sqlite => {
                let sql = self.template(&long_division(up, down), operands);
                self.guard(node, sql)
            }
        }
    }
}

/// PostgreSQL's name of the type that stores a type.
fn name_of(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "boolean",
        Type::Int | Type::Decimal { .. } => "bigint",
        Type::Date => "date",
        Type::Text => "text",
    }
}

/// Division in 64 bits, three digits at a time as on paper: `q` the quotient so far, `r` the
/// rest, `d` the divisor, `s` the sign. A divisor of zero gives null; one beyond the limit, for
/// which `r * 1000` would not fit, makes `abs` of the least integer, which fails.
fn long_division(up: u8, down: u8) -> String {
    let least = i64::MIN;
    let divisor = if up >= down {
        format!("abs(CASE WHEN abs(d) > {DIVISOR_LIMIT} THEN {least} ELSE d END)")
    } else {
        format!(
            "abs(json_extract(replace(CASE WHEN abs(d) > {DIVISOR_LIMIT} THEN {least} ELSE d END \
             * {}, '.', 'x'), '$'))",
            ten_to(down - up)
        )
    };
    let mut sql = format!(
        "(SELECT abs(n) AS n, {divisor} AS d, CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END AS s \
         FROM (SELECT {{}} AS n, {{}} AS d))"
    );
    sql = format!("(SELECT n / d AS q, n % d AS r, d, s FROM {sql})");
    let mut places = up.saturating_sub(down);
    while places > 0 {
        let digits = Ord::min(places, 3);
        places -= digits;
        let factor = ten_to(digits);
        sql = format!(
            "(SELECT q * {factor} + r * {factor} / d AS q, r * {factor} % d AS r, d, s FROM {sql})"
        );
    }
    format!("(SELECT s * (q + (r >= d - r)) FROM {sql})")
}

fn holes(count: usize) -> String {
    vec!["{}"; count].join(", ")
}

fn ten_to(places: u8) -> i64 {
    10_i64.saturating_pow(places.into())
}

fn bigint(number: i64) -> String {
    format!("CAST({number} AS bigint)")
}
