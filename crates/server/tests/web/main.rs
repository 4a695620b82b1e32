//! The API and the pages, asked in-process over a store with the Chongqing pack.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod api;
mod document;
mod fixture;
mod guard;
mod imports;
mod jobs;
mod pages;
mod session;
