//! What the pack declares: mechanism, units, links, clauses, indicators.

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use qipan_model::{Certainty, Indicator, Measure, Since, TimeType, UnitKind, UnitRole, Validity};
use serde::Serialize;
use utoipa::ToSchema;

use super::tracing::{self, Followed, Traced};
use crate::caller::Caller;
use crate::problem::{Body, Problem};
use crate::state::App;

/// From when to when; both ends inclusive, `null` is open.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Span {
    /// First day.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    /// Last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
}

impl From<Validity> for Span {
    fn from(validity: Validity) -> Self {
        Self {
            from: validity.from,
            to: validity.to,
        }
    }
}

/// A word and when it holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Dated {
    /// The code, flag or alias.
    pub word: String,
    /// When it holds.
    pub valid: Span,
}

fn dated(words: &[(String, Validity)]) -> Vec<Dated> {
    words
        .iter()
        .map(|(word, valid)| Dated {
            word: word.clone(),
            valid: (*valid).into(),
        })
        .collect()
}

/// An id and its name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Word {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

fn words(names: &[qipan_model::Named]) -> Vec<Word> {
    names
        .iter()
        .map(|one| Word {
            id: one.id.clone(),
            name: one.name.clone(),
            name_en: one.name_en.clone(),
        })
        .collect()
}

/// The mechanism.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Mechanism {
    /// Id.
    pub id: String,
    /// Version of the pack.
    pub version: String,
    /// SHA-256 over the pack's files, hex.
    pub digest: String,
    /// Full name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// When it is in force.
    pub valid: Span,
    /// First day of cumulative figures.
    #[schema(value_type = String, format = Date)]
    pub start: Date,
    /// ISO 4217 code.
    pub currency: String,
    /// What supporters are called.
    pub supporter_word: String,
    /// The same in English.
    pub supporter_word_en: String,
    /// What recipients are called.
    pub recipient_word: String,
    /// The same in English.
    pub recipient_word_en: String,
    /// Clusters of units.
    pub clusters: Vec<Word>,
    /// Flags of units.
    pub flags: Vec<Word>,
    /// The mark of illustrative data; `null` for real data.
    pub illustrative: Option<String>,
    /// The same in English; `null` too where there is none.
    pub illustrative_en: Option<String>,
    /// The period shown when none is asked for.
    pub period: String,
}

/// The mechanism: names, calendar, words.
#[utoipa::path(get, path = "/api/v1/mechanism", tag = "pack",
    responses((status = 200, body = Mechanism), (status = 503, body = Body)))]
pub(crate) async fn mechanism(
    State(app): State<App>,
    _: Caller,
) -> Result<Json<Mechanism>, Problem> {
    let pack = app.declared().await?;
    let mechanism = &pack.mechanism;
    Ok(Json(Mechanism {
        id: mechanism.id.clone(),
        version: mechanism.version.clone(),
        digest: pack.digest.clone(),
        name: mechanism.name.clone(),
        name_en: mechanism.name_en.clone(),
        valid: mechanism.validity.into(),
        start: mechanism.start,
        currency: mechanism.currency.clone(),
        supporter_word: mechanism.supporter_word.clone(),
        supporter_word_en: mechanism.supporter_word_en.clone(),
        recipient_word: mechanism.recipient_word.clone(),
        recipient_word_en: mechanism.recipient_word_en.clone(),
        clusters: words(&mechanism.clusters),
        flags: words(&mechanism.flags),
        illustrative: app.mark(),
        illustrative_en: app.mark_en(),
        period: app.period(None)?.to_string(),
    }))
}

/// A theme.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Theme {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Other headings.
    pub aliases: Vec<String>,
}

/// Themes in printing order.
#[utoipa::path(get, path = "/api/v1/themes", tag = "pack",
    responses((status = 200, body = Vec<Theme>), (status = 503, body = Body)))]
pub(crate) async fn themes(State(app): State<App>, _: Caller) -> Result<Json<Vec<Theme>>, Problem> {
    let pack = app.declared().await?;
    let theme = |theme: &qipan_model::Theme| Theme {
        id: theme.id.clone(),
        name: theme.name.clone(),
        name_en: theme.name_en.clone(),
        aliases: theme.aliases.clone(),
    };
    Ok(Json(pack.mechanism.themes.iter().map(theme).collect()))
}

/// A unit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Unit {
    /// Id, used in records.
    pub id: String,
    /// `district`, `zone`, `department` or `city`.
    #[schema(value_type = String)]
    pub kind: UnitKind,
    /// Full name.
    pub name: String,
    /// Short name.
    pub short: String,
    /// English name.
    pub name_en: String,
    /// `supporter`, `recipient` or `none`.
    #[schema(value_type = String)]
    pub role: UnitRole,
    /// Cluster id.
    pub cluster: String,
    /// When it exists.
    pub valid: Span,
    /// Code in force today.
    pub code: String,
    /// Codes.
    pub codes: Vec<Dated>,
    /// Flags.
    pub flags: Vec<Dated>,
    /// Other names.
    pub aliases: Vec<Dated>,
    /// Units whose territory contains it.
    pub within: Vec<String>,
    /// Unit that took over.
    pub successor: Option<String>,
    /// Remark.
    pub note: String,
}

/// Units in printing order, those that have ended too.
#[utoipa::path(get, path = "/api/v1/units", tag = "pack",
    responses((status = 200, body = Vec<Unit>), (status = 503, body = Body)))]
pub(crate) async fn units(State(app): State<App>, _: Caller) -> Result<Json<Vec<Unit>>, Problem> {
    let pack = app.declared().await?;
    let today = app.today();
    let unit = |unit: &qipan_model::Unit| Unit {
        id: unit.id.to_string(),
        kind: unit.kind,
        name: unit.name.clone(),
        short: unit.short.clone(),
        name_en: unit.name_en.clone(),
        role: unit.role,
        cluster: unit.cluster.clone(),
        valid: unit.validity.into(),
        code: unit.code_on(today).to_owned(),
        codes: dated(&unit.codes),
        flags: dated(&unit.flags),
        aliases: dated(&unit.aliases),
        within: unit.within.iter().map(ToString::to_string).collect(),
        successor: unit.successor.as_ref().map(ToString::to_string),
        note: unit.note.clone(),
    };
    Ok(Json(pack.units.all().iter().map(unit).collect()))
}

/// A link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Link {
    /// Unit id; `null` while 待确认.
    pub supporter: Option<String>,
    /// Unit id; `null` while 待确认.
    pub recipient: Option<String>,
    /// When it holds.
    pub valid: Span,
    /// `attested`, `likely` or `open` (待确认).
    #[schema(value_type = String)]
    pub certainty: Certainty,
    /// What shows it.
    pub evidence: String,
}

/// Links, evidenced and 待确认.
#[utoipa::path(get, path = "/api/v1/links", tag = "pack",
    responses((status = 200, body = Vec<Link>), (status = 503, body = Body)))]
pub(crate) async fn links(State(app): State<App>, _: Caller) -> Result<Json<Vec<Link>>, Problem> {
    let pack = app.declared().await?;
    let link = |link: &qipan_model::Link| Link {
        supporter: link.supporter.as_ref().map(ToString::to_string),
        recipient: link.recipient.as_ref().map(ToString::to_string),
        valid: link.validity.into(),
        certainty: link.certainty,
        evidence: link.evidence.clone(),
    };
    Ok(Json(pack.links.iter().map(link).collect()))
}

/// A clause.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Clause {
    /// Number, `2.3`.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Heading in English.
    pub title_en: String,
    /// The provision in the pack's own words.
    pub text: String,
    /// The same in English.
    pub text_en: String,
    /// Theme id; empty for general ones.
    pub theme: String,
    /// Registers that hold the facts.
    pub registers: Vec<String>,
    /// Indicators that count them.
    pub indicators: Vec<String>,
    /// Registers traced both ways: named by the clause, or behind an indicator that rests on it.
    pub traced_registers: Vec<Traced>,
    /// Indicators traced both ways: named by the clause, or naming it.
    pub traced_indicators: Vec<Traced>,
    /// `counted`, `recorded` or `nothing`: how far the clause is followed in numbers.
    pub followed: Followed,
    /// Where it is known from.
    pub source: String,
}

/// Clauses of the policy.
#[utoipa::path(get, path = "/api/v1/clauses", tag = "pack",
    responses((status = 200, body = Vec<Clause>), (status = 503, body = Body)))]
pub(crate) async fn clauses(
    State(app): State<App>,
    _: Caller,
) -> Result<Json<Vec<Clause>>, Problem> {
    let pack = app.declared().await?;
    let clause = |clause: &qipan_model::Clause| {
        let traced_registers = tracing::registers(&pack, clause);
        let traced_indicators = tracing::indicators(&pack, clause);
        Clause {
            followed: tracing::followed(&traced_indicators, &traced_registers),
            traced_registers,
            traced_indicators,
            id: clause.id.clone(),
            title: clause.title.clone(),
            title_en: clause.title_en.clone(),
            text: clause.text.clone(),
            text_en: clause.text_en.clone(),
            theme: clause.theme.clone(),
            registers: clause.registers.clone(),
            indicators: clause.indicators.clone(),
            source: clause.source.clone(),
        }
    };
    Ok(Json(pack.clauses.iter().map(clause).collect()))
}

/// One source of an indicator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Source {
    /// Register id.
    pub register: String,
    /// Which rows count.
    pub filter: Option<String>,
    /// Field of the day that must lie in the window.
    pub date: Option<String>,
    /// Field of the day that must not be later than the period's end.
    pub done_by: Option<String>,
    /// Field of the day after which a row no longer stands.
    pub ends: Option<String>,
    /// What is summed.
    pub value: Option<String>,
    /// Field whose values are counted once each.
    pub distinct: Option<String>,
}

/// One version of an indicator.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Indicator)]
pub(crate) struct IndicatorShape {
    /// Id.
    pub id: String,
    /// Version of the definition.
    pub version: u32,
    /// Periods whose end lies in this span use it.
    pub valid: Span,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Theme id; empty for the general ones.
    pub theme: String,
    /// Clause id.
    pub clause: String,
    /// Department that owns it.
    pub owner: String,
    /// The same in English.
    pub owner_en: String,
    /// Definition in words.
    pub definition: String,
    /// The same in English.
    pub definition_en: String,
    /// What is open about it.
    pub remark: String,
    /// The same in English.
    pub remark_en: String,
    /// `attested`, `likely` or `open` (待确认).
    #[schema(value_type = String)]
    pub certainty: Certainty,
    /// Base unit.
    pub unit: String,
    /// Unit as printed.
    pub display_unit: String,
    /// `count`, `sum`, `distinct-…` or `percent`.
    pub measure: String,
    /// For a percentage: indicator above the line.
    pub numerator: Option<String>,
    /// For a percentage: indicator below the line.
    pub denominator: Option<String>,
    /// `flow`, `cumulative`, `stock` or `latest`.
    pub time: &'static str,
    /// For cumulative ones: `year-start`, `mechanism-start` or a day.
    pub since: Option<String>,
    /// Where the rows come from.
    pub sources: Vec<Source>,
    /// Clauses that lead to it, by its own word or by theirs.
    pub clauses: Vec<String>,
}

impl IndicatorShape {
    pub(super) fn of(pack: &qipan_model::Pack, indicator: &Indicator) -> Self {
        let (measure, numerator, denominator) = match &indicator.measure {
            Measure::Count => ("count".to_owned(), None, None),
            Measure::Sum => ("sum".to_owned(), None, None),
            Measure::Distinct(of) => {
                let word = match of {
                    qipan_model::DistinctOf::Supporter => "supporter",
                    qipan_model::DistinctOf::Recipient => "recipient",
                    qipan_model::DistinctOf::Group => "group",
                    qipan_model::DistinctOf::Link => "link",
                    qipan_model::DistinctOf::Key => "key",
                };
                (format!("distinct-{word}"), None, None)
            }
            Measure::Percent {
                numerator,
                denominator,
            } => (
                "percent".to_owned(),
                Some(numerator.clone()),
                Some(denominator.clone()),
            ),
        };
        let (time, since) = match indicator.time {
            TimeType::Flow => ("flow", None),
            TimeType::Cumulative(Since::YearStart) => ("cumulative", Some("year-start".to_owned())),
            TimeType::Cumulative(Since::MechanismStart) => {
                ("cumulative", Some("mechanism-start".to_owned()))
            }
            TimeType::Cumulative(Since::Day(day)) => ("cumulative", Some(day.to_string())),
            TimeType::Stock => ("stock", None),
            TimeType::Latest => ("latest", None),
        };
        let sources = indicator.sources.iter().map(|source| {
            let register = pack.register(&source.register);
            let field = |index: usize| {
                register
                    .and_then(|register| register.fields.get(index))
                    .map(|field| field.id.clone())
            };
            Source {
                register: source.register.clone(),
                filter: source.filter.as_ref().map(|expr| expr.source().to_owned()),
                date: field(source.date),
                done_by: source.done_by.and_then(field),
                ends: source.ends.and_then(field),
                value: source.value.as_ref().map(|expr| expr.source().to_owned()),
                distinct: source.distinct.and_then(field),
            }
        });
        Self {
            id: indicator.id.clone(),
            version: indicator.version,
            valid: indicator.valid.into(),
            name: indicator.name.clone(),
            name_en: indicator.name_en.clone(),
            theme: indicator.theme.clone(),
            clause: indicator.clause.clone(),
            owner: indicator.owner.clone(),
            owner_en: indicator.owner_en.clone(),
            definition: indicator.definition.clone(),
            definition_en: indicator.definition_en.clone(),
            remark: indicator.remark.clone(),
            remark_en: indicator.remark_en.clone(),
            certainty: indicator.certainty,
            unit: indicator.unit.clone(),
            display_unit: indicator.format.unit.clone(),
            measure,
            numerator,
            denominator,
            time,
            since,
            sources: sources.collect(),
            clauses: tracing::clauses_of_indicator(pack, indicator),
        }
    }
}

/// Indicators, every version, in printing order.
#[utoipa::path(get, path = "/api/v1/indicators", tag = "pack",
    responses((status = 200, body = Vec<IndicatorShape>), (status = 503, body = Body)))]
pub(crate) async fn indicators(
    State(app): State<App>,
    _: Caller,
) -> Result<Json<Vec<IndicatorShape>>, Problem> {
    let pack = app.declared().await?;
    Ok(Json(
        pack.indicators
            .iter()
            .map(|one| IndicatorShape::of(&pack, one))
            .collect(),
    ))
}
