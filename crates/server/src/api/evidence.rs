//! Evidence (佐证): files bound to records, by content.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use qipan_model::{Action, Register, Scope};
use qipan_store::{Evidence, NewEvidence, Reader, Refusal, Submission, Work};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::record::seen;
use super::refusals::refused;
use crate::asked::{Asked, Named};
use crate::caller::Caller;
use crate::entry::reason;
use crate::filetype::{self, Kind as FileKind};
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// Most bytes of a file.
pub(crate) const MOST_BYTES: usize = 20 << 20;

/// A file bound to a record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub(crate) struct EvidenceShape {
    /// SHA-256, hex: `/api/v1/files/{digest}?entry={entry}`.
    pub digest: String,
    /// Name.
    pub name: String,
    /// Media type, told from the content.
    #[serde(rename = "type")]
    pub kind: String,
    /// Bytes.
    pub size: i64,
    /// When it was bound, RFC 3339 UTC.
    pub at: String,
    /// Login of who bound it.
    pub actor: String,
    /// What people call them.
    pub by: String,
    /// Journal entry that bound it.
    pub entry: i64,
    /// Journal entry that took it off again; only in a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<i64>,
}

impl EvidenceShape {
    async fn of(app: &App, evidence: Evidence) -> Result<Self, Problem> {
        Ok(Self {
            by: app.name_of(&evidence.actor).await?,
            digest: evidence.file.digest,
            name: evidence.file.name,
            kind: evidence.file.kind,
            size: evidence.file.size,
            at: qipan_store::written(evidence.at),
            actor: evidence.actor,
            entry: evidence.entry,
            ended: evidence.ended,
        })
    }
}

/// Files that are bound to a record now.
pub(crate) async fn bound_to(
    app: &App,
    reader: &mut Reader,
    register: &Register,
    record: i64,
) -> Result<Vec<EvidenceShape>, Problem> {
    let all = reader.evidence(register, record).await?;
    let standing = all.into_iter().filter(|one| one.ended.is_none());
    shapes(app, standing).await
}

async fn shapes(
    app: &App,
    files: impl Iterator<Item = Evidence>,
) -> Result<Vec<EvidenceShape>, Problem> {
    let mut shapes = Vec::new();
    for file in files {
        shapes.push(EvidenceShape::of(app, file).await?);
    }
    Ok(shapes)
}

/// What is asked about the files of a record.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvidenceAsked {
    /// Those that were taken off again too.
    history: Option<bool>,
}

/// Files bound to a record.
#[utoipa::path(get, path = "/api/v1/registers/{register}/records/{record}/evidence",
    tag = "registers", operation_id = "evidence",
    params(
        ("register" = String, Path, description = "Register id"),
        ("record" = i64, Path, description = "Record number"),
        EvidenceAsked,
    ),
    responses(
        (status = 200, body = Vec<EvidenceShape>), (status = 400, body = Body),
        (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Named((id, record)): Named<(String, String)>,
    Asked(asked): Asked<EvidenceAsked>,
) -> Result<Json<Vec<EvidenceShape>>, Problem> {
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let found = seen(&mut snapshot, register, &record).await?;
    let all = snapshot.reader.evidence(register, found.record).await?;
    let history = asked.history.unwrap_or(false);
    let asked = all.into_iter().filter(|one| history || one.ended.is_none());
    Ok(Json(shapes(&app, asked).await?))
}

/// Binds a file to a record. The body is the file itself; `X-File-Name` is its name,
/// percent-encoded. PDF, PNG, JPEG, WebP, DOCX, XLSX, OFD and plain text are taken, told by their
/// content, of at most 20 MB.
#[utoipa::path(post, path = "/api/v1/registers/{register}/records/{record}/evidence",
    tag = "registers", operation_id = "attach",
    params(
        ("register" = String, Path, description = "Register id"),
        ("record" = i64, Path, description = "Record number"),
        ("X-File-Name" = String, Header, description = "Name of the file, percent-encoded UTF-8"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = EvidenceShape), (status = 400, body = Body),
        (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
        (status = 409, body = Body), (status = 413, body = Body), (status = 415, body = Body),
        (status = 422, body = Body), (status = 429, body = Body), (status = 503, body = Body),
    ))]
pub(crate) async fn attach(
    State(app): State<App>,
    caller: Caller,
    Named((id, record)): Named<(String, String)>,
    headers: HeaderMap,
    content: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<(StatusCode, Json<EvidenceShape>), Problem> {
    caller.need(Action::Evidence)?;
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let found = seen(&mut snapshot, register, &record).await?;
    drop(snapshot);
    may_bind(&caller, register, &found)?;
    let content = content.map_err(|_| {
        Problem::new(
            Kind::TooLarge,
            "佐证文件不能超过 20 MB：请压缩或分成几个",
            "A file of evidence may have 20 MB at the most: compress or split it",
        )
    })?;
    let kind = filetype::of(&content).ok_or_else(unknown_type)?;
    let file = NewEvidence {
        name: name(&headers, kind)?,
        kind: kind.media_type().to_owned(),
        size: i64::try_from(content.len()).unwrap_or(i64::MAX),
        digest: kept(&app, content).await?,
    };
    let submission = Submission {
        change: caller.change("evidence", &file.name),
        pack: pack.clone(),
        register: register.id.clone(),
        work: Work::Attach {
            record: found.record,
            file: file.clone(),
        },
        once: None,
    };
    match app.state.store.submit(submission).await? {
        Ok(done) => {
            let entry = done.entry.unwrap_or(0);
            let mut reader = app.state.store.reader().await?;
            let at = reader.moment_of(entry).await?;
            let shape = EvidenceShape {
                digest: file.digest,
                name: file.name,
                kind: file.kind,
                size: file.size,
                at: at.map(qipan_store::written).unwrap_or_default(),
                actor: caller.login.clone(),
                by: caller.name.clone(),
                entry,
                ended: None,
            };
            Ok((StatusCode::CREATED, Json(shape)))
        }
        Err(Refusal::Attached) => Err(Problem::new(
            Kind::KeyStands,
            "这条记录已有内容相同的佐证文件",
            "The record has a file with the same content already",
        )),
        Err(refusal) => Err(refused(register, &refusal)),
    }
}

/// Why a file is taken off.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetachAsked {
    /// Why.
    reason: Option<String>,
}

/// Takes a file off a record; it is kept, and its history stays.
#[utoipa::path(delete, path = "/api/v1/registers/{register}/records/{record}/evidence/{digest}",
    tag = "registers", operation_id = "detach",
    params(
        ("register" = String, Path, description = "Register id"),
        ("record" = i64, Path, description = "Record number"),
        ("digest" = String, Path, description = "SHA-256 of the file, hex"),
        DetachAsked,
    ),
    responses(
        (status = 204, description = "Taken off"), (status = 400, body = Body),
        (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
        (status = 422, body = Body), (status = 429, body = Body), (status = 503, body = Body),
    ))]
pub(crate) async fn detach(
    State(app): State<App>,
    caller: Caller,
    Named((id, record, digest)): Named<(String, String, String)>,
    Asked(asked): Asked<DetachAsked>,
) -> Result<StatusCode, Problem> {
    caller.need(Action::Evidence)?;
    let mut snapshot = app.snapshot(&caller, None).await?;
    let pack = snapshot.pack.clone();
    let register = caller.register(&pack, &id)?;
    let found = seen(&mut snapshot, register, &record).await?;
    drop(snapshot);
    may_bind(&caller, register, &found)?;
    let why = reason(asked.reason.as_deref())?;
    let submission = Submission {
        change: caller.change("evidence-retract", why),
        pack: pack.clone(),
        register: register.id.clone(),
        work: Work::Detach {
            record: found.record,
            digest,
        },
        once: None,
    };
    match app.state.store.submit(submission).await? {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(refusal) => Err(refused(register, &refusal)),
    }
}

/// Refuses callers who may not lay evidence beside a record.
fn may_bind(
    caller: &Caller,
    register: &Register,
    record: &qipan_model::Record,
) -> Result<(), Problem> {
    caller.need(Action::Evidence)?;
    let scope = caller.access.scope(Action::Evidence, &register.id);
    if *scope != Scope::Nothing && scope.admits(register, &record.values) {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Forbidden,
        "这条记录的佐证您只能看，不能增删：请联系有权限的单位",
        "You may see the evidence of this record and not change it",
    ))
}

/// Keeps a file, on a thread that may wait for the disk.
async fn kept(app: &App, content: Bytes) -> Result<String, Problem> {
    let files = app.state.store.files().clone();
    let kept = tokio::task::spawn_blocking(move || files.put(&content)).await;
    Ok(kept.map_err(|error| Problem::internal(&error))??)
}

fn unknown_type() -> Problem {
    Problem::new(
        Kind::FileType,
        "佐证只收 PDF、PNG、JPG、WebP、DOCX、XLSX、OFD 和纯文本，按内容识别：请转换后上传",
        "Evidence may be PDF, PNG, JPEG, WebP, DOCX, XLSX, OFD or plain text, told by the content: \
         convert it first",
    )
}

/// The name of a file, with the ending of what it is.
fn name(headers: &HeaderMap, kind: FileKind) -> Result<String, Problem> {
    let given = headers
        .get("x-file-name")
        .and_then(|value| value.to_str().ok())
        .and_then(decoded)
        .unwrap_or_default();
    // Only the name, whatever folders stand before it.
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_reordering(*c))
        .collect();
    let clean = clean.trim();
    if clean.is_empty() || clean.chars().count() > MOST_NAME {
        return Err(Problem::new(
            Kind::Values,
            format!("请用 X-File-Name 给出文件名（百分号编码），不超过 {MOST_NAME} 字"),
            format!(
                "Give the file's name in X-File-Name, percent-encoded, at most {MOST_NAME} characters"
            ),
        ));
    }
    let lower = clean.to_ascii_lowercase();
    let fits = kind.endings().iter().any(|ending| lower.ends_with(ending));
    let ending = kind.endings().first().copied().unwrap_or_default();
    Ok(if fits {
        clean.to_owned()
    } else {
        format!("{clean}{ending}")
    })
}

/// Most characters of a file's name.
const MOST_NAME: usize = 200;

/// Characters that would show a name in another order than it is written (`exe.fdp`).
fn is_reordering(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Percent-encoded text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn names_are_taken_without_folders_and_tricks() {
        let named = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-file-name", HeaderValue::from_static(text));
            name(&headers, FileKind::Pdf).ok()
        };
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(named("%E9%AA%8C%E6%94%B6.pdf"), is("验收.pdf"));
        assert_eq!(named("..%2F..%2Fetc%2Fpasswd"), is("passwd.pdf"));
        assert_eq!(named("C:%5Ca%5Cb.PDF"), is("b.PDF"));
        assert_eq!(named("a%E2%80%AEfdp.exe"), is("afdp.exe.pdf"));
        assert_eq!(named("a%0D%0Ab.pdf"), is("ab.pdf"));
        for wrong in ["", "%2F", "%FF.pdf", "%zz"] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
    }
}
