//! Accounts over a store with the Chongqing pack, by a clock that goes where it is told.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod fixture;
mod keeping;
mod passwords;
mod pauses;
mod sessions;
