//! Connections to SQLite that only read.
//!
//! Each connection of the driver has a thread of its own, and each message there and back costs
//! more than finding a row. The driver's pool needs one message to begin a transaction and another
//! to see, once it is over, whether the connection is well. Here a transaction begins with its
//! first statement and ends behind its reader's back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Result;

/// Connections at most.
const MOST: u32 = 4;

#[derive(Clone)]
pub(crate) struct Readers(Arc<Inner>);

struct Inner {
    options: SqliteConnectOptions,
    /// How long one waits for a connection.
    patience: Duration,
    room: Arc<Semaphore>,
    /// The one used last is taken first: it has its statements and pages at hand.
    idle: Mutex<Vec<SqliteConnection>>,
}

impl Readers {
    pub(crate) fn new(options: SqliteConnectOptions, patience: Duration) -> Self {
        Self(Arc::new(Inner {
            options,
            patience,
            room: Arc::new(Semaphore::new(MOST as usize)),
            idle: Mutex::default(),
        }))
    }

    /// A transaction that reads one and the same state throughout: that of its first statement.
    pub(crate) async fn begin(&self) -> Result<Reading> {
        let room = Arc::clone(&self.0.room).acquire_owned();
        let permit = tokio::time::timeout(self.0.patience, room)
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
            .map_err(|_| sqlx::Error::PoolClosed)?;
        let kept = self.0.pop();
        let connection = match kept {
            Some(connection) => connection,
            None => self.0.options.connect().await?,
        };
        Ok(Reading {
            open: Some((connection, permit)),
            has_begun: false,
            home: Arc::clone(&self.0),
        })
    }

    /// A connection that nobody else is given.
    pub(crate) async fn alone(&self) -> Result<SqliteConnection> {
        Ok(self.0.options.connect().await?)
    }

    /// Waits for whoever still reads and closes all connections.
    pub(crate) async fn close(&self) {
        // An error means that this was done already.
        if let Ok(all) = self.0.room.acquire_many(MOST).await {
            all.forget();
            self.0.room.close();
        }
        while let Some(connection) = self.0.pop() {
            // Nothing is lost with a connection that only reads.
            let _ = connection.close().await;
        }
    }
}

impl Inner {
    fn pop(&self) -> Option<SqliteConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    fn push(&self, connection: SqliteConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connection);
    }
}

/// One transaction that reads.
pub(crate) struct Reading {
    open: Option<(SqliteConnection, OwnedSemaphorePermit)>,
    has_begun: bool,
    home: Arc<Inner>,
}

impl Reading {
    /// The connection, and the statement as it is to be run on it: the first one begins the
    /// transaction.
    pub(crate) fn with(&mut self, sql: &Arc<str>) -> Result<(&mut SqliteConnection, Arc<str>)> {
        let (connection, _) = self.open.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        let sql = if self.has_begun {
            Arc::clone(sql)
        } else {
            format!("BEGIN; {sql}").into()
        };
        self.has_begun = true;
        Ok((connection, sql))
    }

    /// Ends the transaction and waits for it.
    pub(crate) async fn end(mut self) {
        if let Some((connection, permit)) = self.open.take() {
            ended(connection, self.has_begun, &self.home, permit).await;
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let Some((connection, permit)) = self.open.take() else {
            return;
        };
        // Without a runtime the connection goes as well, and its transaction with it.
        if let Ok(runtime) = Handle::try_current() {
            let (has_begun, home) = (self.has_begun, Arc::clone(&self.home));
            runtime.spawn(async move { ended(connection, has_begun, &home, permit).await });
        }
    }
}

/// Ends a transaction and keeps the connection for the next one, unless it is not well.
async fn ended(
    mut connection: SqliteConnection,
    has_begun: bool,
    home: &Inner,
    permit: OwnedSemaphorePermit,
) {
    let is_well = !has_begun || {
        let rollback = sqlx::query("ROLLBACK");
        rollback.execute(&mut connection).await.is_ok()
    };
    if is_well {
        home.push(connection);
    }
    drop(permit);
}
