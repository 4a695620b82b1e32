//! Workbooks and CSV, in and out.
//!
//! The reading half turns what offices send into typed rows and [`Problem`]s: [`read`] takes a
//! file apart into rows of cells, [`recognise`] finds the registers in them, [`parse`] makes
//! typed values. The writing half ([`write`]) makes templates, marked copies, exports and sample
//! workbooks.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod a1;
pub mod fold;
pub mod guard;
pub mod parse;
mod problem;
pub mod read;
pub mod recognise;
pub mod write;

pub use problem::{CODES, Problem};
