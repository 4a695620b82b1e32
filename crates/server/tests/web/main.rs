//! The API and the pages, asked in-process over a store with the Chongqing pack.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod api;
mod board;
mod briefs;
mod document;
mod evidence;
mod export;
mod figures;
mod fixture;
mod guard;
mod imports;
mod jobs;
mod journal;
mod mechanism;
mod pages;
mod press;
mod records;
mod returns;
mod routes;
mod session;
mod sides;
#[cfg(feature = "oidc")]
mod sign_on;
mod system;
mod todo;
mod views;
mod walk;
