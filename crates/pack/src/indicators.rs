//! Indicators: from the files as written to the model.

use std::collections::BTreeMap;

use qipan_model::{
    Certainty, Clause, DistinctOf, Format, Indicator, Measure, Mechanism, PressTerms, Side, Since,
    Subset, TimeType,
};
use rust_decimal::Decimal;

use crate::Source;
use crate::diagnostic::{Code, Report};
use crate::ids::{Form, Look, overlap};
use crate::raw::{RawIndicator, RawIndicators};
use crate::registers::Lowered;
use crate::sources::lower_source;
use crate::spanned::{Sp, Vocabulary};
use crate::words::{MeasureWord, TimeWord};

/// Most indicators, versions counted one by one.
pub const MAX_INDICATORS: usize = 2_000;

/// What indicators may point at.
pub(crate) struct Known<'a> {
    pub(crate) source: &'a Source,
    pub(crate) mechanism: &'a Mechanism,
    pub(crate) clauses: &'a [Clause],
    pub(crate) registers: &'a BTreeMap<String, Lowered>,
}

/// Lowers all files under `indicators/`, in printing order: themes as the mechanism lists them
/// (general ones first), then files, then as written; versions of one id side by side.
pub(crate) fn lower_all(
    known: &Known,
    files: &[(String, RawIndicators)],
    report: &mut Report,
) -> Vec<Indicator> {
    let mut written: Vec<(&str, &Sp<RawIndicator>)> = files
        .iter()
        .flat_map(|(file, raw)| raw.indicator.iter().map(move |one| (file.as_str(), one)))
        .collect();
    if let Some((file, one)) = written.get(MAX_INDICATORS) {
        report.at(
            Code::P1005,
            file,
            one.at,
            format!("超过上限 {MAX_INDICATORS} 个指标"),
            format!("more than {MAX_INDICATORS} indicators"),
        );
        written.truncate(MAX_INDICATORS);
    }
    versions(&written, report);
    let ids: BTreeMap<&str, Option<MeasureWord>> = written
        .iter()
        .map(|(_, one)| {
            (
                one.id.as_str(),
                one.measure.as_ref().map(|word| word.value.0),
            )
        })
        .collect();
    let mut lowered: Vec<Indicator> = written
        .iter()
        .map(|(file, one)| lower(known, &ids, &mut Look { report, file }, one))
        .collect();
    percent_times(&mut lowered);
    let theme_rank = |theme: &str| {
        let place = known
            .mechanism
            .themes
            .iter()
            .position(|known| known.id == theme);
        place.map_or(0, |place| place + 1)
    };
    let mut first_place: BTreeMap<String, usize> = BTreeMap::new();
    lowered.sort_by_key(|one| theme_rank(&one.theme));
    for (place, one) in lowered.iter().enumerate() {
        first_place.entry(one.id.clone()).or_insert(place);
    }
    lowered.sort_by_key(|one| (first_place[&one.id], one.valid.from, one.version));
    lowered
}

/// Versions of one id must not be in force on the same day.
fn versions(written: &[(&str, &Sp<RawIndicator>)], report: &mut Report) {
    for (nth, (file, one)) in written.iter().enumerate() {
        if one.id.is_missing() {
            continue;
        }
        let mut look = Look { report, file };
        let span = look.span(one.valid_from.as_ref(), one.valid_to.as_ref());
        let version = version(one);
        for (_, other) in written[..nth]
            .iter()
            .filter(|(_, other)| *other.id == *one.id)
        {
            let theirs = qipan_model::Validity {
                from: other.valid_from.as_ref().map(|day| day.0),
                to: other.valid_to.as_ref().map(|day| day.0),
            };
            let id = &one.id.value;
            if self::version(other) == version {
                look.at(
                    Code::P6001,
                    one.version.as_ref().map_or(one.id.at, |place| place.at),
                    format!("`{id}` 已有第 {version} 版：请换版本号"),
                    format!("`{id}` has a version {version} already: choose another"),
                );
            } else if overlap(span, theirs) {
                look.at(
                    Code::P6001,
                    one.valid_from.as_ref().map_or(one.id.at, |place| place.at),
                    format!("`{id}` 第 {version} 版与第 {} 版同日有效：请用 valid_from、valid_to 分开", self::version(other)),
                    format!("`{id}` versions {version} and {} are in force on the same day: part them by valid_from and valid_to", self::version(other)),
                );
            } else if (span.from < theirs.from) != (version < self::version(other)) {
                look.at(
                    Code::P6001,
                    one.version.as_ref().map_or(one.id.at, |place| place.at),
                    format!("`{id}` 的版本号与时间先后相反：后生效的版本号要大"),
                    format!("`{id}`: version numbers must grow with time"),
                );
            }
        }
    }
}

fn version(one: &RawIndicator) -> u32 {
    one.version.as_ref().map_or(1, |version| version.value)
}

fn lower(
    known: &Known,
    ids: &BTreeMap<&str, Option<MeasureWord>>,
    look: &mut Look,
    raw: &Sp<RawIndicator>,
) -> Indicator {
    look.id(&raw.id, Form::Indicator);
    for (text, key) in [
        (&raw.name, "name"),
        (&raw.owner, "owner"),
        (&raw.definition, "definition"),
        (&raw.unit, "unit"),
    ] {
        look.words(text, key);
    }
    if !raw.theme.is_empty() {
        let themes = known.mechanism.themes.iter().map(|theme| theme.id.as_str());
        look.known(&raw.theme, ("领域", "theme"), themes);
    }
    let clauses = known.clauses.iter().map(|clause| clause.id.as_str());
    look.known(&raw.clause, ("条款", "clause"), clauses);
    if let Some(zero) = raw.version.as_ref().filter(|version| version.value == 0) {
        look.at(Code::P2005, zero.at, "版本号从 1 起", "versions begin at 1");
    }
    let measure = raw.measure.as_ref().map(|word| word.value.0);
    keys_of_measure(look, raw, measure);
    let time = time(look, raw, measure);
    let measure_of = match measure {
        None | Some(MeasureWord::Count) => Measure::Count,
        Some(MeasureWord::Sum) => Measure::Sum,
        Some(MeasureWord::Distinct(of)) => Measure::Distinct(of),
        Some(MeasureWord::Percent) => Measure::Percent {
            numerator: percent_part(look, ids, raw.numerator.as_ref()),
            denominator: percent_part(look, ids, raw.denominator.as_ref()),
        },
    };
    let sources = raw
        .source
        .iter()
        .filter_map(|source| lower_source(known, look, raw, measure, time, source))
        .collect();
    Indicator {
        id: raw.id.value.clone(),
        version: version(raw),
        valid: qipan_model::Validity {
            from: raw.valid_from.as_ref().map(|day| day.0),
            to: raw.valid_to.as_ref().map(|day| day.0),
        },
        name: raw.name.value.clone(),
        name_en: raw.name_en.clone(),
        theme: raw.theme.value.clone(),
        clause: raw.clause.value.clone(),
        owner: raw.owner.value.clone(),
        owner_en: raw.owner_en.clone(),
        definition: raw.definition.value.clone(),
        definition_en: raw.definition_en.clone(),
        remark: raw.remark.clone(),
        remark_en: raw.remark_en.clone(),
        certainty: raw.certainty.map_or(Certainty::Open, |word| word.0),
        unit: raw.unit.value.clone(),
        measure: measure_of,
        time,
        sources,
        subset: subset(known, look, raw),
        format: format(look, raw),
        press: PressTerms {
            all: raw.press.all.clone(),
            none: raw.press.none.clone(),
            units: raw.press.units.clone(),
        },
    }
}

/// Keys that the measure asks for, and keys that do not go with it.
fn keys_of_measure(look: &mut Look, raw: &Sp<RawIndicator>, measure: Option<MeasureWord>) {
    let Some(measure) = measure else { return };
    let word = measure.word();
    let percent = measure == MeasureWord::Percent;
    for (key, text) in [
        ("numerator", &raw.numerator),
        ("denominator", &raw.denominator),
    ] {
        match text {
            None if percent => missing(look, raw.at, key, word),
            Some(text) if !percent => stray(look, text.at, key, word),
            _ => {}
        }
    }
    if percent {
        for (key, at) in [
            ("source", raw.source.first().map(|source| source.at)),
            ("subset", raw.subset.as_ref().map(|subset| subset.at)),
        ] {
            if let Some(at) = at {
                stray(look, at, key, word);
            }
        }
    } else if raw.source.is_empty() {
        missing(look, raw.at, "source", word);
    }
    for source in &raw.source {
        match &source.value.value {
            None if measure == MeasureWord::Sum => missing(look, source.at, "value", word),
            Some(text) if measure != MeasureWord::Sum => stray(look, text.at, "value", word),
            _ => {}
        }
        let by_key = measure == MeasureWord::Distinct(DistinctOf::Key);
        match &source.value.distinct {
            None if by_key => missing(look, source.at, "distinct", word),
            Some(text) if !by_key => stray(look, text.at, "distinct", word),
            _ => {}
        }
    }
}

fn missing(look: &mut Look, at: usize, key: &str, word: &str) {
    look.at(
        Code::P6002,
        at,
        format!("缺少 `{key}`：“{word}”的指标要写明"),
        format!("`{key}` is missing: an indicator with “{word}” needs it"),
    );
}

pub(crate) fn stray(look: &mut Look, at: usize, key: &str, word: &str) {
    look.at(
        Code::P6002,
        at,
        format!("“{word}”的指标用不着 `{key}`：请删去"),
        format!("`{key}` does not go with “{word}”: remove it"),
    );
}

pub(crate) fn only_with(look: &mut Look, at: usize, key: &str, time: &str) {
    look.at(
        Code::P6002,
        at,
        format!("只有 time = \"{time}\" 的指标用 `{key}`：请删去，或改 time"),
        format!("`{key}` goes with time = \"{time}\" only: remove it or change the time"),
    );
}

fn time(look: &mut Look, raw: &Sp<RawIndicator>, measure: Option<MeasureWord>) -> TimeType {
    let since = raw.since.as_ref();
    let word = raw.time.as_ref().map(|word| word.value.0);
    if let Some(place) = since.filter(|_| word != Some(TimeWord::Cumulative)) {
        only_with(look, place.at, "since", "cumulative");
    }
    let percent = measure == Some(MeasureWord::Percent);
    match word {
        None => {
            if measure.is_some() && !percent {
                look.at(
                    Code::P2002,
                    raw.at,
                    "缺少 `time`：请写明 flow、cumulative、stock 还是 latest",
                    "`time` is missing: say flow, cumulative, stock or latest",
                );
            }
            TimeType::Flow
        }
        Some(TimeWord::Flow) => TimeType::Flow,
        Some(TimeWord::Stock) => TimeType::Stock,
        Some(TimeWord::Latest) => TimeType::Latest,
        Some(TimeWord::Cumulative) => {
            TimeType::Cumulative(match since.map(|since| since.0.as_str()) {
                None | Some("mechanism-start") => Since::MechanismStart,
                Some("year-start") => Since::YearStart,
                Some(day) => day.parse().map_or(Since::MechanismStart, Since::Day),
            })
        }
    }
}

fn percent_part(
    look: &mut Look,
    ids: &BTreeMap<&str, Option<MeasureWord>>,
    part: Option<&Sp<String>>,
) -> String {
    let Some(part) = part else {
        return String::new();
    };
    if look.known(part, ("指标", "indicator"), ids.keys().copied())
        && ids.get(part.as_str()) == Some(&Some(MeasureWord::Percent))
    {
        let id = &part.value;
        look.at(
            Code::P6003,
            part.at,
            format!("`{id}` 本身是百分比：分子和分母应是能相除的数"),
            format!("`{id}` is a percentage itself: the parts must be plain figures"),
        );
    }
    part.value.clone()
}

/// A percentage without a time of its own goes with its numerator.
fn percent_times(indicators: &mut [Indicator]) {
    let times: BTreeMap<String, TimeType> = indicators
        .iter()
        .map(|one| (one.id.clone(), one.time))
        .collect();
    for one in indicators {
        if let Measure::Percent { numerator, .. } = &one.measure
            && let Some(time) = times.get(numerator)
        {
            one.time = *time;
        }
    }
}

fn subset(known: &Known, look: &mut Look, raw: &RawIndicator) -> Option<Subset> {
    let subset = raw.subset.as_ref()?;
    let flags = known.mechanism.flags.iter().map(|flag| flag.id.as_str());
    look.known(&subset.flag, ("标记", "flag"), flags);
    let side = subset.side.as_ref()?;
    if side.value.0 == Side::City {
        look.at(
            Code::P6002,
            side.at,
            "标记挂在单位上：side 应为 supporter 或 recipient",
            "units carry flags: side must be supporter or recipient",
        );
    }
    Some(Subset {
        side: side.value.0,
        flag: subset.flag.value.clone(),
    })
}

fn format(look: &mut Look, raw: &RawIndicator) -> Format {
    let format = &raw.format;
    let positive = |look: &mut Look, key: &str, number: Option<&Sp<crate::spanned::Number>>| {
        let number = number?;
        if number.0 <= Decimal::ZERO {
            let written = number.0;
            look.at(
                Code::P6005,
                number.at,
                format!("{key} = {written} 不能用：应大于零"),
                format!("{key} = {written}: it must be above zero"),
            );
            return None;
        }
        Some(number.value.0)
    };
    let decimals = format.decimals.as_ref().map_or(0, |places| places.value);
    if let Some(place) = format.decimals.as_ref().filter(|_| decimals > 6) {
        look.at(
            Code::P6005,
            place.at,
            format!("decimals = {decimals} 太大：最多 6 位"),
            format!("decimals = {decimals}: at most 6 places"),
        );
    }
    let per = positive(look, "per", format.per.as_ref());
    let floor_to = positive(look, "floor_to", format.floor_to.as_ref());
    // 亿元 with a divisor of 万元 would print figures ten thousand times too great.
    let unit = format
        .unit
        .as_ref()
        .map_or(raw.unit.as_str(), |unit| unit.as_str());
    if let (Some(money), "元") = (qipan_model::MoneyUnit::of(unit), raw.unit.as_str()) {
        let factor = money.factor();
        if per.unwrap_or(Decimal::ONE) != factor {
            look.at(
                Code::P6005,
                format.per.as_ref().map_or(raw.format.at, |per| per.at),
                format!("印作“{unit}”时 per 应为 {factor}"),
                format!("to print “{unit}”, per must be {factor}"),
            );
        }
    }
    Format {
        unit: unit.to_owned(),
        per: per.unwrap_or(Decimal::ONE),
        decimals: decimals.into(),
        trim: format.trim.unwrap_or(true),
        floor_to,
    }
}
