//! Functions: which there are, what they take and what they give.

use jiff::civil::Date;

use crate::Type;
use crate::ast::{Ast, AstKind};
use crate::check::{Checker, rounded};
use crate::diagnostic::Span;
use crate::node::{ArithOp, Const, DatePart, MatchOp, Node, NodeKind, PickOp};
use crate::value::MAX_SCALE;

impl Checker<'_> {
    pub fn call(
        &mut self,
        span: Span,
        name: &str,
        name_span: Span,
        method: bool,
        args: &[Ast],
    ) -> Option<Node> {
        let made = |kind, ty| Some(Node { kind, ty, span });
        let matching = match name {
            "startsWith" => Some(MatchOp::Starts),
            "endsWith" => Some(MatchOp::Ends),
            "contains" => Some(MatchOp::Contains),
            _ => None,
        };
        if let Some(op) = matching.filter(|_| method) {
            let [subject, pattern] = self.arguments(span, name, args, "x.函数('字')")?;
            let subject = self.of_type(subject, Type::Text);
            let AstKind::Text(pattern) = &pattern.kind else {
                let message = format!("{name} 的参数要直接写成文字，如 x.{name}('字')");
                return self.fail(pattern.span, "E1108", message);
            };
            return made(
                NodeKind::Match(op, Box::new(subject?), pattern.clone()),
                Type::Bool,
            );
        }
        match name {
            _ if method || matching.is_some() => {
                let message = format!(
                    "不能写成 {}：点号后只有 startsWith、endsWith、contains，其余写成 函数(x)",
                    if method {
                        format!("x.{name}(…)")
                    } else {
                        format!("{name}(…)")
                    }
                );
                self.fail(name_span, "E1102", message)
            }
            "has" => {
                let [inner] = self.arguments(span, name, args, "has(x)")?;
                let inner = self.valued(inner)?;
                let negated = true;
                made(
                    NodeKind::IsNull {
                        inner: Box::new(inner),
                        negated,
                    },
                    Type::Bool,
                )
            }
            "date" => {
                let [text] = self.arguments(span, name, args, "date('2021-01-01')")?;
                let AstKind::Text(text) = &text.kind else {
                    let message = "date 的参数要直接写成文字，如 date('2021-01-01')";
                    return self.fail(span, "E1108", message);
                };
                match parse_date(text) {
                    Some(date) => made(NodeKind::Const(Const::Date(date)), Type::Date),
                    None => self.fail(
                        span,
                        "E1109",
                        format!("“{text}”不是日期：请写成 date('2021-01-01')，年份1至9999"),
                    ),
                }
            }
            "year" | "month" => {
                let [date] = self.arguments(span, name, args, "year(d)")?;
                let date = self.of_type(date, Type::Date)?;
                let part = if name == "year" {
                    DatePart::Year
                } else {
                    DatePart::Month
                };
                made(NodeKind::Part(part, Box::new(date)), Type::Int)
            }
            "days" => {
                let [later, earlier] = self.arguments(span, name, args, "days(后, 前)")?;
                let (later, earlier) = (
                    self.of_type(later, Type::Date),
                    self.of_type(earlier, Type::Date),
                );
                made(
                    NodeKind::Days(Box::new(later?), Box::new(earlier?)),
                    Type::Int,
                )
            }
            "size" => {
                let [text] = self.arguments(span, name, args, "size(x)")?;
                let text = self.of_type(text, Type::Text)?;
                made(NodeKind::Size(Box::new(text)), Type::Int)
            }
            "abs" => {
                let [number] = self.arguments(span, name, args, "abs(x)")?;
                let number = self.number(number)?;
                let ty = number.ty;
                made(NodeKind::Abs(Box::new(number)), ty)
            }
            "max" | "min" => {
                let nodes = self.several(span, name, args)?;
                if let Some(odd) = nodes
                    .iter()
                    .find(|node| node.ty.scale().is_none() && node.ty != Type::Date)
                {
                    let message = format!("{name} 只比较数或日期，得到{}", odd.ty);
                    return self.fail(odd.span, "E1114", message);
                }
                let nodes = self.all_alike(span, nodes)?;
                let ty = nodes.first()?.ty;
                let op = if name == "max" {
                    PickOp::Max
                } else {
                    PickOp::Min
                };
                made(NodeKind::Pick(op, nodes), ty)
            }
            "coalesce" => {
                let nodes = self.several(span, name, args)?;
                let nodes = self.all_alike(span, nodes)?;
                let ty = nodes.first()?.ty;
                made(NodeKind::Coalesce(nodes), ty)
            }
            "round" => self.round(span, name, args),
            _ => self.fail(
                name_span,
                "E1102",
                format!(
                    "没有名为“{name}”的函数：可用 has date year month days max min abs size round \
                     coalesce，以及 x.startsWith x.endsWith x.contains"
                ),
            ),
        }
    }

    fn round(&mut self, span: Span, name: &str, args: &[Ast]) -> Option<Node> {
        let [number, places] = self.arguments(span, name, args, "round(x, n)")?;
        let scale = match places.kind {
            AstKind::Int(n) => u8::try_from(n).ok().filter(|n| *n <= MAX_SCALE),
            _ => None,
        };
        let Some(scale) = scale else {
            let message = format!("round 的位数要直接写成0至{MAX_SCALE}的整数");
            return self.fail(places.span, "E1108", message);
        };
        // A quotient and a product are rounded once, from their exact value.
        let inner = match &number.kind {
            AstKind::Divide(left, right) => return self.divide(span, left, right, scale),
            AstKind::Arith(ArithOp::Mul, left, right) => {
                self.arith(number.span, ArithOp::Mul, left, right, 2 * MAX_SCALE)?
            }
            _ => self.number(number)?,
        };
        let ty = rounded(scale);
        Some(Node {
            kind: NodeKind::Round(Box::new(inner)),
            ty,
            span,
        })
    }

    fn arguments<'a, const N: usize>(
        &mut self,
        span: Span,
        name: &str,
        args: &'a [Ast],
        form: &str,
    ) -> Option<&'a [Ast; N]> {
        match args.try_into() {
            Ok(args) => Some(args),
            Err(_) => self.fail(
                span,
                "E1103",
                format!("{name} 要{N}个参数，得到{}个：写成 {form}", args.len()),
            ),
        }
    }

    /// Two or more arguments, none of them `null`.
    fn several(&mut self, span: Span, name: &str, args: &[Ast]) -> Option<Vec<Node>> {
        if args.len() < 2 {
            let message = format!("{name} 至少要2个参数，得到{}个", args.len());
            return self.fail(span, "E1103", message);
        }
        let nodes: Vec<Option<Node>> = args.iter().map(|arg| self.valued(arg)).collect();
        nodes.into_iter().collect()
    }
}

/// `2021-01-01` and nothing else.
fn parse_date(text: &str) -> Option<Date> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shaped
        .then(|| text.parse::<Date>().ok())
        .flatten()
        .filter(|date| date.year() >= 1)
}
