//! Sources of indicators: which rows of which register, by which days.

use qipan_model::{DistinctOf, Expr, Register, Side, Source as RowSource, TimeType, Type};

use crate::diagnostic::Code;
use crate::expression::compile;
use crate::ids::Look;
use crate::indicators::{Known, only_with};
use crate::raw::{RawIndicator, RawSource};
use crate::registers::date_field;
use crate::spanned::Sp;
use crate::words::MeasureWord;

/// Lowers one `[[indicator.source]]`; `None` when it names no register or no day.
pub(crate) fn lower_source(
    known: &Known,
    look: &mut Look,
    indicator: &RawIndicator,
    measure: Option<MeasureWord>,
    time: TimeType,
    raw: &Sp<RawSource>,
) -> Option<RowSource> {
    let ids = known.registers.keys().map(String::as_str);
    if !look.known(&raw.register, ("台账", "register"), ids) {
        return None;
    }
    let lowered = &known.registers[raw.register.as_str()];
    let register = &lowered.register;
    let field = |look: &mut Look, written: Option<&Sp<String>>| {
        let written = written?;
        let ids = register.fields.iter().map(|field| field.id.as_str());
        look.known(written, ("字段", "field"), ids)
            .then(|| register.index(written))
            .flatten()
    };
    let day = |look: &mut Look, written: Option<&Sp<String>>| {
        let index = field(look, written)?;
        date_field(look, written?, register, index);
        Some(index)
    };
    if let Some(ends) = raw.ends.as_ref().filter(|_| time != TimeType::Stock) {
        only_with(look, ends.at, "ends", "stock");
    }
    let date = match &raw.date {
        Some(written) => day(look, Some(written)),
        None => {
            if register.date.is_none() && lowered.placed {
                lack(look, raw.register.at, "date", register);
            }
            register.date
        }
    };
    let done_by = day(look, raw.done_by.as_ref());
    let ends = day(look, raw.ends.as_ref());
    let distinct = field(look, raw.distinct.as_ref());
    if lowered.placed {
        sides(look, indicator, measure, time, &raw.register, register);
    }
    let (mut filter, mut value) = (None, None);
    if lowered.sound {
        let want = Some(Type::Bool);
        filter = expression(known, look, raw.filter.as_ref(), register, want);
        value = expression(known, look, raw.value.value.as_ref(), register, None);
        if let (Some(expr), Some(text)) = (&value, &raw.value.value)
            && !matches!(expr.ty(), Type::Int | Type::Decimal { .. })
        {
            look.at(
                Code::P6002,
                text.at,
                "求和的 value 不是数：应是整数、金额、面积或小数",
                "value is no number: sum whole numbers, money, areas or decimals",
            );
        }
    }
    Some(RowSource {
        register: register.id.clone(),
        filter,
        date: date?,
        done_by,
        ends,
        value,
        distinct,
    })
}

fn expression(
    known: &Known,
    look: &mut Look,
    text: Option<&Sp<String>>,
    register: &Register,
    want: Option<Type>,
) -> Option<Expr> {
    let text = text?;
    let expr = compile(look, known.source, text, register, want)?;
    if expr.columns().contains(&register.fields.len()) {
        look.at(
            Code::P5003,
            text.at,
            "指标不能用 today：数字只应随报送期变，不应随计算日期变",
            "an indicator cannot use today: a figure hangs on the period, not on the day it is computed",
        );
    }
    Some(expr)
}

/// Sides that the measure, the time type or the subset need the register to have.
fn sides(
    look: &mut Look,
    indicator: &RawIndicator,
    measure: Option<MeasureWord>,
    time: TimeType,
    at: &Sp<String>,
    register: &Register,
) {
    let of = match measure {
        Some(MeasureWord::Distinct(of)) => Some(of),
        _ => None,
    };
    let subset = indicator
        .subset
        .as_ref()
        .and_then(|subset| subset.side.as_ref());
    let subset = subset.map(|side| side.value.0);
    let supporter = matches!(of, Some(DistinctOf::Supporter | DistinctOf::Link))
        || subset == Some(Side::Supporter);
    let recipient = matches!(
        of,
        Some(DistinctOf::Recipient | DistinctOf::Group | DistinctOf::Link)
    ) || time == TimeType::Latest
        || subset == Some(Side::Recipient);
    if supporter && register.supporter.is_none() {
        lack(look, at.at, "supporter", register);
    }
    if recipient && register.recipient.is_none() {
        lack(look, at.at, "recipient", register);
    }
}

fn lack(look: &mut Look, at: usize, key: &str, register: &Register) {
    let id = &register.id;
    look.at(
        Code::P6004,
        at,
        format!("台账 `{id}` 没有写明 {key}：请在该台账里补 {key} = \"字段\"，或换台账"),
        format!(
            "register `{id}` names no {key}: add {key} = \"field\" there, or take another register"
        ),
    );
}
