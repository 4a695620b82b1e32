//! A Pratt parser that goes on after a mistake, to report several at once.

use crate::ast::{Ast, AstKind};
use crate::diagnostic::{Diagnostic, Span};
use crate::lexer::{Token, lex};
use crate::node::{ArithOp, CompareOp};

/// Longest source in bytes.
pub const MAX_SOURCE: usize = 4096;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 64;
/// Longest list after `in`, and most arguments of a call.
pub const MAX_LIST: usize = 1000;

/// How tightly operators bind; unary operators and calls bind tighter still.
mod power {
    pub const CONDITION: u8 = 1;
    pub const OR: u8 = 2;
    pub const AND: u8 = 3;
    pub const RELATION: u8 = 4;
    pub const SUM: u8 = 5;
    pub const PRODUCT: u8 = 6;
    pub const UNARY: u8 = 7;
}

/// Parses a source; the tree is to be trusted only when nothing was found.
pub(crate) fn parse(source: &str, found: &mut Vec<Diagnostic>) -> Ast {
    let whole = Span::new(0, source.len());
    if source.len() > MAX_SOURCE {
        found.push(Diagnostic::new(
            whole,
            "E1001",
            format!("表达式长{}字节：最多{MAX_SOURCE}字节，请拆开", source.len()),
        ));
        return Ast::bad(whole);
    }
    let tokens = lex(source, found);
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        lost: false,
        found,
    };
    if parser.peek() == &Token::End {
        parser.report(whole, "E1008", "表达式是空的：请写出条件或算式");
        return Ast::bad(whole);
    }
    let ast = parser.expr(power::CONDITION);
    if parser.peek() != &Token::End && parser.found.is_empty() {
        let (token, span) = parser.next();
        let message = match &token {
            Token::Name(name) => match name.to_lowercase().as_str() {
                "and" | "且" | "并且" => format!("“{name}”不是运算符：“并且”请写“&&”"),
                "or" | "或" | "或者" => format!("“{name}”不是运算符：“或者”请写“||”"),
                _ => format!("“{name}”前缺少运算符"),
            },
            _ => format!("这里多出{}：前面的表达式已经完整", describe(&token)),
        };
        parser.report(span, "E1009", message);
    }
    ast
}

struct Parser<'a> {
    tokens: Vec<(Token, Span)>,
    at: usize,
    depth: usize,
    /// Too deep: what follows was not read and is not to be judged.
    lost: bool,
    found: &'a mut Vec<Diagnostic>,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens
            .get(self.at)
            .map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Span {
        self.tokens
            .get(self.at)
            .or(self.tokens.last())
            .map_or(Span::new(0, 0), |(_, span)| *span)
    }

    fn next(&mut self) -> (Token, Span) {
        let taken = (self.peek().clone(), self.span());
        if taken.0 != Token::End {
            self.at += 1;
        }
        taken
    }

    fn eat(&mut self, sign: &'static str) -> bool {
        let eaten = self.peek() == &Token::Sign(sign);
        if eaten {
            self.at += 1;
        }
        eaten
    }

    fn report(&mut self, span: Span, code: &'static str, message: impl Into<String>) {
        if self.lost {
            return;
        }
        self.found.push(Diagnostic::new(span, code, message));
    }

    /// Eats a closing bracket and gives the span up to it.
    fn close(&mut self, open: Span, sign: &'static str) -> Span {
        let span = self.span();
        if !self.eat(sign) && self.peek() != &Token::Bad {
            let met = describe(self.peek());
            self.report(
                open.to(open),
                "E1010",
                format!("这个括号没有配对：应有“{sign}”，遇到{met}"),
            );
        }
        open.to(span)
    }

    fn expr(&mut self, least: u8) -> Ast {
        if self.depth >= MAX_DEPTH {
            let span = self.span();
            self.too_deep(span);
            self.at = self.tokens.len().saturating_sub(1);
            return Ast::bad(span);
        }
        self.depth += 1;
        let ast = self.operators(least);
        self.depth -= 1;
        ast
    }

    fn too_deep(&mut self, span: Span) {
        let message = format!("嵌套太深：最多{MAX_DEPTH}层，请拆开");
        self.report(span, "E1002", message);
        self.lost = true;
    }

    fn operators(&mut self, least: u8) -> Ast {
        let mut left = self.prefix();
        let mut compared = false;
        loop {
            let Some(power) = binding(self.peek()).filter(|power| *power >= least) else {
                return left;
            };
            let (token, at) = self.next();
            if power == power::CONDITION {
                left = self.condition(left, at);
                continue;
            }
            if power == power::RELATION && std::mem::replace(&mut compared, true) {
                self.report(at, "E1011", "比较不能连写：请分开并用“&&”连接");
                left = Ast::bad(left.span);
            }
            let right = if token == Token::Name("in".to_owned()) {
                self.list()
            } else {
                self.expr(power + 1)
            };
            left = self.binary(&token, left, right);
        }
    }

    fn binary(&mut self, token: &Token, left: Ast, right: Ast) -> Ast {
        let span = left.span.to(right.span);
        let Token::Sign(sign) = token else {
            return self.node(span, AstKind::In(Box::new(left), Box::new(right)));
        };
        let compare = |op, left, right| AstKind::Compare(op, Box::new(left), Box::new(right));
        let arith = |op, left, right| AstKind::Arith(op, Box::new(left), Box::new(right));
        let kind = match *sign {
            "&&" => AstKind::And(join(left, right, |kind| match kind {
                AstKind::And(parts) => Ok(parts),
                kind => Err(kind),
            })),
            "||" => AstKind::Or(join(left, right, |kind| match kind {
                AstKind::Or(parts) => Ok(parts),
                kind => Err(kind),
            })),
            "==" => compare(CompareOp::Eq, left, right),
            "!=" => compare(CompareOp::Ne, left, right),
            "<" => compare(CompareOp::Lt, left, right),
            "<=" => compare(CompareOp::Le, left, right),
            ">" => compare(CompareOp::Gt, left, right),
            ">=" => compare(CompareOp::Ge, left, right),
            "+" => arith(ArithOp::Add, left, right),
            "-" => arith(ArithOp::Sub, left, right),
            "*" => arith(ArithOp::Mul, left, right),
            "%" => arith(ArithOp::Rem, left, right),
            _ => AstKind::Divide(Box::new(left), Box::new(right)),
        };
        self.node(span, kind)
    }

    fn condition(&mut self, test: Ast, at: Span) -> Ast {
        let then = self.expr(power::CONDITION);
        if !self.eat(":") {
            let met = describe(self.peek());
            self.report(
                at,
                "E1010",
                format!("“?”没有配对的“:”，遇到{met}：应写成 条件 ? 甲 : 乙"),
            );
            return Ast::bad(test.span.to(then.span));
        }
        let other = self.expr(power::CONDITION);
        let span = test.span.to(other.span);
        let kind = AstKind::Cond(Box::new(test), Box::new(then), Box::new(other));
        self.node(span, kind)
    }

    /// An operand: a literal, a name, a call, something in brackets or under a unary operator.
    fn prefix(&mut self) -> Ast {
        let span = self.span();
        let mut operand = match self.peek().clone() {
            Token::Sign("!") => {
                self.next();
                let inner = self.expr(power::UNARY);
                let span = span.to(inner.span);
                return self.node(span, AstKind::Not(Box::new(inner)));
            }
            Token::Sign("-") => {
                self.next();
                let inner = self.expr(power::UNARY);
                let span = span.to(inner.span);
                return self.node(span, AstKind::Neg(Box::new(inner)));
            }
            Token::Sign("(") => {
                self.next();
                let mut inner = self.expr(power::CONDITION);
                inner.span = self.close(span, ")");
                inner
            }
            Token::Sign("[") => {
                self.report(span, "E1008", "清单只能写在“in”的右边");
                self.list();
                Ast::bad(span)
            }
            Token::Name(name) => {
                self.next();
                match name.as_str() {
                    "true" => self.node(span, AstKind::Bool(true)),
                    "false" => self.node(span, AstKind::Bool(false)),
                    "null" => self.node(span, AstKind::Null),
                    "in" => {
                        self.report(span, "E1008", "“in”左边缺少要查找的值");
                        Ast::bad(span)
                    }
                    _ if self.peek() == &Token::Sign("(") => self.call(name, span, None),
                    _ => self.node(span, AstKind::Name(name)),
                }
            }
            Token::Int(digits) => self.leaf(AstKind::Int(digits)),
            Token::Decimal(digits, scale) => self.leaf(AstKind::Decimal(digits, scale)),
            Token::Text(text) => self.leaf(AstKind::Text(text)),
            Token::Bad => self.leaf(AstKind::Bad),
            Token::End => {
                self.report(span, "E1008", "表达式到此中断：缺少一个值");
                Ast::bad(span)
            }
            Token::Sign(sign) => {
                self.report(span, "E1008", format!("“{sign}”前缺少一个值"));
                // A binary operator carries on; anything else would be met for ever.
                if binding(&Token::Sign(sign)).is_none() && !matches!(sign, ")" | "]" | "," | ":") {
                    self.next();
                }
                Ast::bad(span)
            }
        };
        while self.eat(".") {
            let (token, at) = self.next();
            operand = match token {
                Token::Name(name) if self.peek() == &Token::Sign("(") => {
                    self.call(name, at, Some(operand))
                }
                token => {
                    let met = describe(&token);
                    self.report(
                        at,
                        "E1008",
                        format!("“.”后应是函数，如 name.contains('字')，遇到{met}"),
                    );
                    Ast::bad(operand.span.to(at))
                }
            };
        }
        operand
    }

    fn leaf(&mut self, kind: AstKind) -> Ast {
        let (_, span) = self.next();
        self.node(span, kind)
    }

    fn call(&mut self, name: String, name_span: Span, receiver: Option<Ast>) -> Ast {
        let method = receiver.is_some();
        let open = self.span();
        let start = receiver.as_ref().map_or(name_span, |first| first.span);
        self.next();
        let mut args: Vec<Ast> = receiver.into_iter().collect();
        self.items(&mut args, ")");
        let span = start.to(self.close(open, ")"));
        self.node(
            span,
            AstKind::Call {
                name,
                name_span,
                method,
                args,
            },
        )
    }

    fn list(&mut self) -> Ast {
        let open = self.span();
        if !self.eat("[") {
            let met = describe(self.peek());
            self.report(
                open,
                "E1008",
                format!("“in”右边应是清单，如 ['甲', '乙']，遇到{met}"),
            );
            return Ast::bad(open);
        }
        let mut items = Vec::new();
        self.items(&mut items, "]");
        let span = self.close(open, "]");
        self.node(span, AstKind::List(items))
    }

    /// Items separated by commas, up to but without the closing bracket.
    fn items(&mut self, items: &mut Vec<Ast>, close: &'static str) {
        if self.peek() == &Token::Sign(close) {
            return;
        }
        loop {
            let item = self.expr(power::CONDITION);
            if items.len() == MAX_LIST {
                let message = format!("清单太长：最多{MAX_LIST}项");
                self.report(item.span, "E1003", message);
            }
            items.push(item);
            if !self.eat(",") {
                return;
            }
        }
    }

    /// Makes a node, unless it grows too high.
    fn node(&mut self, span: Span, kind: AstKind) -> Ast {
        let height = 1 + kind.parts().map(|part| part.height).max().unwrap_or(0);
        if height > MAX_DEPTH {
            self.too_deep(span);
            return Ast::bad(span);
        }
        Ast { kind, span, height }
    }
}

impl Ast {
    fn bad(span: Span) -> Self {
        Self {
            kind: AstKind::Bad,
            span,
            height: 1,
        }
    }
}

impl AstKind {
    fn parts(&self) -> Box<dyn Iterator<Item = &Ast> + '_> {
        match self {
            Self::Not(inner) | Self::Neg(inner) => Box::new(std::iter::once(&**inner)),
            Self::Arith(_, left, right)
            | Self::Divide(left, right)
            | Self::Compare(_, left, right)
            | Self::In(left, right) => Box::new([&**left, &**right].into_iter()),
            Self::Cond(test, then, other) => Box::new([&**test, &**then, &**other].into_iter()),
            Self::List(items)
            | Self::And(items)
            | Self::Or(items)
            | Self::Call { args: items, .. } => Box::new(items.iter()),
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Decimal(..)
            | Self::Text(_)
            | Self::Name(_)
            | Self::Bad => Box::new(std::iter::empty()),
        }
    }
}

/// The parts of a chain such as `a && (b && c)`, brackets within the chain forgotten.
fn join(
    left: Ast,
    right: Ast,
    parts_of: impl Fn(AstKind) -> Result<Vec<Ast>, AstKind>,
) -> Vec<Ast> {
    let mut parts = Vec::new();
    for side in [left, right] {
        let Ast { kind, span, height } = side;
        match parts_of(kind) {
            Ok(inner) => parts.extend(inner),
            Err(kind) => parts.push(Ast { kind, span, height }),
        }
    }
    parts
}

fn binding(token: &Token) -> Option<u8> {
    Some(match token {
        Token::Sign(sign) => match *sign {
            "?" => power::CONDITION,
            "||" => power::OR,
            "&&" => power::AND,
            "==" | "!=" | "<" | "<=" | ">" | ">=" => power::RELATION,
            "+" | "-" => power::SUM,
            "*" | "/" | "%" => power::PRODUCT,
            _ => return None,
        },
        Token::Name(name) if name == "in" => power::RELATION,
        _ => return None,
    })
}

fn describe(token: &Token) -> String {
    match token {
        Token::Int(digits) => format!("数字 {digits}"),
        Token::Decimal(..) => "小数".to_owned(),
        Token::Text(text) => format!("文字 '{text}'"),
        Token::Name(name) => format!("“{name}”"),
        Token::Sign(sign) => format!("“{sign}”"),
        Token::Bad => "写错的部分".to_owned(),
        Token::End => "结尾".to_owned(),
    }
}
