//! Which records of a register a request wants: the same parameters for lists, totals and exports.

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use jiff::civil::Date;
use qipan_model::{Expr, Pack, Register, Value};
use qipan_sheets::parse::{Context, Given, value};
use qipan_store::{ListQuery, Order, Search};
use serde::de::DeserializeOwned;

use crate::asked;
use crate::problem::{Kind, Problem};

/// Begins the name of a parameter that asks for records with one value in a field.
const EQUALS: &str = "eq.";

/// A query and, apart from it, its parameters `eq.FIELD`.
pub(crate) struct Sifted<T> {
    pub asked: T,
    pub equals: Vec<(String, String)>,
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Sifted<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let (equals, others): (Vec<&str>, Vec<&str>) = parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .partition(|pair| pair.starts_with(EQUALS));
        Ok(Self {
            asked: read(&others)?,
            equals: read::<Vec<(String, String)>>(&equals)?,
        })
    }
}

fn read<T: DeserializeOwned>(pairs: &[&str]) -> Result<T, Problem> {
    let uri = format!("/?{}", pairs.join("&"));
    let refused = |why: String| {
        Problem::new(
            Kind::BadQuery,
            format!("网址里的参数看不懂（{why}）：参数名与写法见 /api/v1/openapi.json"),
            format!("The parameters are not understood ({why}): see /api/v1/openapi.json"),
        )
    };
    let uri: Uri = uri.parse().map_err(|_| refused("?".to_owned()))?;
    Query::try_from_uri(&uri)
        .map(|Query(asked)| asked)
        .map_err(|rejection| refused(rejection.body_text()))
}

/// Declares what a request for records may be asked for: the filters, and what is its own.
macro_rules! wanting {
    ($(#[$meta:meta])* $name:ident { $($(#[$own_meta:meta])* $own:ident: $ty:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$own_meta])* pub $own: $ty,)*
            /// Only records in which these words stand, wherever: each one character and more.
            pub q: Option<String>,
            /// Only records for which this expression holds, `fund > 1000000 && has(start_date)`.
            #[serde(rename = "where")]
            #[param(rename = "where")]
            pub filter: Option<String>,
            /// Only records of this supporter (unit id).
            pub supporter: Option<String>,
            /// Only records of this recipient (unit id).
            pub recipient: Option<String>,
            /// Only records whose day lies in this period, `2021H1`.
            pub period: Option<String>,
            /// Only records that figures count.
            pub counted: Option<bool>,
            /// Only records that are still open between their sides.
            pub open: Option<bool>,
            /// The records that are withdrawn, instead of those that stand.
            pub retracted: Option<bool>,
            /// State at a past moment: a day, or RFC 3339.
            pub as_of: Option<String>,
        }

        impl $name {
            pub(crate) fn filters(&self) -> $crate::wanted::Filters<'_> {
                $crate::wanted::Filters {
                    words: self.q.as_deref(),
                    filter: self.filter.as_deref(),
                    supporter: self.supporter.as_deref(),
                    recipient: self.recipient.as_deref(),
                    period: self.period.as_deref(),
                    counted: self.counted.unwrap_or(false),
                    open: self.open.unwrap_or(false),
                    retracted: self.retracted.unwrap_or(false),
                }
            }
        }
    };
}
pub(crate) use wanting;

/// The filters as they are asked for.
#[derive(Clone, Copy)]
pub(crate) struct Filters<'a> {
    pub words: Option<&'a str>,
    pub filter: Option<&'a str>,
    pub supporter: Option<&'a str>,
    pub recipient: Option<&'a str>,
    pub period: Option<&'a str>,
    pub counted: bool,
    pub open: bool,
    pub retracted: bool,
}

/// The filters, understood against a register.
pub(crate) struct Wanted<'a> {
    filters: Filters<'a>,
    filter: Option<Expr>,
    search: Option<Search>,
    equals: Vec<(usize, Value)>,
    days: Option<(Date, Date)>,
    today: Date,
    as_of: Option<i64>,
}

impl<'a> Wanted<'a> {
    /// Understands what is asked for, or says what is wrong with it.
    pub(crate) fn of(
        pack: &Pack,
        register: &Register,
        filters: Filters<'a>,
        equals: &[(String, String)],
        today: Date,
        as_of: Option<i64>,
    ) -> Result<Self, Problem> {
        let days = match filters
            .period
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            None => None,
            Some(text) => {
                let period = asked::period(text)?;
                if register.date.is_none() {
                    return Err(Problem::new(
                        Kind::Where,
                        format!("台账“{}”没有日期字段，不能按报送期筛选", register.name),
                        format!(
                            "Register “{}” has no day by which records lie in a period",
                            register.name_en
                        ),
                    ));
                }
                Some((period.start(), period.end()))
            }
        };
        Ok(Self {
            filter: asked::filter(filters.filter, register)?,
            search: filters
                .words
                .and_then(|words| Search::new(words, &pack.units)),
            equals: equals
                .iter()
                .map(|(name, text)| equal(pack, register, name, text, today))
                .collect::<Result<_, _>>()?,
            days,
            filters,
            today,
            as_of,
        })
    }

    /// The query for the store.
    pub(crate) fn query(&self) -> ListQuery<'_> {
        ListQuery {
            filter: self.filter.as_ref(),
            today: Some(self.today),
            supporter: self.filters.supporter,
            recipient: self.filters.recipient,
            equals: &self.equals,
            days: self.days,
            search: self.search.as_ref(),
            withdrawn: self.filters.retracted,
            counted_only: self.filters.counted,
            open_only: self.filters.open,
            order: Order {
                field: None,
                descending: true,
            },
            as_of: self.as_of,
            ..ListQuery::default()
        }
    }
}

/// One `eq.FIELD=VALUE`; an empty value asks for records that state nothing.
fn equal(
    pack: &Pack,
    register: &Register,
    name: &str,
    text: &str,
    today: Date,
) -> Result<(usize, Value), Problem> {
    let id = name.strip_prefix(EQUALS).unwrap_or(name);
    let index = register.index(id).ok_or_else(|| {
        Problem::new(
            Kind::BadQuery,
            format!("台账“{}”没有字段“{id}”，不能用 eq.{id} 筛选", register.name),
            format!(
                "Register “{}” has no field “{id}” for eq.{id}",
                register.name_en
            ),
        )
    })?;
    let field = &register.fields[index];
    if field.personal {
        return Err(asked::personal(&field.label, &field.label_en));
    }
    let context = Context {
        register,
        units: &pack.units,
        today,
        period: None,
        unit: None,
        is_1904: false,
    };
    let (value, misfits) = value(&context, index, &Given::Text(text.to_owned()));
    match misfits
        .into_iter()
        .find(|misfit| value.is_null() && !misfit.message.is_empty())
    {
        None => Ok((index, value)),
        Some(misfit) => Err(Problem::new(
            Kind::Where,
            format!("eq.{id}：{}", misfit.message),
            format!("eq.{id}: {}", misfit.message_en),
        )),
    }
}
