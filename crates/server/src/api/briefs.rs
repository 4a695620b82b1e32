//! Briefs (简报): which there are, and one of them as a file.

use std::sync::LazyLock;

use axum::Json;
use axum::body::Body as Content;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::tz::Offset;
use qipan_briefs::{Document, compose, gather, to_docx, to_html, to_markdown};
use qipan_model::{Action, Pack, Scope};
use qipan_raster::Rasteriser;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::asked::{Asked, Flag, Named};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// What a preview may do: nothing but be looked at within a page of this server.
const PREVIEW: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                       base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Draws the pictures of DOCX files; its fonts are read once.
static RASTERISER: LazyLock<Rasteriser> = LazyLock::new(|| Rasteriser::new(Vec::new()));

/// What the list of briefs may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct BriefsAsked {
    /// Period that the titles name, as for figures.
    period: Option<String>,
}

/// The briefs of the pack.
#[derive(Serialize, ToSchema)]
pub(crate) struct Briefs {
    /// In the pack's order.
    pub briefs: Vec<BriefSummary>,
}

/// A brief in short.
#[derive(Serialize, ToSchema)]
pub(crate) struct BriefSummary {
    /// Id, `half-year`.
    pub id: String,
    /// Title, with the period's name.
    pub name: String,
    /// The id: the pack's titles are Chinese.
    pub name_en: String,
    /// Who issues it.
    pub issuer: String,
}

/// The briefs that can be made.
#[utoipa::path(get, path = "/api/v1/briefs", tag = "briefs", params(BriefsAsked),
    responses(
        (status = 200, body = Briefs), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn briefs(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<BriefsAsked>,
) -> Result<Json<Briefs>, Problem> {
    caller.need(Action::Brief)?;
    let period = app.period(asked.period.as_deref())?;
    let pack = app.declared().await?;
    let briefs = pack.briefs.iter().map(|brief| BriefSummary {
        id: brief.id.clone(),
        name: brief.title.replace("{period}", &period.name()),
        name_en: brief.id.clone(),
        issuer: brief.issuer.clone(),
    });
    Ok(Json(Briefs {
        briefs: briefs.collect(),
    }))
}

/// In which form a brief is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BriefFormat {
    /// One page without script, printable.
    #[default]
    Html,
    /// A word processor's document.
    Docx,
    /// Markdown.
    Md,
}

impl BriefFormat {
    fn word(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Docx => "docx",
            Self::Md => "md",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Md => "text/markdown; charset=utf-8",
        }
    }

    /// Pictures are drawn for DOCX: this may take a second.
    fn written(self, document: &Document) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Html => Ok(to_html(document).into_bytes()),
            Self::Md => Ok(to_markdown(document).into_bytes()),
            Self::Docx => to_docx(document, &RASTERISER).map_err(|error| unwritable(&error)),
        }
    }
}

fn unwritable(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "brief cannot be written");
    Problem::new(
        Kind::Brief,
        error.to_string(),
        "The brief cannot be written: the pack's declaration is wrong, or no Chinese font is installed (fonts-noto-cjk)",
    )
}

/// What a brief may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct BriefAsked {
    /// Period, as for figures.
    period: Option<String>,
    /// State at a past moment: a day, or RFC 3339.
    as_of: Option<String>,
    /// `html`, `docx` or `md`; `html` when left out.
    #[param(inline)]
    format: Option<BriefFormat>,
    /// `1` shows the HTML in place, in a sandbox, instead of sending a file; it is not a download
    /// then and stands in no journal.
    #[param(inline)]
    inline: Option<Flag>,
}

/// A brief over what the caller may see; one that is limited says so in its title.
#[utoipa::path(get, path = "/api/v1/briefs/{brief}", tag = "briefs",
    params(("brief" = String, Path, description = "Brief id"), BriefAsked),
    responses(
        (status = 200, description = "The brief", content(
            (String = "text/html"),
            (String = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (String = "text/markdown"),
        )),
        (status = 400, body = Body), (status = 401, body = Body), (status = 403, body = Body),
        (status = 404, body = Body), (status = 422, body = Body), (status = 500, body = Body),
    ))]
pub(crate) async fn brief(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
    Asked(asked): Asked<BriefAsked>,
) -> Result<Response, Problem> {
    let period = app.period(asked.period.as_deref())?;
    let format = asked.format.unwrap_or_default();
    let as_of = asked.as_of.as_deref();
    let snapshot = app.snapshot_for(&caller, Action::Brief, as_of).await?;
    let pack = snapshot.pack.clone();
    let declared = pack.briefs.iter().find(|brief| brief.id == id);
    let declared = declared.ok_or_else(|| {
        Problem::new(
            Kind::NoFile,
            format!("没有简报“{id}”：全部简报见 /api/v1/briefs"),
            format!("There is no brief “{id}”: /api/v1/briefs lists them all"),
        )
    })?;
    // A brief as of a past moment carries that day, so that it comes out the same for ever.
    let date = snapshot.as_of.map_or_else(
        || app.today(),
        |as_of| Offset::constant(8).to_datetime(as_of.at).date(),
    );
    let mut engine = snapshot.engine(&pack).await?;
    let gathered = gather(&mut engine, &pack, declared, period).await?;
    drop(engine);
    let scope = scope_line(&caller, &pack);
    let illustrative = app.state.illustrative.as_ref().map(|mark| &*mark.zh);
    let data = gathered.data(&pack, period, date, illustrative, scope.as_deref());
    let document = compose(declared, &data).map_err(|error| unwritable(&error))?;
    let written = tokio::task::spawn_blocking(move || format.written(&document));
    let bytes = written.await.map_err(|error| Problem::internal(&error))??;
    let is_preview = asked.inline == Some(Flag::Yes) && format == BriefFormat::Html;
    if !is_preview {
        let payload = json!({
            "brief": id, "period": period.to_string(), "format": format.word(),
            "as_of": gathered.as_of, "scope": scope, "bytes": bytes.len(),
        });
        let event = caller.event("export", "下载简报", "", payload);
        app.state.store.log(event).await?;
    }
    let name = format!("{id}-{period}.{}", format.word());
    Ok(sent(bytes, format, &name, is_preview))
}

fn sent(bytes: Vec<u8>, format: BriefFormat, name: &str, is_preview: bool) -> Response {
    let mut headers = HeaderMap::new();
    let fixed = HeaderValue::from_static;
    headers.insert(header::CONTENT_TYPE, fixed(format.media_type()));
    if is_preview {
        headers.insert(header::CONTENT_SECURITY_POLICY, fixed(PREVIEW));
        let frames = HeaderName::from_static("x-frame-options");
        headers.insert(frames, fixed("SAMEORIGIN"));
    } else {
        let name = crate::pages::encoded(name);
        let disposition = format!("attachment; filename*=UTF-8''{name}");
        // Percent signs and ASCII are always a valid header.
        headers.extend(
            HeaderValue::try_from(disposition).map(|value| (header::CONTENT_DISPOSITION, value)),
        );
    }
    (headers, Content::from(bytes)).into_response()
}

/// What the brief is limited to, in words; `None` for a caller who may make it over everything.
fn scope_line(caller: &Caller, pack: &Pack) -> Option<String> {
    let mut seen = Vec::new();
    let mut of_links = false;
    for register in &pack.registers {
        match caller.access.scope(Action::Brief, &register.id) {
            Scope::All => seen.push(register.name.as_str()),
            Scope::Links { .. } => {
                of_links = true;
                seen.push(register.name.as_str());
            }
            Scope::Nothing => {}
        }
    }
    let mut words = Vec::new();
    if of_links {
        let unit = caller.unit.as_deref().and_then(|unit| pack.units.get(unit));
        words.push(match unit {
            Some(unit) => format!("只含{}的结对关系", unit.name),
            None => "只含部分结对关系".to_owned(),
        });
    }
    if seen.len() < pack.registers.len() {
        words.push(format!("只含{}", seen.join("、")));
    }
    (!words.is_empty()).then(|| words.join("，"))
}
