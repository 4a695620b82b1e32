//! The API and the pages, asked in-process over a store with the Chongqing pack.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod api;
mod document;
mod evidence;
mod export;
mod fixture;
mod guard;
mod pages;
mod records;
mod returns;
mod session;
#[cfg(feature = "oidc")]
mod sign_on;
mod views;
