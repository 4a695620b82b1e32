//! Indicators to figures: SQL, rollups, coverage, provenance.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod figure;

pub use figure::{By, Coverage, Figure};
