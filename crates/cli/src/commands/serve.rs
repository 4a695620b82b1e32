//! `qipan serve`: the board page and the JSON API.

use std::net::SocketAddr;

use qipan_model::Period;
use qipan_server::{AppState, SignOn, Site};
use qipan_store::Backups;

use super::backup::backups;
use crate::args::{Global, Serve};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::session::Session;

/// Serves until told to stop.
pub async fn run(global: &Global, args: &Serve, printer: Printer) -> Result<u8, Failure> {
    let site = Site::new(args.public_url.as_deref(), args.plain_http)
        .map_err(|error| Failure::wrong(error.to_string()).english(error.in_english()))?;
    let session = Session::open(global, printer).await?;
    if session.accounts().list().await?.is_empty() {
        printer.note(printer.say(
            "还没有账号：请先用 qipan user add 登录名 --name 姓名 --role 角色 建第一个",
            "there is no account yet: make the first with `qipan user add LOGIN --name NAME --role ROLE`",
        ));
    }
    let backups = backups(&session.store, args.backups.as_deref());
    serve(&session, args.listen, site, backups, None).await
}

/// Serves an open session; `period` is what the board shows first.
pub async fn serve(
    session: &Session,
    listen: SocketAddr,
    site: Site,
    backups: Backups,
    period: Option<Period>,
) -> Result<u8, Failure> {
    // Logs go to standard error; RUST_LOG chooses how much.
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
    let state = AppState {
        store: session.store.clone(),
        clock: session.clock(),
        accounts: session.accounts(),
        site,
        sign_on: sign_on(session)?,
        backups,
        illustrative: session.illustrative(),
        period: period.or_else(|| session.shown_period()),
    };
    let (desk, api, stop) = session.printer.say(
        ("页面", "接口", "Ctrl-C 停止"),
        ("desk", "API", "Ctrl-C stops"),
    );
    session.printer.note(format!(
        "{desk} http://{listen}/　{api} http://{listen}/api/v1/openapi.json（{stop}）"
    ));
    qipan_server::serve(state, listen)
        .await
        .map_err(Failure::cannot)?;
    Ok(0)
}

/// File in the data folder that says where people may prove who they are.
const SIGN_ON: &str = "oidc.toml";

/// The single sign-on of the data folder; `None` when there is none.
fn sign_on(session: &Session) -> Result<Option<SignOn>, Failure> {
    let path = session.data.join(SIGN_ON);
    if !path.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
    toml::from_str(&text).map(Some).map_err(|error| {
        let path = path.display();
        Failure::wrong(format!("{path} 看不懂（{error}）：写法见 docs/api.md")).english(format!(
            "{path} is not understood ({error}): see docs/api.md"
        ))
    })
}
