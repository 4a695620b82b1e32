//! What a request asks for, understood or refused with a sentence.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use qipan_figures::{By, Part};
use qipan_model::{Expr, Pack, Period, Register, Type};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::problem::{Finding, Kind, Problem};

/// The query, refused with a [`Problem`] when it is malformed.
pub(crate) struct Asked<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(asked)| Self(asked))
            .map_err(|rejection| {
                let why = rejection.body_text();
                Problem::new(
                    Kind::BadQuery,
                    format!("网址里的参数看不懂（{why}）：参数名与写法见 /api/v1/openapi.json"),
                    format!("The parameters are not understood ({why}): see /api/v1/openapi.json"),
                )
            })
    }
}

/// Parts of the path, refused with a [`Problem`] when they are malformed.
pub(crate) struct Named<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(named)| Self(named))
            .map_err(|rejection| {
                let why = rejection.body_text();
                Problem::new(
                    Kind::BadQuery,
                    format!("网址看不懂（{why}）：请从页面上的链接进入"),
                    format!("The address is not understood ({why}): follow a link of a page"),
                )
            })
    }
}

/// A JSON body, refused with a [`Problem`] when it is malformed.
pub(crate) struct Sent<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let sent = Json::<T>::from_request(request, state).await;
        sent.map(|Json(sent)| Self(sent)).map_err(|rejection| {
            let why = rejection.body_text();
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                return Problem::new(
                    Kind::TooLarge,
                    "内容太大：请分几次提交",
                    "The content is too large: send it in parts",
                );
            }
            Problem::new(
                Kind::BadQuery,
                format!("提交的内容看不懂（{why}）：写法见 /api/v1/openapi.json"),
                format!("What was sent is not understood ({why}): see /api/v1/openapi.json"),
            )
        })
    }
}

/// Reads a period.
pub(crate) fn period(text: &str) -> Result<Period, Problem> {
    text.parse().map_err(|error: qipan_model::PeriodError| {
        Problem::new(
            Kind::Period,
            error.to_string(),
            format!("The period “{text}” is not understood: write 2021H1, 2021Q2, 2021-06, 2021 or 2021-10-01..2022-09-20"),
        )
    })
}

/// The words for cuts, as they stand in addresses.
pub(crate) const CUTS: [(&str, By); 5] = [
    ("whole", By::Whole),
    ("group", By::Group),
    ("link", By::Link),
    ("supporter", By::Supporter),
    ("recipient", By::Recipient),
];

/// The cut asked for; an empty text is the whole.
pub(crate) fn cut(asked: Option<&str>) -> Result<By, Problem> {
    let text = asked.unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(By::Whole);
    }
    CUTS.iter().find(|(word, _)| *word == text).map(|(_, by)| *by).ok_or_else(|| {
        Problem::new(
            Kind::Cut,
            format!("切分方式“{text}”看不懂：请写 whole、group、link、supporter 或 recipient"),
            format!("The cut “{text}” is not understood: write whole, group, link, supporter or recipient"),
        )
    })
}

/// A yes or no in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
pub(crate) enum Flag {
    /// Yes; `true` is understood as well.
    #[serde(rename = "1", alias = "true")]
    Yes,
    /// No; `false` is understood as well.
    #[default]
    #[serde(rename = "0", alias = "false")]
    No,
}

/// The unit asked for.
pub(crate) fn unit<'p>(pack: &'p Pack, id: &str) -> Result<&'p qipan_model::Unit, Problem> {
    pack.units.get(id).ok_or_else(|| {
        Problem::new(
            Kind::NoUnit,
            format!("没有单位“{id}”：全部单位见 /api/v1/units"),
            format!("There is no unit “{id}”: /api/v1/units lists them all"),
        )
    })
}

/// The part of the mechanism asked for: a supporter, a recipient or both; empty texts are none.
pub(crate) fn part(
    pack: &Pack,
    supporter: Option<&str>,
    recipient: Option<&str>,
) -> Result<Part, Problem> {
    let known = |asked: Option<&str>| {
        let asked = asked.map(str::trim).filter(|id| !id.is_empty());
        asked
            .map(|id| unit(pack, id).map(|unit| unit.id.to_string()))
            .transpose()
    };
    Ok(Part {
        supporter: known(supporter)?,
        recipient: known(recipient)?,
    })
}

/// The filter asked for, compiled against a register. Personal fields cannot be asked: a filter
/// would tell what the mask hides.
pub(crate) fn filter(asked: Option<&str>, register: &Register) -> Result<Option<Expr>, Problem> {
    let Some(text) = asked.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let expr = Expr::compile(text, register, Some(Type::Bool)).map_err(|diagnostics| {
        let findings: Vec<Finding> = diagnostics
            .into_iter()
            .map(|one| Finding {
                start: one.span.start,
                end: one.span.end,
                code: one.code,
                message: one.message,
            })
            .collect();
        let words: Vec<&str> = findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        let mut problem = Problem::new(
            Kind::Where,
            format!("筛选条件“{text}”有误：{}", words.join("；")),
            format!("The filter “{text}” is faulty; “errors” names each place"),
        );
        problem.findings = findings;
        problem
    })?;
    if let Some(field) = expr
        .columns()
        .iter()
        .filter_map(|&index| register.fields.get(index))
        .find(|field| field.personal)
    {
        return Err(personal(&field.label, &field.label_en));
    }
    Ok(Some(expr))
}

/// The order asked for: a field, `-` before it for descending.
pub(crate) fn order(
    asked: Option<&str>,
    register: &Register,
) -> Result<qipan_store::Order, Problem> {
    let text = asked.unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(qipan_store::Order {
            field: None,
            descending: true,
        });
    }
    let (descending, id) = text
        .strip_prefix('-')
        .map_or((false, text), |id| (true, id));
    if id == "entry" {
        return Ok(qipan_store::Order {
            field: None,
            descending,
        });
    }
    let field = register.index(id).ok_or_else(|| {
        let known: Vec<&str> = register.fields.iter().map(|field| field.id.as_str()).collect();
        let known = known.join(" ");
        Problem::new(
            Kind::Sort,
            format!("台账“{}”没有字段“{id}”可排序：可用 entry（登记先后）或 {known}，前加 - 为倒序", register.name),
            format!("Register “{}” has no field “{id}” to sort by: use entry or {known}, with - before it for descending", register.name_en),
        )
    })?;
    if register.fields[field].personal {
        return Err(personal(
            &register.fields[field].label,
            &register.fields[field].label_en,
        ));
    }
    Ok(qipan_store::Order {
        field: Some(field),
        descending,
    })
}

pub(crate) fn personal(label: &str, label_en: &str) -> Problem {
    Problem::new(
        Kind::Personal,
        format!("“{label}”是个人信息，不能用来筛选或排序：请换其他字段"),
        format!(
            "“{label_en}” is personal data and cannot be filtered or sorted by: use another field"
        ),
    )
}
