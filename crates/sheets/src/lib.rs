//! Workbooks and CSV, in and out.
//!
//! The reading half turns what offices send into typed rows and [`Problem`]s; the writing half
//! ([`write`]) makes templates, marked copies, exports and sample workbooks.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod guard;
mod problem;
pub mod write;

pub use problem::Problem;
