//! How values are shown: units by name, money with its thousands, days as they are.

use jiff::Timestamp;
use maud::{Markup, html};
use qipan_figures::Figure;
use qipan_model::{
    Certainty, Confirmation, Field, FieldType, Format, Indicator, Measure, Pack, Type, Unit,
    UnitRole, Value, masked,
};

use super::Lang;
use super::frame::View;

/// A moment in the mechanism's time (UTC+8), to the second.
pub(crate) fn moment(rfc3339: &str) -> String {
    rfc3339.parse::<Timestamp>().map_or_else(
        |_| rfc3339.to_owned(),
        |moment| {
            let local = jiff::tz::Offset::constant(8).to_datetime(moment);
            local.strftime("%Y-%m-%d %H:%M:%S").to_string()
        },
    )
}

/// A unit's name in the page's language.
pub(crate) fn unit_name<'p>(pack: &'p Pack, lang: Lang, id: &'p str) -> &'p str {
    pack.units
        .get(id)
        .map_or(id, |unit| lang.named(&unit.name, &unit.name_en))
}

/// A unit's short name; English has the full one only.
pub(crate) fn unit_short<'p>(pack: &'p Pack, lang: Lang, id: &'p str) -> &'p str {
    pack.units
        .get(id)
        .map_or(id, |unit| lang.named(&unit.short, short_en(unit)))
}

/// The English name without the sort of unit: Wanzhou, not Wanzhou District.
fn short_en(unit: &Unit) -> &str {
    let name = unit.name_en.as_str();
    [" District", " County"]
        .iter()
        .find_map(|sort| name.strip_suffix(sort))
        .unwrap_or(name)
}

/// Name of an indicator in the page's language.
pub(crate) fn indicator_name(lang: Lang, indicator: &Indicator) -> &str {
    lang.named(&indicator.name, &indicator.name_en)
}

/// Name of the part of a cut in the page's language.
pub(crate) fn cut_name(pack: &Pack, lang: Lang, figure: &Figure) -> String {
    let [supporter, recipient] = &figure.cut_units;
    match (supporter.is_empty(), recipient.is_empty()) {
        (true, true) => lang.say("全部", "All").to_owned(),
        (false, true) => unit_name(pack, lang, supporter).to_owned(),
        (true, false) => unit_name(pack, lang, recipient).to_owned(),
        (false, false) => format!(
            "{} → {}",
            unit_name(pack, lang, supporter),
            unit_name(pack, lang, recipient)
        ),
    }
}

/// A figure as it is printed: number and unit apart, or the word for nothing reported.
pub(crate) fn figure(lang: Lang, indicator: &Indicator, figure: &Figure) -> Markup {
    match figure.value {
        None => html! { span.missing { (missing_word(lang, figure)) } },
        Some(value) => html! {
            span.number { (indicator.format.number(value)) } span.unit { (indicator.format.unit) }
        },
    }
}

/// The format for parts and differences: `7400余` fits a total, but `0余` says nothing of a part.
fn precise(indicator: &Indicator) -> Format {
    Format {
        floor_to: None,
        ..indicator.format.clone()
    }
}

/// A part of a figure: number and unit apart.
pub(crate) fn part(lang: Lang, indicator: &Indicator, figure: &Figure) -> Markup {
    match figure.value {
        None => html! { span.missing { (missing_word(lang, figure)) } },
        Some(value) => html! {
            span.number { (precise(indicator).number(value)) } span.unit { (indicator.format.unit) }
        },
    }
}

/// The same on one line of text.
pub(crate) fn part_text(lang: Lang, indicator: &Indicator, figure: &Figure) -> String {
    match figure.value {
        None => missing_word(lang, figure).to_owned(),
        Some(value) => precise(indicator).display(value),
    }
}

fn missing_word(lang: Lang, figure: &Figure) -> &str {
    lang.say(
        &figure.display,
        if figure.display == "未报" {
            "not reported"
        } else {
            "—"
        },
    )
}

/// What unconfirmed rows would add.
pub(crate) fn unconfirmed(lang: Lang, indicator: &Indicator, figure: &Figure) -> Markup {
    html! {
        @if let Some(more) = figure.unconfirmed {
            span.open {
                (lang.say("另有未确认 ", "unconfirmed "))
                @if more.is_sign_positive() { "+" }
                // The difference of two percentages is no percentage.
                @if matches!(indicator.measure, Measure::Percent { .. }) {
                    (precise(indicator).number(more)) (lang.say("个百分点", " points"))
                } @else { (precise(indicator).display(more)) }
            }
        }
    }
}

/// Coverage as words and a bar, read as one.
pub(crate) fn coverage(lang: Lang, reported: u32, due: u32) -> Markup {
    let percent = if due == 0 {
        0
    } else {
        u64::from(reported) * 100 / u64::from(due)
    };
    html! {
        span.coverage.short[reported < due] {
            svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                rect.track width="100" height="8" {}
                rect.done width=(percent) height="8" {}
            }
            span { (lang.say("已报 ", "reported ")) (reported) "/" (due) }
        }
    }
}

/// How sure a definition or link is; nothing when it is attested.
pub(crate) fn certainty(lang: Lang, certainty: Certainty) -> Markup {
    let (class, word) = match certainty {
        Certainty::Attested => return html! {},
        Certainty::Likely => ("likely", lang.say("推定", "likely")),
        Certainty::Open => ("doubt", lang.say("待确认", "to be confirmed")),
    };
    html! { span.mark.(class) { (word) } }
}

/// Where a record stands between its sides.
pub(crate) fn confirmation(lang: Lang, state: Confirmation) -> Markup {
    let word = match state {
        Confirmation::Pending => lang.say("待确认", "pending"),
        Confirmation::Agreed => lang.say("已确认", "agreed"),
        Confirmation::Contested => lang.say("有异议", "contested"),
        Confirmation::Arbitrated => lang.say("已裁定", "arbitrated"),
    };
    html! { span.state.(state.as_str()) { (word) } }
}

/// Whether values of a field stand to the right.
pub(crate) fn is_number(field: &Field) -> bool {
    matches!(
        field.ty,
        FieldType::Int { .. }
            | FieldType::Decimal { .. }
            | FieldType::Money { .. }
            | FieldType::Area
    )
}

/// The class of a cell: numbers to the right, days on one line, long texts with room.
pub(crate) fn cell_class(field: &Field, text: &str) -> Option<&'static str> {
    match field.ty {
        _ if is_number(field) => Some("r"),
        FieldType::Date { .. } => Some("when"),
        // About two lines of a narrow column.
        _ if text.chars().count() > 12 => Some("long"),
        _ => None,
    }
}

/// A field's label with its unit of measure.
pub(crate) fn label(lang: Lang, field: &Field) -> String {
    let label = lang.named(&field.label, &field.label_en);
    let measure = match field.ty {
        FieldType::Money { .. } => lang.say("元", "yuan"),
        FieldType::Area => lang.say("亩", "mu"),
        _ => lang.named(&field.measure, &field.measure_en),
    };
    match (measure, lang) {
        ("", _) => label.to_owned(),
        (measure, Lang::Zh) => format!("{label}（{measure}）"),
        (measure, Lang::En) => format!("{label} ({measure})"),
    }
}

/// A value as text; personal ones masked.
pub(crate) fn value(pack: &Pack, lang: Lang, field: &Field, value: &Value) -> String {
    let shown = if field.personal {
        masked(value)
    } else {
        value.clone()
    };
    match (&field.ty, &shown) {
        (_, Value::Null) => String::new(),
        (FieldType::Unit { .. }, Value::Text(id)) => unit_name(pack, lang, id).to_owned(),
        (FieldType::Choice { options }, Value::Text(label)) => options
            .iter()
            .find(|option| option.label == *label)
            .map_or(label.as_str(), |option| {
                lang.named(&option.label, &option.label_en)
            })
            .to_owned(),
        (_, Value::Bool(truth)) => if *truth {
            lang.say("是", "yes")
        } else {
            lang.say("否", "no")
        }
        .to_owned(),
        (FieldType::Money { .. }, Value::Decimal(amount)) => thousands(&format!("{amount:.2}")),
        (_, Value::Decimal(number)) => thousands(&number.normalize().to_string()),
        // Years and codes are whole numbers too: no separators there.
        (_, Value::Int(number)) => number.to_string(),
        (_, Value::Date(day)) => day.to_string(),
        (_, Value::Text(text)) => text.clone(),
    }
}

/// A value of an opened figure as text; personal ones masked.
pub(crate) fn json_value(
    pack: &Pack,
    lang: Lang,
    field: &Field,
    json: Option<&serde_json::Value>,
) -> String {
    let typed = match (field.ty.value_type(), json) {
        (_, None | Some(serde_json::Value::Null)) => Value::Null,
        (Type::Bool, Some(json)) => json.as_bool().map_or(Value::Null, Value::Bool),
        (Type::Int, Some(json)) => json.as_i64().map_or(Value::Null, Value::Int),
        (Type::Decimal { .. }, Some(json)) => {
            json.to_string().parse().map_or(Value::Null, Value::Decimal)
        }
        (Type::Date | Type::Text, Some(json)) => {
            Value::Text(json.as_str().unwrap_or_default().to_owned())
        }
    };
    value(pack, lang, field, &typed)
}

/// Puts separators between the thousands of a plain decimal number.
fn thousands(number: &str) -> String {
    let (whole, rest) = number
        .find('.')
        .map_or((number, ""), |point| number.split_at(point));
    let (sign, digits) = whole
        .strip_prefix('-')
        .map_or(("", whole), |digits| ("-", digits));
    let mut out = String::from(sign);
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// The word for a role.
pub(crate) fn role(view: &View, pack: &Pack, role: UnitRole) -> String {
    match role {
        UnitRole::Supporter => view.named(
            &pack.mechanism.supporter_word,
            &pack.mechanism.supporter_word_en,
        ),
        UnitRole::Recipient => view.named(
            &pack.mechanism.recipient_word,
            &pack.mechanism.recipient_word_en,
        ),
        UnitRole::None => view.say("不参与结对", "Not paired"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (number, expect) in [
            ("0.00", "0.00"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1234567.89", "-1,234,567.89"),
            ("424000000.00", "424,000,000.00"),
        ] {
            assert_eq!(thousands(number), expect);
        }
    }

    #[test]
    fn moments_are_shown_in_the_mechanism_s_time() {
        assert_eq!(moment("2021-06-30T16:00:00.000000Z"), "2021-07-01 00:00:00");
        assert_eq!(moment("gone"), "gone");
    }
}
