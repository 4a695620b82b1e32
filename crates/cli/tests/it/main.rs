//! The product from outside: the real program against data folders of its own.
//!
//! Every test runs on SQLite, and on PostgreSQL when `TEST_DATABASE_URL` names a server on which
//! databases may be made; where `CI` is set, its absence is a failure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]
#![allow(missing_docs)]

#[macro_use]
mod home;

mod architecture;
mod as_of;
mod calls;
mod crash;
mod demo;
mod explaining;
mod hostile;
mod importing;
mod migration;
mod oracle;
mod packs;
mod press;
mod round_trip;
mod tamper;
mod users;
