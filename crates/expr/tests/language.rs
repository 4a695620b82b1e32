//! What is accepted, what is refused and with which words.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::str::FromStr;

use jiff::civil::Date;
use qipan_expr::{
    COLUMN_LIMIT, Diagnostic, Expr, Failure, MAX_LIST, MAX_SOURCE, Scope, Type, Value,
};
use rstest::rstest;
use rust_decimal::Decimal;

const FIELDS: [(&str, Type); 9] = [
    ("n", Type::Int),
    ("fund", Type::Decimal { scale: 2 }),
    ("area", Type::Decimal { scale: 4 }),
    ("whole", Type::Decimal { scale: 0 }),
    ("start", Type::Date),
    ("end", Type::Date),
    ("name", Type::Text),
    ("done", Type::Bool),
    ("名称", Type::Text),
];

struct Fields;

impl Scope for Fields {
    fn column(&self, name: &str) -> Option<(usize, Type)> {
        let index = FIELDS.iter().position(|(field, _)| *field == name)?;
        Some((index, FIELDS[index].1))
    }
}

fn compile(source: &str) -> Result<Expr, Vec<Diagnostic>> {
    Expr::compile(source, &Fields, None)
}

fn compiled(source: &str) -> Expr {
    compile(source).unwrap_or_else(|found| panic!("{source}: {found:?}"))
}

fn decimal(text: &str) -> Value {
    Value::Decimal(Decimal::from_str(text).unwrap())
}

/// `n` 7, `fund` 12.50, `area` 2.0000, `whole` 3, `start` 2021-06-30, `end` null, `name`
/// 万州区三峡学院, `done` null, `名称` a.
fn row() -> Vec<Value> {
    vec![
        Value::Int(7),
        decimal("12.50"),
        decimal("2"),
        decimal("3"),
        Value::Date(Date::constant(2021, 6, 30)),
        Value::Null,
        Value::Text("万州区三峡学院".to_owned()),
        Value::Null,
        Value::Text("a".to_owned()),
    ]
}

#[rstest]
// arithmetic and scales
#[case("n + 1", "8")]
#[case("n - 10", "-3")]
#[case("-n % 4", "-3")]
#[case("n % 0", "null")]
#[case("fund + area", "14.5000")]
#[case("fund * 3", "37.50")]
#[case("fund * area", "25.000000")]
#[case("2 + 3 * 4", "14")]
#[case("(2 + 3) * 4", "20")]
#[case("10 - 3 - 2", "5")]
#[case("0.1 + 0.2 == 0.3", "true")]
#[case("n / 2", "3.500000")]
#[case("1 / 3", "0.333333")]
#[case("2 / 3", "0.666667")]
#[case("-2 / 3", "-0.666667")]
#[case("n / 0", "null")]
#[case("round(n / 2, 0)", "4")]
#[case("round(-n / 2, 0)", "-4")]
#[case("round(1 / 3, 2)", "0.33")]
#[case("round(fund, 0)", "13")]
#[case("round(-12.5, 0)", "-13")]
#[case("round(12.49, 0)", "12")]
#[case("round(n, 2)", "7.00")]
#[case("round(whole, 0)", "3")]
#[case("round(fund * 0.0005 * 1.1, 2)", "0.01")]
#[case("abs(-fund)", "12.50")]
#[case("max(n, fund, 8)", "12.50")]
#[case("min(n, fund, 8)", "7.00")]
#[case("max(start, date('2022-01-01'))", "2022-01-01")]
// nulls
#[case("end > start", "false")]
#[case("end != start", "false")]
#[case("!(end > start)", "true")]
#[case("end == null", "true")]
#[case("end != null", "false")]
#[case("null == start", "false")]
#[case("has(start) && !has(end)", "true")]
#[case("done", "null")]
#[case("!done", "true")]
#[case("done == false", "false")]
#[case("done || n > 3", "true")]
#[case("done ? 1 : 2", "2")]
#[case("n > 3 ? n : null", "7")]
#[case("n > 9 ? n : null", "null")]
#[case("max(start, end)", "null")]
#[case("coalesce(end, start)", "2021-06-30")]
#[case("year(end)", "null")]
#[case("days(end, start) + 1", "null")]
#[case("end in [date('2021-01-01')]", "false")]
// dates and text
#[case("year(start) * 100 + month(start)", "202106")]
#[case("days(start, date('2021-01-01'))", "180")]
#[case("days(date('2021-01-01'), start)", "-180")]
#[case("start >= date('2021-01-01')", "true")]
#[case("name.startsWith('万州') && name.endsWith('学院')", "true")]
#[case("name.contains('三峡') && !name.contains('%')", "true")]
#[case("名称.contains('A')", "false")]
#[case("size(name)", "7")]
#[case("name in ['开州区', '万州区三峡学院']", "true")]
#[case("n in [1, 7.0]", "true")]
#[case(r#"名称 == "a""#, "true")]
#[case(r"'it\'s\n' == 'it\'s\n'", "true")]
// shape
#[case("n > 3 && n < 9 || false", "true")]
#[case("true || false && false", "true")]
#[case("n > 1 ? n > 5 ? 'b' : 'c' : 'd'", "b")]
#[case("  n\n\t== 7 ", "true")]
#[case("(name).contains('州')", "true")]
fn evaluates(#[case] source: &str, #[case] expect: &str) {
    let expr = compiled(source);
    let value = expr.eval(&row()).unwrap();
    let shown = match &value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(decimal) => decimal.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Text(text) => text.clone(),
    };
    assert_eq!(shown, expect, "{source}");
    // The canonical form means the same and stays as it is.
    let canonical = compiled(&expr.to_string());
    assert_eq!(canonical.to_string(), expr.to_string());
    assert_eq!(canonical.ty(), expr.ty(), "{source} → {expr}");
    assert_eq!(canonical.eval(&row()).unwrap(), value, "{source} → {expr}");
}

#[rstest]
#[case("", "E1008@0..0")]
#[case("  ", "E1008@0..2")]
#[case("n +", "E1008@3..3")]
#[case("n + * 2", "E1008@4..5")]
#[case("(n > 1", "E1010@0..1")]
#[case("max(n, 2", "E1010@3..4")]
#[case("n > 1 ? 2", "E1010@6..7")]
#[case("n in [1, 2", "E1010@5..6")]
#[case("n in 1", "E1008@5..6")]
#[case("[1]", "E1008@0..1")]
#[case("in [1]", "E1008@0..2")]
#[case("n > 1 n", "E1009@6..7")]
#[case("n > 1 and n < 3", "E1009@6..9")]
#[case("n > 1)", "E1009@5..6")]
#[case("1 < n < 3", "E1011@6..7")]
#[case("n = 1", "E1004@2..3")]
#[case("n > 1 & n < 3", "E1004@6..7")]
#[case("n > 1 | n < 3", "E1004@6..7")]
#[case("n ＞ 1", "E1004@2..5")]
#[case("name == 'a", "E1005@8..10")]
#[case(r"name == 'a\d'", "E1006@10..12")]
#[case("n > 1e5", "E1007@4..7")]
#[case("n > 1.", "E1007@4..6")]
#[case("n > 1.2345678", "E1007@4..13")]
#[case("n > 99999999999999999999", "E1007@4..24")]
#[case("name.size", "E1008@5..9")]
#[case("foo > 1", "E1101@0..3")]
#[case("foo > 1 && bar < name", "E1101@0..3 E1101@11..14")]
#[case("sqrt(n)", "E1102@0..4")]
#[case("name.size()", "E1102@5..9")]
#[case("contains('a')", "E1102@0..8")]
#[case("round(n)", "E1103@0..8")]
#[case("max(n)", "E1103@0..6")]
#[case("has()", "E1103@0..5")]
#[case("name + 1", "E1104@0..4")]
#[case("start - end", "E1104@0..5 E1104@8..11")]
#[case("null + 1", "E1104@0..4")]
#[case("n == '1'", "E1105@0..8")]
#[case("start > '2021-01-01'", "E1105@0..20")]
#[case("done < true", "E1105@0..11")]
#[case("n in [1, 'a']", "E1105@9..12")]
#[case("n && done", "E1106@0..1")]
#[case("!null", "E1106@1..5")]
#[case("fund ? 1 : 2", "E1106@0..4")]
#[case("fund * area * 0.1", "E1107@0..17")]
#[case("round(n / 2, n)", "E1108@13..14")]
#[case("round(n / 2, 7)", "E1108@13..14")]
#[case("name.contains(name)", "E1108@14..18")]
#[case("date(name)", "E1108@0..10")]
#[case("date('2021-02-30')", "E1109@0..18")]
#[case("date('2021-1-1')", "E1109@0..16")]
#[case("null", "E1110@0..4")]
#[case("null == null", "E1110@0..12")]
#[case("n < null", "E1110@0..8")]
#[case("null in [1]", "E1110@0..11")]
#[case("coalesce(end, null)", "E1110@14..18")]
#[case("done ? null : null", "E1110@0..18")]
#[case("done ? 1 : 'a'", "E1111@0..14")]
#[case("coalesce(n, name)", "E1111@0..17")]
#[case("n in []", "E1113@5..7")]
#[case("n in [n]", "E1113@6..7")]
#[case("n in [null]", "E1113@6..10")]
#[case("max(name, 'a')", "E1114@4..8")]
#[case("year(name)", "E1114@5..9")]
#[case("size(n)", "E1114@5..6")]
#[case("days(start, 1)", "E1114@12..13")]
fn refuses(#[case] source: &str, #[case] expect: &str) {
    let found = compile(source).expect_err(source);
    let told: Vec<String> = found
        .iter()
        .map(|finding| {
            format!(
                "{}@{}..{}",
                finding.code, finding.span.start, finding.span.end
            )
        })
        .collect();
    assert_eq!(told.join(" "), expect, "{source}: {found:?}");
    for finding in &found {
        assert!(source.get(finding.span.clone()).is_some(), "{finding}");
    }
}

#[rstest]
#[case("n", Type::Decimal { scale: 2 }, "7.00")]
#[case("fund", Type::Decimal { scale: 4 }, "12.5000")]
#[case("fund", Type::Decimal { scale: 2 }, "12.50")]
#[case("fund + area", Type::Decimal { scale: 2 }, "E1115")]
#[case("fund", Type::Int, "E1115")]
#[case("round(fund, 0)", Type::Int, "13")]
#[case("n > 1", Type::Int, "E1112")]
#[case("name", Type::Bool, "E1112")]
fn fits_what_is_wanted(#[case] source: &str, #[case] want: Type, #[case] expect: &str) {
    match Expr::compile(source, &Fields, Some(want)) {
        Err(found) => assert_eq!(found[0].code, expect),
        Ok(expr) => {
            assert_eq!(expr.ty(), want);
            let value = expr.eval(&row()).unwrap();
            assert_eq!(value.as_decimal().unwrap().to_string(), expect);
        }
    }
}

#[test]
fn messages_name_what_was_found_and_the_remedy() {
    let found = compile("foo > 1 && name > 3").unwrap_err();
    let told: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "E1101 第0–3字节：没有名为“foo”的字段：请核对字段 id；文字要加引号，如 'foo'",
            "E1105 第11–19字节：不能比较文字和整数：两边要同类；日期写 date('2021-01-01')，数不加引号",
        ]
    );
}

fn code_of(source: &str) -> Option<&'static str> {
    compile(source).err().map(|found| {
        assert_eq!(found.len(), 1, "one limit, one finding: {found:?}");
        found[0].code
    })
}

#[test]
fn limits_hold() {
    let padded = |length: usize| format!("{}1", " ".repeat(length - 1));
    assert_eq!(code_of(&padded(MAX_SOURCE)), None);
    assert_eq!(code_of(&padded(MAX_SOURCE + 1)), Some("E1001"));

    let brackets = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(code_of(&brackets(63)), None);
    assert_eq!(code_of(&brackets(64)), Some("E1002"));
    assert_eq!(code_of(&"(".repeat(4000)), Some("E1002"));
    assert_eq!(code_of(&"-".repeat(4000)), Some("E1002"));
    assert_eq!(code_of(&"n ? ".repeat(1000)), Some("E1002"));
    let sum = |terms: usize| vec!["n"; terms].join(" + ");
    assert_eq!(code_of(&sum(64)), None);
    assert_eq!(code_of(&sum(65)), Some("E1002"));
    assert_eq!(code_of(&sum(1000)), Some("E1002"));
    // Chains of conditions are flat.
    assert_eq!(code_of(&vec!["done"; 500].join(" && ")), None);
    assert_eq!(code_of(&vec!["done"; 500].join("||")), None);

    let list = |items: usize| format!("n in [{}]", vec!["1"; items].join(","));
    assert_eq!(code_of(&list(MAX_LIST)), None);
    assert_eq!(code_of(&list(MAX_LIST + 1)), Some("E1003"));
}

#[rstest]
#[case("n * n", Value::Int(COLUMN_LIMIT), Some(Failure::Overflow))]
#[case("n + n", Value::Int(COLUMN_LIMIT), None)]
#[case("n + 9223372036854775807", Value::Int(1), Some(Failure::Overflow))]
#[case("n + 9223372036854775807", Value::Int(0), None)]
#[case("-n - 9223372036854775807", Value::Int(2), Some(Failure::Overflow))]
#[case("n / 3", Value::Int(COLUMN_LIMIT), Some(Failure::Overflow))]
#[case("round(n / 3, 2)", Value::Int(COLUMN_LIMIT), None)]
#[case("n > 0.000001", Value::Int(COLUMN_LIMIT), Some(Failure::Overflow))]
#[case("n > 0", Value::Int(COLUMN_LIMIT + 1), Some(Failure::ColumnTooLarge))]
#[case("n > 0", Value::Int(i64::MIN), Some(Failure::ColumnTooLarge))]
#[case("n > 0", Value::Text("1".to_owned()), Some(Failure::WrongType))]
#[case("false && n * n > 1", Value::Int(COLUMN_LIMIT), None)]
fn overflow_is_an_error(#[case] source: &str, #[case] n: Value, #[case] expect: Option<Failure>) {
    let mut row = row();
    row[0] = n;
    let outcome = compiled(source).eval(&row);
    assert_eq!(outcome.err().map(|error| error.reason), expect);
}

#[test]
fn columns_are_read_as_declared() {
    let fund = compiled("fund");
    let read = |value: Value| fund.eval(&[Value::Null, value]);
    assert_eq!(read(Value::Int(3)).unwrap(), decimal("3.00"));
    assert_eq!(read(decimal("3.5000")).unwrap(), decimal("3.50"));
    assert_eq!(
        read(decimal("3.505")).unwrap_err().reason,
        Failure::TooManyPlaces
    );
    assert_eq!(
        read(decimal("9999999999999.99")).unwrap(),
        decimal("9999999999999.99")
    );
    assert_eq!(
        read(decimal("10000000000000.00")).unwrap_err().to_string(),
        "算式“fund”算不出：字段的数字超过15位（连同小数），请核对单位"
    );
    assert_eq!(fund.eval(&[]).unwrap_err().reason, Failure::MissingColumn);
    assert_eq!(compiled("n > 1 && has(end) || n < 0").columns(), [0, 5]);
}

#[test]
fn a_trace_tells_the_steps() {
    let expr = compiled("fund <= n * 2 && (end == null || days(end, start) > 30)");
    let trace = expr.trace(&row());
    let steps: Vec<(&str, String)> = trace
        .steps
        .iter()
        .map(|step| {
            (
                step.text.as_str(),
                serde_json::to_string(&step.value).unwrap(),
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            ("fund", "\"12.50\"".to_owned()),
            ("n", "7".to_owned()),
            ("n * 2", "14".to_owned()),
            ("fund <= n * 2", "true".to_owned()),
            ("end", "null".to_owned()),
            ("end == null", "true".to_owned()),
            ("(end == null || days(end, start) > 30)", "true".to_owned()),
            (
                "fund <= n * 2 && (end == null || days(end, start) > 30)",
                "true".to_owned()
            ),
        ]
    );
    assert_eq!(trace.value, Some(Value::Bool(true)));

    let failed = compiled("n * 9223372036854775807 > 1").trace(&row());
    assert_eq!(failed.value, None);
    assert_eq!(
        failed.error.unwrap(),
        "算式“n * 9223372036854775807”算不出：数字超出可计算的范围，请核对单位"
    );
}

/// Codes `E1…` in a text, each once.
fn codes(text: &str) -> std::collections::BTreeSet<&str> {
    let is_code = |code: &&str| code.bytes().skip(1).all(|byte| byte.is_ascii_digit());
    text.match_indices("E1")
        .filter_map(|(at, _)| text.get(at..at + 5))
        .filter(is_code)
        .collect()
}

#[test]
fn every_code_is_documented_and_tested() {
    let sources = concat!(
        include_str!("../src/lexer.rs"),
        include_str!("../src/parser.rs"),
        include_str!("../src/check.rs"),
        include_str!("../src/functions.rs"),
    );
    let raised = codes(sources);
    assert_eq!(raised, codes(include_str!("../../../docs/expressions.md")));
    assert_eq!(raised, codes(include_str!("language.rs")));
}
