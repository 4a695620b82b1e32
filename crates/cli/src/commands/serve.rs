//! `qipan serve`: the board page and the JSON API.

use std::net::SocketAddr;

use qipan_model::Period;
use qipan_server::AppState;

use crate::args::{Global, Serve};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::session::Session;

/// Serves until told to stop.
pub async fn run(global: &Global, args: &Serve, printer: Printer) -> Result<u8, Failure> {
    let session = Session::open(global, printer).await?;
    serve(&session, args.listen, None).await
}

/// Serves an open session; `period` is what the board shows first.
pub async fn serve(
    session: &Session,
    listen: SocketAddr,
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
        illustrative: session.illustrative(),
        period: period.or_else(|| session.shown_period()),
    };
    let (board, api, stop) = session.printer.say(
        ("页面", "接口", "Ctrl-C 停止"),
        ("board", "API", "Ctrl-C stops"),
    );
    session.printer.note(format!(
        "{board} http://{listen}/board　{api} http://{listen}/api/v1/openapi.json（{stop}）"
    ));
    qipan_server::serve(state, listen)
        .await
        .map_err(Failure::cannot)?;
    Ok(0)
}
