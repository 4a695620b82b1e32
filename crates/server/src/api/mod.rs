//! The JSON API under `/api/v1`.

mod accounts;
mod backups;
mod board;
mod boundaries;
mod briefs;
mod bulk;
mod declared;
mod document;
mod evidence;
mod export;
mod figures;
mod health;
mod imports;
mod jobs;
mod journal;
mod kept;
mod needs;
mod pack;
mod press;
mod record;
mod records;
mod refusals;
mod registers;
mod returns;
mod rights;
mod session;
mod settings;
mod shapes;
mod todo;
mod tokens;
mod tracing;
mod trend;
mod views;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::App;

pub(crate) use figures::{RegisterCoverage, registers_covered};
pub(crate) use imports::UPLOADS;
pub(crate) use kept::{file_name, streamed};
pub(crate) use needs::action as action_of;
pub(crate) use records::entry;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Qipan 棋盘",
        description = "One mechanism: what its pack declares, the registers with all revisions, \
                       figures with coverage and provenance, the journal, accounts. Each caller \
                       sees what their roles reach; the rest answers 404. `x-action` says what a \
                       route needs. Numbers are exact decimals; money is in yuan; days are ISO \
                       8601; units are named by id. Personal fields are masked.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "pack", description = "What the mechanism declares 机制包"),
        (name = "registers", description = "Registers and their records 台账"),
        (name = "figures", description = "Figures, definitions, coverage 数字"),
        (name = "briefs", description = "Briefs and the press check 简报、文稿核对"),
        (name = "system", description = "Settings and health 系统"),
        (name = "session", description = "Coming in, one's own sessions and tokens 登录"),
        (name = "accounts", description = "Accounts and roles 账号"),
        (name = "imports", description = "Workbooks sent in 导入"),
        (name = "work", description = "Long work 任务"),
        (name = "keeping", description = "Journal, verification, files 日志链"),
    ),
    components(schemas(crate::problem::Body)),
)]
struct Doc;

/// Routes that take files.
fn large(routes: utoipa_axum::router::UtoipaMethodRouter<App>) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes)
        .layer(DefaultBodyLimit::max(evidence::MOST_BYTES))
}

/// The routes, and the part of the document that is the same for every pack.
pub(crate) fn router() -> (Router<App>, serde_json::Value) {
    let (router, api) = OpenApiRouter::with_openapi(Doc::openapi())
        .routes(routes!(declared::mechanism))
        .routes(routes!(declared::themes))
        .routes(routes!(declared::units))
        .routes(routes!(declared::links))
        .routes(routes!(declared::clauses))
        .routes(routes!(declared::indicators))
        .routes(routes!(registers::registers))
        .routes(routes!(registers::register))
        .routes(routes!(records::list, record::enter))
        .routes(routes!(records::totals))
        .routes(routes!(records::revisions))
        .routes(routes!(record::get, record::change, record::retract))
        .routes(routes!(record::restore))
        .routes(routes!(bulk::bulk))
        .routes(routes!(bulk::check))
        .merge(large(routes!(evidence::list, evidence::attach)))
        .routes(routes!(evidence::detach))
        .routes(routes!(export::export))
        .routes(routes!(export::template))
        .routes(routes!(views::list, views::save))
        .routes(routes!(views::delete))
        .routes(routes!(returns::file))
        .routes(routes!(figures::figures))
        .routes(routes!(figures::explain))
        .routes(routes!(figures::coverage))
        .routes(routes!(trend::trend))
        .routes(routes!(trend::definitions))
        .routes(routes!(board::board))
        .routes(routes!(boundaries::boundaries))
        .routes(routes!(briefs::briefs))
        .routes(routes!(briefs::brief))
        .routes(routes!(press::press_check))
        .routes(routes!(todo::todos))
        .routes(routes!(pack::files))
        .routes(routes!(pack::file))
        .routes(routes!(settings::settings, settings::change))
        .routes(routes!(health::health))
        .routes(routes!(backups::backups, backups::make))
        .routes(routes!(backups::remove))
        .routes(routes!(journal::journal))
        .routes(routes!(journal::export))
        .routes(routes!(kept::verify))
        .routes(routes!(kept::file))
        .routes(routes!(kept::healthz))
        .routes(routes!(session::server))
        .routes(routes!(session::session, session::log_in, session::log_out))
        .routes(routes!(session::change_password))
        .routes(routes!(session::sessions))
        .routes(routes!(session::end_session))
        .routes(routes!(tokens::tokens, tokens::make))
        .routes(routes!(tokens::revoke))
        .routes(routes!(accounts::roles))
        .routes(routes!(accounts::accounts, accounts::make))
        .routes(routes!(accounts::change))
        .routes(routes!(accounts::reset))
        .routes(routes!(accounts::unlock))
        .routes(routes!(jobs::jobs))
        .routes(routes!(jobs::job, jobs::cancel))
        .routes(routes!(jobs::events))
        .routes(routes!(jobs::verify))
        .routes(routes!(imports::imports, imports::upload))
        .routes(routes!(imports::import, imports::discard))
        .routes(routes!(imports::sheet))
        .routes(routes!(imports::preview))
        .routes(routes!(imports::mapping))
        .routes(routes!(imports::commit))
        .routes(routes!(imports::original))
        .routes(routes!(imports::marked))
        .split_for_parts();
    let router = router.route(
        "/api/v1/openapi.json",
        axum::routing::get(document::openapi),
    );
    let document = serde_json::to_value(&api).unwrap_or_default();
    (router, needs::told(document))
}
