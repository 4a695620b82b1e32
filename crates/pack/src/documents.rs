//! The mechanism itself, its clauses and its briefs: from the files as written to the model.

use std::collections::BTreeSet;

use jiff::civil::Date;
use qipan_model::{Brief, BriefPart, Clause, Mechanism, Named, Theme};

use crate::diagnostic::{Code, Report};
use crate::ids::{Form, Look};
use crate::raw::{RawBrief, RawClauses, RawMechanism, RawName, RawPart};
use crate::spanned::{Sp, Vocabulary};
use crate::words::PartKind;

/// Words that a slot in prose or in a title may name beside indicators.
pub(crate) const PERIOD: &str = "period";

/// Lowers `mechanism.toml`.
pub(crate) fn mechanism(file: &str, raw: &RawMechanism, report: &mut Report) -> Mechanism {
    let mut look = Look { report, file };
    look.id(&raw.id, Form::Slug);
    for (text, key) in [
        (&raw.version, "version"),
        (&raw.name, "name"),
        (&raw.supporter_word, "supporter_word"),
        (&raw.recipient_word, "recipient_word"),
    ] {
        look.words(text, key);
    }
    let currency = raw.currency.as_ref();
    if let Some(written) = currency
        && (written.len() != 3 || !written.bytes().all(|b| b.is_ascii_uppercase()))
    {
        let code = &written.value;
        look.at(
            Code::P2004,
            written.at,
            format!("`{code}` 不是货币代码：应为三个大写字母，如 CNY"),
            format!("`{code}` is no currency code: three capitals, like CNY"),
        );
    }
    let mut seen = BTreeSet::new();
    for theme in &raw.theme {
        look.id(&theme.id, Form::Slug);
        look.unique(&theme.id, "领域", &mut seen);
        look.words(&theme.name, "name");
    }
    Mechanism {
        id: raw.id.value.clone(),
        version: raw.version.value.clone(),
        name: raw.name.value.clone(),
        name_en: raw.name_en.clone(),
        validity: look.span(raw.valid_from.as_ref(), raw.valid_to.as_ref()),
        start: raw.start.as_ref().map_or(Date::ZERO, |day| day.0),
        currency: currency.map_or_else(|| "CNY".to_owned(), |code| code.value.clone()),
        supporter_word: raw.supporter_word.value.clone(),
        supporter_word_en: raw.supporter_word_en.clone(),
        recipient_word: raw.recipient_word.value.clone(),
        recipient_word_en: raw.recipient_word_en.clone(),
        themes: raw
            .theme
            .iter()
            .map(|theme| Theme {
                id: theme.id.value.clone(),
                name: theme.name.value.clone(),
                name_en: theme.name_en.clone(),
                aliases: theme.aliases.clone(),
            })
            .collect(),
        clusters: names(&mut look, &raw.cluster, "片区"),
        flags: names(&mut look, &raw.flag, "标记"),
    }
}

fn names(look: &mut Look, raw: &[RawName], what: &str) -> Vec<Named> {
    let mut seen = BTreeSet::new();
    raw.iter()
        .map(|one| {
            look.id(&one.id, Form::Slug);
            look.unique(&one.id, what, &mut seen);
            look.words(&one.name, "name");
            Named {
                id: one.id.value.clone(),
                name: one.name.value.clone(),
                name_en: one.name_en.clone(),
            }
        })
        .collect()
}

/// Lowers `clauses.toml`; what it points at is looked up by [`clause_references`] later.
pub(crate) fn clauses(
    file: &str,
    raw: &RawClauses,
    mechanism: &Mechanism,
    report: &mut Report,
) -> Vec<Clause> {
    let mut look = Look { report, file };
    let mut seen = BTreeSet::new();
    let plain = |texts: &[Sp<String>]| texts.iter().map(|text| text.value.clone()).collect();
    raw.clause
        .iter()
        .map(|clause| {
            look.id(&clause.id, Form::Number);
            look.unique(&clause.id, "条款", &mut seen);
            look.words(&clause.title, "title");
            look.words(&clause.text, "text");
            if !clause.theme.is_empty() {
                let themes = mechanism.themes.iter().map(|theme| theme.id.as_str());
                look.known(&clause.theme, ("领域", "theme"), themes);
            }
            Clause {
                id: clause.id.value.clone(),
                title: clause.title.value.clone(),
                title_en: clause.title_en.clone(),
                text: clause.text.value.clone(),
                text_en: clause.text_en.clone(),
                theme: clause.theme.value.clone(),
                registers: plain(&clause.registers),
                indicators: plain(&clause.indicators),
                source: clause.source.clone(),
            }
        })
        .collect()
}

/// Registers and indicators that clauses point at, and clauses that nothing records or counts.
/// `named` are the clauses that indicators name.
pub(crate) fn clause_references(
    file: &str,
    raw: &RawClauses,
    registers: &BTreeSet<&str>,
    indicators: &BTreeSet<&str>,
    named: &BTreeSet<&str>,
    report: &mut Report,
) {
    let mut look = Look { report, file };
    for clause in &raw.clause {
        for id in &clause.registers {
            look.known(id, ("台账", "register"), registers.iter().copied());
        }
        for id in &clause.indicators {
            look.known(id, ("指标", "indicator"), indicators.iter().copied());
        }
        let id = &clause.id.value;
        let counted = !clause.indicators.is_empty() || named.contains(id.as_str());
        match (clause.registers.is_empty(), counted) {
            (true, _) => look.at(
                Code::P8001,
                clause.id.at,
                format!("条款 {id} 没有台账：它的落实无处记载"),
                format!("clause {id} has no register: nothing records its facts"),
            ),
            (false, false) => look.at(
                Code::P8002,
                clause.id.at,
                format!("条款 {id} 有台账而没有指标：它的落实不会被统计"),
                format!("clause {id} has registers but no indicator: nothing counts its facts"),
            ),
            (false, true) => {}
        }
    }
}

/// Lowers `briefs/<id>.toml`.
pub(crate) fn brief(
    file: &str,
    raw: &RawBrief,
    indicators: &BTreeSet<&str>,
    report: &mut Report,
) -> Brief {
    let mut look = Look { report, file };
    look.id(&raw.id, Form::Slug);
    look.words(&raw.title, "title");
    look.words(&raw.issuer, "issuer");
    slots(&mut look, &raw.title, &BTreeSet::new());
    Brief {
        id: raw.id.value.clone(),
        title: raw.title.value.clone(),
        issuer: raw.issuer.value.clone(),
        parts: raw
            .part
            .iter()
            .filter_map(|part| brief_part(&mut look, part, indicators))
            .collect(),
    }
}

fn brief_part(
    look: &mut Look,
    raw: &Sp<RawPart>,
    indicators: &BTreeSet<&str>,
) -> Option<BriefPart> {
    let kind = raw.kind.as_ref()?.value.0;
    let word = kind.word();
    let given = [
        ("level", raw.level.as_ref().map(|v| v.at)),
        ("text", raw.text.as_ref().map(|v| v.at)),
        ("caption", raw.caption.as_ref().map(|v| v.at)),
        ("indicators", raw.indicators.as_ref().map(|v| v.at)),
        ("indicator", raw.indicator.as_ref().map(|v| v.at)),
        ("by", raw.by.as_ref().map(|v| v.at)),
        ("top", raw.top.as_ref().map(|v| v.at)),
    ];
    let (needed, optional): (&[&str], &[&str]) = match kind {
        PartKind::Heading => (&["level", "text"], &[]),
        PartKind::Prose => (&["text"], &[]),
        PartKind::Table => (&["caption", "indicators"], &[]),
        PartKind::Chart => (&["caption", "indicator", "by"], &["top"]),
        PartKind::Map => (&["caption", "indicator"], &[]),
        PartKind::Coverage | PartKind::FigureList => (&[], &[]),
    };
    let mut whole = true;
    for (key, at) in given {
        match at {
            None if needed.contains(&key) => {
                whole = false;
                look.at(
                    Code::P2002,
                    raw.at,
                    format!("缺少 `{key}`：kind = \"{word}\" 要写明"),
                    format!("`{key}` is missing: kind = \"{word}\" needs it"),
                );
            }
            Some(at) if !needed.contains(&key) && !optional.contains(&key) => look.at(
                Code::P7002,
                at,
                format!("kind = \"{word}\" 用不着 `{key}`：请删去"),
                format!("`{key}` does not go with kind = \"{word}\": remove it"),
            ),
            _ => {}
        }
    }
    if let Some(place) = raw
        .level
        .as_ref()
        .filter(|level| !(1..=3).contains(&level.value))
    {
        look.at(
            Code::P2005,
            place.at,
            format!("标题级别 {} 不能用：应为 1 到 3", place.value),
            format!("level {}: it must be 1 to 3", place.value),
        );
    }
    if let Some(place) = raw
        .top
        .as_ref()
        .filter(|top| !(1..=1000).contains(&top.value))
    {
        look.at(
            Code::P2005,
            place.at,
            format!("top = {} 不能用：应为 1 到 1000", place.value),
            format!("top = {}: it must be 1 to 1000", place.value),
        );
    }
    if let Some(text) = &raw.text {
        slots(look, text, indicators);
    }
    let listed = raw.indicators.as_ref().map_or(&[][..], |all| &all.value);
    for id in listed.iter().chain(&raw.indicator) {
        look.known(id, ("指标", "indicator"), indicators.iter().copied());
    }
    if !whole {
        return None;
    }
    let text = || {
        raw.text
            .as_ref()
            .map_or_else(String::new, |text| text.value.clone())
    };
    let caption = || {
        raw.caption
            .as_ref()
            .map_or_else(String::new, |text| text.value.clone())
    };
    let indicator = || {
        raw.indicator
            .as_ref()
            .map_or_else(String::new, |id| id.value.clone())
    };
    Some(match kind {
        PartKind::Heading => BriefPart::Heading {
            level: raw.level.as_ref().map_or(1, |level| level.value),
            text: text(),
        },
        PartKind::Prose => BriefPart::Prose { text: text() },
        PartKind::Table => BriefPart::Table {
            caption: caption(),
            indicators: listed.iter().map(|id| id.value.clone()).collect(),
        },
        PartKind::Chart => BriefPart::Chart {
            caption: caption(),
            indicator: indicator(),
            by: raw.by.as_ref().map_or("", |by| by.value.0.0).to_owned(),
            top: raw.top.as_ref().map_or(20, |top| top.value.into()),
        },
        PartKind::Map => BriefPart::Map {
            caption: caption(),
            indicator: indicator(),
        },
        PartKind::Coverage => BriefPart::Coverage,
        PartKind::FigureList => BriefPart::FigureList,
    })
}

/// Slots in words: `{period}`, `{PRJ-N-ISSUED}`, `{PRJ-V-TOTAL:number}`.
fn slots(look: &mut Look, text: &Sp<String>, indicators: &BTreeSet<&str>) {
    let mut rest = text.value.as_str();
    while let Some(open) = rest.find(['{', '}']) {
        let inner = rest[open..].strip_prefix('{').unwrap_or("");
        let closed = inner
            .find(['{', '}'])
            .filter(|&at| inner[at..].starts_with('}'));
        let Some(close) = closed else {
            let near: String = rest[open..].chars().take(12).collect();
            look.at(
                Code::P7001,
                text.at,
                format!("“{near}”处的花括号不成对：占位写成 {{PRJ-N-ISSUED}}"),
                format!("unpaired brace at “{near}”: a slot is written {{PRJ-N-ISSUED}}"),
            );
            return;
        };
        let slot = &inner[..close];
        rest = &inner[close + 1..];
        let (name, form) = slot.split_once(':').unwrap_or((slot, ""));
        if name == PERIOD && form.is_empty() {
            continue;
        }
        if !matches!(form, "" | "number") {
            look.at(
                Code::P7001,
                text.at,
                format!("占位 {{{slot}}} 看不懂：冒号后只能写 number（只印数、不印单位）"),
                format!("slot {{{slot}}}: only `number` may follow the colon (the number without its unit)"),
            );
        }
        if !indicators.contains(name) {
            let known = indicators.iter().copied().chain([PERIOD]);
            let (zh, en) = crate::nearest::hint(name, known);
            look.at(
                Code::P4003,
                text.at,
                format!("占位 {{{slot}}}：没有指标 `{name}`{zh}"),
                format!("slot {{{slot}}}: there is no indicator `{name}`{en}"),
            );
        }
    }
}
