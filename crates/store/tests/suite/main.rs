//! One behaviour on both databases.
//!
//! Every test runs on SQLite, and on PostgreSQL when `TEST_DATABASE_URL` names a server on which
//! databases may be made; where `CI` is set, its absence is a failure.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod access;
mod backup;
mod crash;
mod desk;
mod fixture;
mod layout;
mod model;
mod packs;
mod preview;
mod reading;
mod rollups;
mod search;
mod searching;
mod submit;
mod tamper;
mod work;
mod writing;
