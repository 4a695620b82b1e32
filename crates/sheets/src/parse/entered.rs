//! Records that are entered by hand, or sent by a program: the same understanding of values and
//! the same checks as for a row of a workbook, field by field instead of cell by cell.

use jiff::civil::Date;
use qipan_model::{Field, FieldType, MoneyUnit, Period, Register, Severity, Value};

use super::around::Surroundings;
use super::field::Converter;
use super::finding::{self, Finding};
use super::units::UnitCache;
use super::{Context, shorten};
use crate::read::Cell;

/// What is given for a field. Numbers come digit by digit as text; money is in 元, areas in 亩.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Nothing: the field is emptied.
    Nothing,
    /// Text, a number or a day, a unit or an option by name.
    Text(String),
    /// Yes or no.
    Truth(bool),
}

/// Something that speaks against a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Field id; `None` when the record as a whole is meant.
    pub field: Option<String>,
    /// All fields that it is about.
    pub fields: Vec<String>,
    /// Code, as in `docs/import.md`.
    pub code: &'static str,
    /// Whether the record is refused or the finding only told.
    pub severity: Severity,
    /// What was found, what was expected and how to mend it, in Chinese.
    pub message: String,
    /// The same in English.
    pub message_en: String,
}

/// Lays what is given over the values that stand, computes the derived fields anew and checks the
/// whole record. What cannot be understood is empty afterwards. Given derived fields are passed
/// over: they are never taken.
pub fn enter(
    context: &Context<'_>,
    values: &mut Vec<Value>,
    given: &[(usize, Given)],
) -> Vec<Misfit> {
    let register = context.register;
    values.resize(register.fields.len(), Value::Null);
    let mut findings = Vec::new();
    let mut units = UnitCache::default();
    for (index, given) in in_order(register, given) {
        let field = &register.fields[index];
        if field.derived.is_some() {
            continue;
        }
        if is_retired(field, context.today) && *given != Given::Nothing {
            findings.push(retired(index));
            continue;
        }
        let day = day_of(register, values, context);
        values[index] = convert(context, index, given, day, &mut units, &mut findings);
    }
    for index in register.derive(values, context.today) {
        findings.push(Finding::derived(index));
    }
    let column = |_| None;
    finding::lacking(register, values, &mut findings, &column);
    values.push(Value::Date(context.today));
    finding::rules(register, values, &mut findings, &column);
    values.truncate(register.fields.len());
    findings
        .into_iter()
        .map(|finding| misfit(register, finding))
        .collect()
}

/// Understands one value by itself, as it would be in a record; what cannot be understood is
/// null, and what speaks against it is said.
pub fn value(context: &Context<'_>, field: usize, given: &Given) -> (Value, Vec<Misfit>) {
    let mut findings = Vec::new();
    let mut units = UnitCache::default();
    let value = convert(context, field, given, None, &mut units, &mut findings);
    let misfits = findings.into_iter();
    let misfits = misfits.map(|finding| misfit(context.register, finding));
    (value, misfits.collect())
}

/// Days first, the record's own before all: unit names are understood on it.
fn in_order<'g>(register: &Register, given: &'g [(usize, Given)]) -> Vec<(usize, &'g Given)> {
    let mut given: Vec<(usize, &Given)> = given
        .iter()
        .filter(|(index, _)| *index < register.fields.len())
        .map(|(index, given)| (*index, given))
        .collect();
    given.sort_by_key(|(index, _)| {
        let is_date = matches!(register.fields[*index].ty, FieldType::Date { .. });
        (Some(*index) != register.date, !is_date, *index)
    });
    given
}

/// The record's own day, else the period's end, else the last day of the past that it states.
fn day_of(register: &Register, values: &[Value], context: &Context<'_>) -> Option<Date> {
    let own = register.date.and_then(|date| values[date].as_date());
    own.or(context.period.map(Period::end)).or_else(|| {
        values
            .iter()
            .filter_map(Value::as_date)
            .filter(|day| *day <= context.today)
            .max()
    })
}

fn convert(
    context: &Context<'_>,
    index: usize,
    given: &Given,
    day: Option<Date>,
    units: &mut UnitCache,
    findings: &mut Vec<Finding>,
) -> Value {
    let field = &context.register.fields[index];
    let is_key = context.register.key.contains(&index);
    let cell = match given {
        Given::Nothing => Cell::Empty,
        Given::Text(text) => Cell::Text(text),
        Given::Truth(truth) => Cell::Bool(*truth),
    };
    Converter::new(field, is_key, MoneyUnit::Yuan, None).convert(
        cell,
        false,
        &mut Surroundings {
            field,
            column: 0,
            context,
            day,
            units,
            findings,
        },
    )
}

fn is_retired(field: &Field, today: Date) -> bool {
    field.retired.is_some_and(|last| last < today)
}

fn retired(field: usize) -> Finding {
    Finding {
        column: None,
        field: Some(field),
        code: "S2505",
        severity: Severity::Error,
        zh: "已停用：请留空或保持原值".to_owned(),
        en: "is no longer in use: leave it as it is".to_owned(),
        found: String::new(),
        expected: String::new(),
        involved: Vec::new(),
    }
}

fn misfit(register: &Register, finding: Finding) -> Misfit {
    let field = finding.field.map(|index| &register.fields[index]);
    let mut fields: Vec<String> = field.map(|field| field.id.clone()).into_iter().collect();
    fields.extend(
        finding
            .involved
            .iter()
            .filter_map(|&index| Some(register.fields.get(index)?.id.clone())),
    );
    let (message, message_en) = match field {
        Some(field) => (
            format!("“{}”{}", shorten(&field.label), finding.zh),
            format!("{} {}", field.label_en, finding.en),
        ),
        None => (finding.zh, finding.en),
    };
    Misfit {
        field: field.map(|field| field.id.clone()),
        fields,
        code: finding.code,
        severity: finding.severity,
        message,
        message_en,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use qipan_model::{Expr, RowRule, Type};

    use super::*;
    use crate::write::testing::pack;

    /// Values by field id after entering, and what speaks against them as `field code`.
    fn entered(start: &[(&str, Value)], given: &[(&str, Given)]) -> (Vec<Value>, Vec<String>) {
        let mut pack = pack();
        let register = &mut pack.registers[0];
        let compiled =
            |source, ty, register: &Register| Expr::compile(source, register, Some(ty)).unwrap();
        let share = compiled(
            "round(fund / total, 3)",
            Type::Decimal { scale: 3 },
            register,
        );
        let holds = compiled("!(fund > total)", Type::Bool, register);
        let ratio = register.index("ratio").unwrap();
        register.fields[ratio].derived = Some(share);
        register.rules = vec![RowRule {
            id: "fund-within-total".to_owned(),
            holds,
            message: "帮扶资金超过总投资".to_owned(),
            message_en: "fund exceeds total".to_owned(),
            severity: Severity::Error,
        }];
        let register = &pack.registers[0];
        let index = |id: &str| register.index(id).unwrap();
        let mut values = vec![Value::Null; register.fields.len()];
        for (id, value) in start {
            values[index(id)] = value.clone();
        }
        let given: Vec<_> = given
            .iter()
            .map(|(id, one)| (index(id), one.clone()))
            .collect();
        let context = Context {
            register,
            units: &pack.units,
            today: date(2021, 8, 1),
            period: None,
            unit: None,
            is_1904: false,
        };
        let misfits = enter(&context, &mut values, &given);
        let told = misfits
            .iter()
            .map(|one| format!("{} {}", one.fields.join("+"), one.code));
        (values, told.collect())
    }

    fn text(text: &str) -> Given {
        Given::Text(text.to_owned())
    }

    #[test]
    fn values_are_understood_as_in_workbooks() {
        let (values, told) = entered(
            &[],
            &[
                ("code", text("ＸＴ-1")),
                ("name", text("道路")),
                ("supporter", text("江津")),
                ("recipient", text("500154")),
                ("status", text("已开工")),
                ("total", text("2500000")),
                ("fund", text("120.5万元")),
                ("issued", text("2021年6月30日")),
                ("people", text("12")),
                ("done", Given::Truth(true)),
                ("ratio", text("9")),
            ],
        );
        assert_eq!(told, [""; 0]);
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        assert_eq!(values[0], Value::Text("XT-1".to_owned()));
        assert_eq!(values[2], Value::Text("jiangjin".to_owned()));
        assert_eq!(values[3], Value::Text("kaizhou".to_owned()));
        assert_eq!(values[5], decimal("2500000.00"));
        assert_eq!(values[6], decimal("1205000.00"));
        assert_eq!(values[7], Value::Date(date(2021, 6, 30)));
        assert_eq!(values[8], Value::Int(12));
        assert_eq!(values[10], decimal("0.482"), "computed, not taken");
        assert_eq!(values[11], Value::Bool(true));
    }

    #[test]
    fn each_misfit_names_its_field() {
        let (values, told) = entered(
            &[],
            &[
                ("name", text("路")),
                ("supporter", text("万州")),
                ("status", text("不知道")),
                ("total", text("1")),
                ("fund", text("2")),
                ("issued", text("2021-08-02")),
                ("people", text("1.5")),
            ],
        );
        assert_eq!(
            told,
            [
                "issued S2203",
                "supporter S2306",
                "status S2303",
                "people S2107",
                "code S2401",
                "total+fund S2501",
            ]
        );
        assert!(values[2].is_null() && values[4].is_null());
    }

    #[test]
    fn what_is_not_given_stays_and_is_checked_with_the_rest() {
        let start = [
            ("code", Value::Text("XT-1".to_owned())),
            ("name", Value::Text("路".to_owned())),
            ("total", Value::Decimal("100.00".parse().unwrap())),
            ("fund", Value::Decimal("40.00".parse().unwrap())),
        ];
        let (values, told) = entered(&start, &[("fund", text("50"))]);
        assert_eq!(told, [""; 0]);
        assert_eq!(values[10], Value::Decimal("0.500".parse().unwrap()));
        let (values, told) = entered(&start, &[("total", text("30"))]);
        assert_eq!(told, ["total+fund S2501"]);
        assert_eq!(values[1], Value::Text("路".to_owned()));
        let (values, told) = entered(&start, &[("total", Given::Nothing)]);
        assert_eq!((told.len(), values[10].is_null()), (0, true));
    }
}
