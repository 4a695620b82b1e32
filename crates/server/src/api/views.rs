//! Saved views: filters, order and columns of a register's list under a name, each account's own.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use qipan_store::written;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::asked::{Asked, Named, Sent};
use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// Most views of an account.
const MOST_VIEWS: i64 = 200;
/// Most characters of a name, most bytes of a query.
const MOST_NAME: usize = 50;
const MOST_QUERY: usize = 8_000;

/// A saved view.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct View {
    /// Number.
    pub id: i64,
    /// Register id.
    pub register: String,
    /// Name.
    pub name: String,
    /// The query of the list's address.
    pub query: String,
}

/// Saved views.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Views {
    /// In the order in which they were saved.
    pub views: Vec<View>,
}

/// Which views are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewsAsked {
    /// Only those of this register.
    register: Option<String>,
}

/// The caller's saved views.
#[utoipa::path(get, path = "/api/v1/views", tag = "registers", params(ViewsAsked),
    responses((status = 200, body = Views), (status = 400, body = Body),
        (status = 401, body = Body), (status = 403, body = Body)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<ViewsAsked>,
) -> Result<Json<Views>, Problem> {
    let mut look = app.state.store.look().await?;
    let rows = look
        .rows(
            "SELECT id, register, name, query FROM saved_view WHERE account = ? ORDER BY id",
            &[caller.account.into()],
        )
        .await?;
    look.close().await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        views.push(View {
            id: row.int(0)?,
            register: row.text(1)?,
            name: row.text(2)?,
            query: row.text(3)?,
        });
    }
    if let Some(register) = &asked.register {
        views.retain(|view| view.register == *register);
    }
    Ok(Json(Views { views }))
}

/// A view to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewView {
    /// Register id.
    pub register: String,
    /// Name; one that is there already is saved anew.
    #[schema(min_length = 1, max_length = 50)]
    pub name: String,
    /// The query of the list's address, without `?`.
    #[schema(max_length = 8000)]
    pub query: String,
}

/// Saves a view, or saves it anew under the same name.
#[utoipa::path(post, path = "/api/v1/views", tag = "registers", request_body = NewView,
    responses((status = 201, body = View), (status = 400, body = Body),
        (status = 401, body = Body), (status = 403, body = Body), (status = 404, body = Body),
        (status = 413, body = Body), (status = 422, body = Body), (status = 429, body = Body),
        (status = 503, body = Body)))]
pub(crate) async fn save(
    State(app): State<App>,
    caller: Caller,
    Sent(sent): Sent<NewView>,
) -> Result<(StatusCode, Json<View>), Problem> {
    let pack = app.declared().await?;
    let register = caller.register(&pack, &sent.register)?;
    let name = sent.name.trim();
    let fits = !name.is_empty()
        && name.chars().count() <= MOST_NAME
        && sent.query.len() <= MOST_QUERY
        && !name.chars().any(char::is_control)
        && !sent.query.chars().any(char::is_control);
    if !fits {
        return Err(refused(
            format!("视图名称应为 1 至 {MOST_NAME} 字，条件不超过 {MOST_QUERY} 字节"),
            format!(
                "A view's name has 1 to {MOST_NAME} characters, its query at most {MOST_QUERY} bytes"
            ),
        ));
    }
    let mut desk = app.state.store.desk().await?;
    let count = desk
        .row(
            "SELECT count(*), coalesce(max(id), 0) FROM saved_view WHERE account = ?",
            &[caller.account.into()],
        )
        .await?;
    if count.map_or(Ok(0), |row| row.int(0))? >= MOST_VIEWS {
        return Err(refused(
            format!("最多保存 {MOST_VIEWS} 个视图：请先删去不用的"),
            format!("At most {MOST_VIEWS} views: delete some first"),
        ));
    }
    let next = desk
        .row("SELECT coalesce(max(id), 0) + 1 FROM saved_view", &[])
        .await?
        .map_or(Ok(1), |row| row.int(0))?;
    desk.exec(
        "INSERT INTO saved_view (id, account, register, name, query, created)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (account, register, name) DO UPDATE SET query = excluded.query",
        &[
            next.into(),
            caller.account.into(),
            register.id.as_str().into(),
            name.into(),
            sent.query.as_str().into(),
            written(app.state.clock.now()).as_str().into(),
        ],
    )
    .await?;
    let id = desk
        .row(
            "SELECT id FROM saved_view WHERE account = ? AND register = ? AND name = ?",
            &[
                caller.account.into(),
                register.id.as_str().into(),
                name.into(),
            ],
        )
        .await?
        .map_or(Ok(next), |row| row.int(0))?;
    desk.commit().await?;
    let view = View {
        id,
        register: register.id.clone(),
        name: name.to_owned(),
        query: sent.query,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Deletes one of the caller's views.
#[utoipa::path(delete, path = "/api/v1/views/{id}", tag = "registers",
    operation_id = "delete_view",
    params(("id" = i64, Path, description = "Number of the view")),
    responses((status = 204, description = "Deleted"), (status = 401, body = Body),
        (status = 403, body = Body), (status = 404, body = Body), (status = 429, body = Body),
        (status = 503, body = Body)))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<StatusCode, Problem> {
    let number: i64 = id.parse().unwrap_or(0);
    let mut desk = app.state.store.desk().await?;
    let deleted = desk
        .exec(
            "DELETE FROM saved_view WHERE id = ? AND account = ?",
            &[number.into(), caller.account.into()],
        )
        .await?;
    if deleted == 0 {
        return Err(Problem::new(
            Kind::NoItem,
            format!("没有第“{id}”号视图：它可能已被删去"),
            format!("There is no view “{id}”: it may have been deleted"),
        ));
    }
    desk.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn refused(zh: String, en: String) -> Problem {
    Problem::new(Kind::Values, zh, en)
}
