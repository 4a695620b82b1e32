//! What the numbers were measured on, and what other processes used.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Failure;
use crate::measure::Watch;

fn first_line(path: &str, field: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(field))?;
    Some(
        line.split_once(':')
            .map_or(line, |(_, value)| value)
            .trim()
            .to_owned(),
    )
}

fn said(program: &str, args: &[&str]) -> String {
    Command::new(program)
        .args(args)
        .output()
        .ok()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}

/// The machine and the program, for the head of the report.
pub fn description(date: &str) -> Vec<(&'static str, String)> {
    let commit = said("git", &["rev-parse", "--short=12", "HEAD"]);
    let changed = !said(
        "git",
        &["status", "--porcelain", "--", "crates", "bench/src"],
    )
    .is_empty();
    let date = if date.is_empty() {
        said("date", &["-u", "+%Y-%m-%d"])
    } else {
        date.to_owned()
    };
    vec![
        (
            "CPU",
            first_line("/proc/cpuinfo", "model name").unwrap_or_default(),
        ),
        (
            "cores",
            std::thread::available_parallelism()
                .map_or(1, usize::from)
                .to_string(),
        ),
        (
            "memory",
            first_line("/proc/meminfo", "MemTotal").unwrap_or_default(),
        ),
        ("kernel", said("uname", &["-sr"])),
        ("compiler", said("rustc", &["--version"])),
        ("date", date),
        (
            "commit",
            commit
                + if changed {
                    " and changes not yet committed"
                } else {
                    ""
                },
        ),
    ]
}

/// Kilobytes of a line of `/proc/…/status` as MB.
fn status(process: &str, field: &str) -> Option<f64> {
    let line = first_line(&format!("/proc/{process}/status"), field)?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// The most memory that this process ever had, in MB.
pub fn own_peak() -> f64 {
    status("self", "VmHWM").unwrap_or_default()
}

/// Imports or exports a file in a process of its own and gives the most memory that it had, in MB.
pub fn peak_of(what: &str, data: &Path, file: &Path) -> Result<f64, Failure> {
    let output = Command::new(std::env::current_exe()?)
        .arg(what)
        .arg(data)
        .arg(file)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    text.parse().map_err(|_| {
        format!(
            "{what} in a child: {text} {}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into()
    })
}

/// The `qipan` binary built beside this one.
pub fn qipan() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?.with_file_name("qipan");
    path.is_file().then_some(path)
}

/// Runs `qipan` to its end.
pub fn run(qipan: &Path, args: &[&str]) -> Result<(), Failure> {
    output(qipan, args).map(|_| ())
}

/// Runs `qipan` to its end and gives what it prints.
pub fn output(qipan: &Path, args: &[&str]) -> Result<String, Failure> {
    let output = Command::new(qipan).args(args).output()?;
    if !output.status.success() {
        return Err(format!(
            "qipan {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Starts `qipan serve`, waits until it answers, asks for the board once, lets it come to rest and
/// gives its memory in MB before and after; also how long it took to answer.
pub fn serve(qipan: &Path, data: &str) -> Result<(Duration, f64, f64), Failure> {
    use std::io::{Read as _, Write as _};
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let watch = Watch::start();
    let mut child = Command::new(qipan)
        .args(["--data", data, "serve", "--listen", &address.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let connect = || -> Result<std::net::TcpStream, Failure> {
        for _ in 0..1000 {
            if let Ok(stream) = std::net::TcpStream::connect(address) {
                return Ok(stream);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err("qipan serve does not answer".into())
    };
    let answer = (|| {
        let first = connect()?;
        let started = watch.stop();
        drop(first);
        std::thread::sleep(Duration::from_secs(1));
        let pid = child.id().to_string();
        let idle = status(&pid, "VmRSS").unwrap_or_default();
        let mut stream = connect()?;
        write!(stream, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut page = Vec::new();
        stream.read_to_end(&mut page)?;
        std::thread::sleep(Duration::from_secs(1));
        Ok((started, idle, status(&pid, "VmRSS").unwrap_or_default()))
    })();
    child.kill()?;
    child.wait()?;
    answer
}
