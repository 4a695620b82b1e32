//! Names become columns, and every node gets its type and scale.

use crate::ast::{Ast, AstKind};
use crate::diagnostic::{Diagnostic, Span};
use crate::node::{ArithOp, CompareOp, Const, Node, NodeKind};
use crate::value::MAX_SCALE;
use crate::{Scope, Type};

/// Places of a quotient that is not rounded otherwise.
pub(crate) const QUOTIENT_SCALE: u8 = 6;

/// Checks a parsed expression; `None` when something was found.
pub(crate) fn check(
    ast: &Ast,
    scope: &dyn Scope,
    want: Option<Type>,
    found: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let mut checker = Checker { scope, found };
    let node = checker.node(ast)?;
    match want {
        Some(want) => checker.as_wanted(node, want),
        None if node.kind == NodeKind::Null => {
            checker.fail(ast.span, "E1110", "整个表达式不能只是 null：请写出一个值")
        }
        None => Some(node),
    }
}

pub(crate) struct Checker<'a> {
    scope: &'a dyn Scope,
    found: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    pub fn fail<T>(
        &mut self,
        span: Span,
        code: &'static str,
        message: impl Into<String>,
    ) -> Option<T> {
        self.found.push(Diagnostic::new(span, code, message));
        None
    }

    pub fn node(&mut self, ast: &Ast) -> Option<Node> {
        let span = ast.span;
        let made = |kind, ty| Some(Node { kind, ty, span });
        match &ast.kind {
            AstKind::Bad => None,
            // The type is a stand-in until the other branch or operand tells it.
            AstKind::Null => made(NodeKind::Null, Type::Bool),
            AstKind::Bool(truth) => made(NodeKind::Const(Const::Bool(*truth)), Type::Bool),
            AstKind::Int(digits) => made(NodeKind::Const(Const::Num(*digits)), Type::Int),
            AstKind::Decimal(digits, scale) => made(
                NodeKind::Const(Const::Num(*digits)),
                Type::Decimal { scale: *scale },
            ),
            AstKind::Text(text) => made(NodeKind::Const(Const::Text(text.clone())), Type::Text),
            AstKind::Name(name) => match self.scope.column(name) {
                Some((index, ty)) => made(
                    NodeKind::Column {
                        index,
                        name: name.clone(),
                    },
                    ty,
                ),
                None => self.fail(
                    span,
                    "E1101",
                    format!("没有名为“{name}”的字段：请核对字段 id；文字要加引号，如 '{name}'"),
                ),
            },
            AstKind::Not(inner) => {
                let inner = self.truth(inner)?;
                made(NodeKind::Not(Box::new(inner)), Type::Bool)
            }
            AstKind::Neg(inner) => {
                let mut inner = self.number(inner)?;
                let ty = inner.ty;
                if let NodeKind::Const(Const::Num(digits)) = &mut inner.kind {
                    // Literals come from the lexer without a sign, so this cannot overflow.
                    *digits = digits.saturating_neg();
                    inner.span = span;
                    return Some(inner);
                }
                made(NodeKind::Neg(Box::new(inner)), ty)
            }
            AstKind::Arith(op, left, right) => self.arith(span, *op, left, right, MAX_SCALE),
            AstKind::Divide(left, right) => self.divide(span, left, right, QUOTIENT_SCALE),
            AstKind::Compare(op, left, right) => self.compare(span, *op, left, right),
            AstKind::In(item, list) => self.within(span, item, list),
            AstKind::List(_) => self.fail(span, "E1113", "清单只能写在“in”的右边"),
            AstKind::And(parts) => {
                let parts = self.truths(parts)?;
                made(NodeKind::And(parts), Type::Bool)
            }
            AstKind::Or(parts) => {
                let parts = self.truths(parts)?;
                made(NodeKind::Or(parts), Type::Bool)
            }
            AstKind::Cond(test, then, other) => {
                let (test, then, other) = (self.truth(test), self.node(then), self.node(other));
                let (test, then, other) = (test?, then?, other?);
                let (then, other) = self.alike(span, then, other)?;
                let ty = then.ty;
                made(
                    NodeKind::Cond(Box::new(test), Box::new(then), Box::new(other)),
                    ty,
                )
            }
            AstKind::Call {
                name,
                name_span,
                method,
                args,
            } => self.call(span, name, *name_span, *method, args),
        }
    }

    /// An operand that must be a condition.
    fn truth(&mut self, ast: &Ast) -> Option<Node> {
        let node = self.node(ast)?;
        if node.kind != NodeKind::Null && node.ty == Type::Bool {
            return Some(node);
        }
        let met = self.met(&node);
        self.fail(
            ast.span,
            "E1106",
            format!("这里要一个条件（是/否），得到{met}：请写出比较，如 x > 0、has(x)"),
        )
    }

    fn truths(&mut self, parts: &[Ast]) -> Option<Vec<Node>> {
        let nodes: Vec<Option<Node>> = parts.iter().map(|part| self.truth(part)).collect();
        nodes.into_iter().collect()
    }

    /// An operand that must be a number.
    pub fn number(&mut self, ast: &Ast) -> Option<Node> {
        let node = self.node(ast)?;
        if node.kind != NodeKind::Null && node.ty.scale().is_some() {
            return Some(node);
        }
        let met = self.met(&node);
        self.fail(
            ast.span,
            "E1104",
            format!("这里要一个数，得到{met}：文字和日期不能参加计算"),
        )
    }

    fn met(&self, node: &Node) -> String {
        if node.kind == NodeKind::Null {
            "null".to_owned()
        } else {
            node.ty.to_string()
        }
    }

    pub fn arith(
        &mut self,
        span: Span,
        op: ArithOp,
        left: &Ast,
        right: &Ast,
        most: u8,
    ) -> Option<Node> {
        let (left, right) = (self.number(left), self.number(right));
        let (mut left, mut right) = (left?, right?);
        let ty = if op == ArithOp::Mul {
            let scale = left.scale() + right.scale();
            if scale > most {
                return self.fail(
                    span,
                    "E1107",
                    format!(
                        "乘积有{scale}位小数，最多{most}位：请写 round(甲 * 乙, n) 说明保留几位"
                    ),
                );
            }
            match (left.ty, right.ty) {
                (Type::Int, Type::Int) => Type::Int,
                _ => Type::Decimal { scale },
            }
        } else {
            let ty = common(left.ty, right.ty)?;
            left = widen(left, ty);
            right = widen(right, ty);
            ty
        };
        Some(Node {
            kind: NodeKind::Arith(op, Box::new(left), Box::new(right)),
            ty,
            span,
        })
    }

    pub fn divide(&mut self, span: Span, left: &Ast, right: &Ast, scale: u8) -> Option<Node> {
        let (left, right) = (self.number(left), self.number(right));
        Some(Node {
            kind: NodeKind::Div(Box::new(left?), Box::new(right?)),
            ty: rounded(scale),
            span,
        })
    }

    fn compare(&mut self, span: Span, op: CompareOp, left: &Ast, right: &Ast) -> Option<Node> {
        let (left, right) = (self.node(left), self.node(right));
        let (left, right) = (left?, right?);
        let nulls = (left.kind == NodeKind::Null, right.kind == NodeKind::Null);
        let tested = match nulls {
            (false, false) => None,
            (true, true) => {
                return self.fail(span, "E1110", "两边都是 null：请与字段比较");
            }
            (true, false) => Some(right.clone()),
            (false, true) => Some(left.clone()),
        };
        if let Some(inner) = tested {
            if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
                return self.fail(
                    span,
                    "E1110",
                    "null 不能比大小：只能写 x == null 或 x != null",
                );
            }
            return Some(Node {
                kind: NodeKind::IsNull {
                    inner: Box::new(inner),
                    negated: op == CompareOp::Ne,
                },
                ty: Type::Bool,
                span,
            });
        }
        let Some(ty) = common(left.ty, right.ty) else {
            return self.fail(
                span,
                "E1105",
                format!(
                    "不能比较{}和{}：两边要同类；日期写 date('2021-01-01')，数不加引号",
                    left.ty, right.ty
                ),
            );
        };
        if ty == Type::Bool && !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return self.fail(span, "E1105", "是否值不能比大小：只能用 == 或 !=");
        }
        Some(Node {
            kind: NodeKind::Compare(op, Box::new(widen(left, ty)), Box::new(widen(right, ty))),
            ty: Type::Bool,
            span,
        })
    }

    fn within(&mut self, span: Span, item: &Ast, list: &Ast) -> Option<Node> {
        let item = self.node(item);
        let AstKind::List(items) = &list.kind else {
            // The parser has told why.
            return None;
        };
        if items.is_empty() {
            return self.fail(list.span, "E1113", "清单是空的：至少写一项");
        }
        let nodes: Vec<Option<Node>> = items.iter().map(|item| self.node(item)).collect();
        let mut item = item?;
        if item.kind == NodeKind::Null {
            return self.fail(span, "E1110", "null 不能用“in”查找：请写 x == null");
        }
        let mut literals = Vec::new();
        for (node, ast) in nodes.into_iter().zip(items) {
            let node = node?;
            let NodeKind::Const(_) = node.kind else {
                return self.fail(
                    ast.span,
                    "E1113",
                    "清单里只能写定值（数、文字、date('…')、true/false），不能是字段、算式或 null",
                );
            };
            let Some(ty) = common(item.ty, node.ty) else {
                return self.fail(
                    ast.span,
                    "E1105",
                    format!("清单里的{}与被查找的{}不同类", node.ty, item.ty),
                );
            };
            item = widen(item, ty);
            literals.push(node);
        }
        let mut consts: Vec<Const> = Vec::with_capacity(literals.len());
        for literal in literals {
            let at = literal.span;
            match widen(literal, item.ty).kind {
                NodeKind::Const(value) => consts.push(value),
                _ => return self.fail(at, "E1007", "数字太大：连同小数最多18位"),
            }
        }
        consts.sort();
        consts.dedup();
        Some(Node {
            kind: NodeKind::In(Box::new(item), consts),
            ty: Type::Bool,
            span,
        })
    }

    /// Makes two alternatives alike in type; a `null` takes the other's.
    fn alike(&mut self, span: Span, mut left: Node, mut right: Node) -> Option<(Node, Node)> {
        match (left.kind == NodeKind::Null, right.kind == NodeKind::Null) {
            (true, true) => return self.fail(span, "E1110", "两个分支都是 null：至少写出一个值"),
            (true, false) => left.ty = right.ty,
            (false, true) => right.ty = left.ty,
            (false, false) => {}
        }
        let Some(ty) = common(left.ty, right.ty) else {
            let message = format!("几个取值类型不同：{}和{}，请改成同类", left.ty, right.ty);
            return self.fail(span, "E1111", message);
        };
        Some((widen(left, ty), widen(right, ty)))
    }

    /// Makes all values of a list alike in type.
    pub fn all_alike(&mut self, span: Span, nodes: Vec<Node>) -> Option<Vec<Node>> {
        let mut ty = nodes.first()?.ty;
        for node in &nodes {
            match common(ty, node.ty) {
                Some(wider) => ty = wider,
                None => {
                    let message = format!("几个取值类型不同：{ty}和{}，请改成同类", node.ty);
                    return self.fail(span, "E1111", message);
                }
            }
        }
        Some(nodes.into_iter().map(|node| widen(node, ty)).collect())
    }

    /// Anything but the word `null`.
    pub fn valued(&mut self, ast: &Ast) -> Option<Node> {
        let node = self.node(ast)?;
        if node.kind == NodeKind::Null {
            return self.fail(ast.span, "E1110", "这里不能写 null：请写字段或值");
        }
        Some(node)
    }

    pub fn of_type(&mut self, ast: &Ast, ty: Type) -> Option<Node> {
        let node = self.node(ast)?;
        if node.kind != NodeKind::Null && node.ty == ty {
            return Some(node);
        }
        let met = self.met(&node);
        self.fail(ast.span, "E1114", format!("这里要{ty}，得到{met}"))
    }

    /// Fits the whole expression to what its place in the pack wants.
    fn as_wanted(&mut self, mut node: Node, want: Type) -> Option<Node> {
        if node.kind == NodeKind::Null {
            node.ty = want;
        }
        match common(node.ty, want) {
            Some(ty) if ty == want => Some(widen(node, want)),
            Some(_) => {
                let (have, places) = (node.ty, want.scale().unwrap_or(0));
                self.fail(
                    node.span,
                    "E1115",
                    format!("结果是{have}，这里要{want}：请写 round(…, {places}) 说明如何取舍"),
                )
            }
            None => {
                let have = node.ty;
                self.fail(node.span, "E1112", format!("结果是{have}，这里要{want}"))
            }
        }
    }
}

/// The type that both fit in without loss, if there is one.
fn common(left: Type, right: Type) -> Option<Type> {
    match (left, right) {
        _ if left == right => Some(left),
        (Type::Decimal { scale: left }, Type::Decimal { scale: right }) => Some(Type::Decimal {
            scale: left.max(right),
        }),
        (Type::Int, Type::Decimal { .. }) => Some(right),
        (Type::Decimal { .. }, Type::Int) => Some(left),
        _ => None,
    }
}

/// Type of a number rounded to so many places.
pub(crate) fn rounded(scale: u8) -> Type {
    if scale == 0 {
        Type::Int
    } else {
        Type::Decimal { scale }
    }
}

/// The same value in a type that holds it without loss (see [`common`]).
fn widen(node: Node, ty: Type) -> Node {
    if node.ty == ty {
        return node;
    }
    let Node {
        mut kind,
        ty: mut had,
        span,
    } = node;
    if let NodeKind::Rescale(inner) = kind {
        (kind, had) = (inner.kind, inner.ty);
    }
    let grown = ty
        .scale()
        .unwrap_or(0)
        .saturating_sub(had.scale().unwrap_or(0));
    let kind = match kind {
        NodeKind::Const(Const::Num(digits)) => match digits.checked_mul(pow10(grown)) {
            Some(digits) => NodeKind::Const(Const::Num(digits)),
            None => NodeKind::Rescale(Box::new(Node {
                kind: NodeKind::Const(Const::Num(digits)),
                ty: had,
                span,
            })),
        },
        NodeKind::Null => NodeKind::Null,
        kind => NodeKind::Rescale(Box::new(Node {
            kind,
            ty: had,
            span,
        })),
    };
    Node { kind, ty, span }
}

/// Ten to the power of a number of places (0 to 18).
pub(crate) fn pow10(places: u8) -> i64 {
    10_i64.saturating_pow(u32::from(places))
}
