//! Indicators to figures: SQL, rollups, coverage, provenance.
//!
//! The street: an indicator's sources become [`assemble::Cell`]s, one per supporter and recipient
//! — from the monthly rollup when whole months of the newest state are asked for, else by SQL over
//! the register tables — and cells become figures. Both ways must give the same cells; a test
//! holds them together.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod assemble;
mod cells;
mod compare;
mod coverage;
mod distinct;
mod engine;
mod error;
mod explain;
mod figure;
mod part;
mod scope;
mod tables;
mod window;

pub use compare::{Compared, Past, Point};
pub use coverage::Reported;
pub use engine::{AsOf, Engine, parse_moment};
pub use error::Error;
pub use explain::{Definition, Explanation, MOST_ROWS, Row, definition};
pub use figure::{By, Coverage, Figure};
pub use part::Part;
pub use scope::exists;
pub use window::{Window, month};
