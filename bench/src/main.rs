//! `make bench`: speed and memory on generated registers, beside the bare equivalent in the same
//! run. Writes `bench/RESULTS.md`.
//!
//! `qipan-bench [--rows 10000,100000,1000000] [--quick] [--out FILE] [--date YYYY-MM-DD]`

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod generate;
mod load;
mod machine;
mod measure;
mod raw;
mod report;
mod suite;

use std::path::{Path, PathBuf};

/// As the binary `qipan` has it.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Anything that ends a bench.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

struct Arguments {
    sizes: Vec<usize>,
    out: PathBuf,
    date: String,
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments, Failure> {
    let mut arguments = Arguments {
        sizes: vec![10_000, 100_000, 1_000_000],
        out: Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md"),
        date: String::new(),
    };
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--rows" => {
                let sizes: Result<_, _> = value()?.split(',').map(str::parse).collect();
                arguments.sizes = sizes?;
            }
            "--quick" => arguments.sizes = vec![10_000, 100_000],
            "--out" => arguments.out = value()?.into(),
            "--date" => arguments.date = value()?,
            _ => return Err(format!("unknown argument {argument}").into()),
        }
    }
    if arguments.sizes.is_empty() {
        return Err("--rows needs at least one size".into());
    }
    Ok(arguments)
}

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let given: Vec<String> = std::env::args().skip(1).collect();
    // Children of this program, whose memory is measured: import DATA FILE, export DATA FILE.
    if let [word, data, file] = given.as_slice() {
        let (data, file) = (Path::new(data), Path::new(file));
        match word.as_str() {
            "import" => runtime.block_on(suite::import_alone(data, file))?,
            "export" => runtime.block_on(suite::export_alone(data, file))?,
            _ => return Err(format!("unknown argument {word}").into()),
        }
        println!("{}", machine::own_peak());
        return Ok(());
    }
    let arguments = arguments(given.into_iter())?;
    let report = runtime.block_on(suite::run(&arguments.sizes))?;
    report.write(&arguments.out, &machine::description(&arguments.date))?;
    println!("written: {}", arguments.out.display());
    Ok(())
}
