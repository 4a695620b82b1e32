//! Files into a store with the Chongqing pack: dry runs, rows by access, analyses.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod access;
mod analysis;
mod fixture;
mod snapshot;
