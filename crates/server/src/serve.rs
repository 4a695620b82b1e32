//! Listening, until told to stop.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::AppState;

/// How long open requests may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Why the server could not be started or went down. `Display` is a Chinese sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address that others could reach, and passwords would go there unencrypted.
    #[error(
        "拒绝监听 {0}：密码会以明文经过网络。请监听 127.0.0.1:{port}，由本机的反向代理加密，\
         并写明 --public-url https://主机名；内网确需明文时加 --plain-http",
        port = .0.port()
    )]
    NotLoopback(SocketAddr),
    /// Single sign-on is asked for, and the program was built without it.
    #[error(
        "数据目录里有 oidc.toml，但本程序没有编入单点登录：请用 --features oidc 重新构建，或移走该文件"
    )]
    NoSignOn,
    /// The address cannot be had.
    #[error("不能监听 {addr}（{error}）：{remedy}", remedy = remedy(error))]
    Bind {
        /// Address asked for.
        addr: SocketAddr,
        /// The system's words.
        error: std::io::Error,
    },
    /// The server failed while running.
    #[error("服务中断（{0}）：请重新启动")]
    Run(std::io::Error),
}

fn remedy(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => "端口已被占用，请用 --listen 换一个端口",
        std::io::ErrorKind::PermissionDenied => "没有权限，请用 1024 以上的端口",
        _ => "请检查地址后重试",
    }
}

/// Serves until Ctrl-C or SIGTERM; then lets open requests finish, for ten seconds at the most.
/// Beyond this machine it listens only when its [`crate::Site`] has an encrypted public address or
/// allows plain HTTP.
///
/// # Errors
/// When it may not listen there, single sign-on is asked for and not built in, the address cannot be had, or the server fails.
pub async fn serve(state: AppState, addr: SocketAddr) -> Result<(), ServeError> {
    if !state.site.may_listen(addr) {
        return Err(ServeError::NotLoopback(addr));
    }
    if state.sign_on.is_some() && !crate::sign_on::IS_BUILT {
        return Err(ServeError::NoSignOn);
    }
    let listener = TcpListener::bind(addr)
        .await
        .map_err(|error| ServeError::Bind { addr, error })?;
    let (router, work) = crate::start(state);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let (stop, mut stopped) = watch::channel(false);
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        // An error means that the sender is gone, which is a stop as well.
        let _ = stopped.wait_for(|stop| *stop).await;
    });
    let mut serving = std::pin::pin!(serving.into_future());
    tokio::select! {
        ended = &mut serving => return ended.map_err(ServeError::Run),
        () = told_to_stop() => {}
    }
    tracing::info!("stopping");
    let _ = stop.send(true);
    // Long work ends or goes back into the queue meanwhile.
    let (ended, ()) = tokio::join!(tokio::time::timeout(GRACE, serving), work.stop());
    match ended {
        Ok(ended) => ended.map_err(ServeError::Run),
        // What is still open is cut off; a change that is not committed is undone.
        Err(_) => Ok(()),
    }
}

async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {} () = terminate => {} }
}
