//! My work (待办): the facts are gathered here; what waits is [`qipan_model::todo`]'s to say.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use qipan_figures::Engine;
use qipan_model::{
    Action, FilingFacts, ImportFacts, Keeping, Period, Todo, TodoFacts, TodoKind, Urgency, todo,
};
use qipan_store::ImportState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{board, health};
use crate::asked::Asked;
use crate::caller::Caller;
use crate::problem::{Body, Problem};
use crate::state::App;

/// What my work may be asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TodoAsked {
    /// Period at hand, as for figures.
    period: Option<String>,
}

/// What waits for the caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct TodoList {
    /// The most pressing first.
    #[schema(value_type = Vec<TodoShape>)]
    pub items: Vec<Todo>,
    /// Period at hand.
    pub period: String,
}

/// One thing that waits.
#[derive(ToSchema)]
#[schema(as = Todo)]
#[expect(dead_code, reason = "describes qipan_model::Todo as it is sent")]
pub(crate) struct TodoShape {
    /// `file`, `import`, `open`, `missing`, `locked` or `health`.
    #[schema(value_type = String)]
    kind: TodoKind,
    /// What waits, in Chinese.
    title: String,
    /// The same in English.
    title_en: String,
    /// More about it, in Chinese; may be empty.
    detail: String,
    /// The same in English.
    detail_en: String,
    /// Register id.
    register: Option<String>,
    /// Period.
    period: Option<String>,
    /// Unit id.
    unit: Option<String>,
    /// How many.
    count: Option<u64>,
    /// Where it is done: a path of the desk.
    to: String,
    /// By when; the pack knows no deadlines yet, so this is never given.
    #[schema(value_type = Option<String>, format = Date)]
    due: Option<jiff::civil::Date>,
    /// `high`, `normal` or `low`.
    #[schema(value_type = String)]
    severity: Urgency,
}

/// What waits for the caller.
#[utoipa::path(get, path = "/api/v1/todo", tag = "session", params(TodoAsked),
    responses(
        (status = 200, body = TodoList), (status = 400, body = Body), (status = 401, body = Body),
        (status = 422, body = Body),
    ))]
pub(crate) async fn todos(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<TodoAsked>,
) -> Result<Json<TodoList>, Problem> {
    let period = app.period(asked.period.as_deref())?;
    // Whoever may see no records has work to do all the same.
    let access = std::sync::Arc::clone(&caller.access);
    let reader = app.state.store.reader_of(access, Action::Read).await?;
    let pack = reader.pack().ok_or(qipan_store::Error::NoPack)?;
    let mut engine = Engine::new(&pack, reader, None).await?;
    let mut filing: Vec<(Period, BTreeMap<String, FilingFacts>)> = Vec::new();
    let before = period
        .previous()
        .filter(|before| board::is_of(&pack, *before));
    for period in std::iter::once(period).chain(before) {
        let covered = engine.coverage(period).await?;
        let facts = covered.into_iter().map(|(register, one)| {
            let facts = FilingFacts {
                due: one.due,
                reported: one.units,
            };
            (register, facts)
        });
        filing.push((period, facts.collect()));
    }
    let open = engine.open_rows().await?;
    drop(engine);
    let now = app.state.clock.now();
    let locked: Vec<String> = if caller.access.may(Action::Accounts) {
        let accounts = app.state.accounts.list().await?;
        let locked = accounts
            .into_iter()
            .filter(|account| account.locked_until.is_some_and(|until| until > now));
        locked.map(|account| account.login).collect()
    } else {
        Vec::new()
    };
    let keeping = if caller.access.may(Action::System) {
        let health = health::look(&app).await?;
        Some(Keeping {
            key: health.checkpoint.key,
            unsigned: health.checkpoint.unsigned,
            verified: health
                .verified
                .map(|verified| (verified.age / (24 * 60 * 60), verified.ok)),
            free_percent: health.disk.map(|disk| disk.free_percent),
        })
    } else {
        None
    };
    let imports = imports(&app, &caller).await?;
    let items = todo(&TodoFacts {
        pack: &pack,
        access: &caller.access,
        unit: caller.unit.as_deref(),
        filing: &filing,
        imports: &imports,
        open: &open,
        locked: &locked,
        keeping,
    });
    Ok(Json(TodoList {
        items,
        period: period.to_string(),
    }))
}

/// Newest imports that are looked through for those that are not done.
const MOST_IMPORTS: u32 = 100;

/// Imports of the caller that are not done.
async fn imports(app: &App, caller: &Caller) -> Result<Vec<ImportFacts>, Problem> {
    if !caller.access.may(Action::Import) {
        return Ok(Vec::new());
    }
    let files = app
        .state
        .store
        .import_files(Some(caller.account), None, MOST_IMPORTS)
        .await?;
    let open = files.into_iter().filter(|file| {
        matches!(
            file.state,
            ImportState::Ready | ImportState::Refused | ImportState::Failed
        )
    });
    Ok(open
        .map(|file| {
            let count = |of: &str| file.summary[of].as_u64().unwrap_or(0);
            ImportFacts {
                id: file.id.to_string(),
                ready: file.state == ImportState::Ready,
                problems: count("errors") + count("warnings"),
                name: file.name,
            }
        })
        .collect())
}
