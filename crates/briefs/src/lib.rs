//! Briefs (简报): one document model, three writers, charts and the map.
//!
//! [`compose`] turns a brief's declaration and its data into a [`Document`]; [`to_markdown`],
//! [`to_html`] and [`to_docx`] write it. All of it is pure: figures come in, bytes go out, no
//! store, no clock, and the same input always gives the same bytes. [`gather`] and [`ledger_of`]
//! ask a figure engine for what a brief, or the press check, is made from.
//!
//! [`charts`] and [`map`] stand on their own and serve the board page as well.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod charts;
mod compose;
mod data;
mod document;
mod docx;
mod gather;
mod html;
mod ledger;
pub mod map;
mod markdown;
mod parts;
mod slots;
mod svg;

pub use compose::{ComposeError, Problem, compose};
pub use data::{BriefData, RegisterCoverage, needed_cuts};
pub use document::{Align, Block, Column, Document, FigureRef, Inline, Picture, Row, Table};
pub use docx::{DocxError, to_docx};
pub use gather::{Gathered, gather, ledger_of};
pub use html::to_html;
pub use ledger::ledger;
pub use markdown::to_markdown;
pub use parts::{cut_bars, recipient_map};
