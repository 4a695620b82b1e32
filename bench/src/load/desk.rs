//! The desk as a browser has it: `bench/desk.mjs` in Chromium before `qipan serve`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use super::server::{PASSWORD, Server};
use crate::Failure;
use crate::measure::Samples;
use crate::report::{Aim, Report};

/// The longest time between two frames that nobody takes for a stall.
const STALL: Duration = Duration::from_millis(100);
/// How often the board is drawn in a new browser.
const BOARDS: &str = "7";

/// What the script prints.
#[derive(Deserialize)]
struct Seen {
    bytes: Bytes,
    board_ms: Vec<f64>,
    frame_ms: Vec<f64>,
}

/// Bytes over the wire of a page and all it needs, nothing of it known to the browser.
#[derive(Deserialize)]
struct Bytes {
    login: f64,
    start: f64,
    board: f64,
}

/// Opens pages before a server whose caller sees all rows.
pub fn measure(server: &Server, size: usize, report: &mut Report) -> Result<(), Failure> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("desk.mjs");
    let (base, login) = server.place();
    let output = Command::new("node")
        .arg(script)
        .args([&base, login, PASSWORD, "consumption", BOARDS])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let seen: Seen = serde_json::from_slice(&output.stdout)?;
    let first = Aim::Weight { most: 350.0 };
    report.weight(
        "desk: login page, compressed",
        size,
        seen.bytes.login / 1e3,
        first,
    );
    report.weight(
        "desk: first page after it, compressed",
        size,
        seen.bytes.start / 1e3,
        first,
    );
    report.weight(
        "desk: board, compressed",
        size,
        seen.bytes.board / 1e3,
        Aim::None,
    );
    report.time(
        "desk: board drawn in a new browser",
        size,
        0,
        &samples(&seen.board_ms),
        None,
        Aim::Below(Duration::from_secs(1)),
    );
    report.time(
        "desk: between frames while `consumption` scrolls",
        size,
        0,
        &samples(&seen.frame_ms),
        None,
        Aim::Longest(STALL),
    );
    Ok(())
}

fn samples(milliseconds: &[f64]) -> Samples {
    let time = |one: &f64| Duration::from_secs_f64(one.max(0.0) / 1e3);
    Samples::of(milliseconds.iter().map(time).collect())
}
