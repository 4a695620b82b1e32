//! `make bench`: speed and memory on generated registers, beside the bare equivalent in the same
//! run. Writes `bench/RESULTS.md`.
//!
//! `qipan-bench [--rows 10000,100000,1000000] [--quick] [--only PART,…] [--data DIR] [--out FILE]
//! [--date YYYY-MM-DD]`
//!
//! `--only` measures some parts ([`suite::PARTS`]) and writes no table unless `--out` says where;
//! `--data` keeps the filled data folder of one size and takes it again.

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
    wanted: suite::Wanted,
    out: Option<PathBuf>,
    date: String,
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments, Failure> {
    let mut arguments = Arguments {
        wanted: suite::Wanted {
            sizes: vec![10_000, 100_000, 1_000_000],
            only: Vec::new(),
            data: None,
        },
        out: None,
        date: String::new(),
    };
    let wanted = &mut arguments.wanted;
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--rows" => {
                let sizes: Result<_, _> = value()?.split(',').map(str::parse).collect();
                wanted.sizes = sizes?;
            }
            "--quick" => wanted.sizes = vec![10_000, 100_000],
            "--only" => wanted.only = value()?.split(',').map(str::to_owned).collect(),
            "--data" => wanted.data = Some(value()?.into()),
            "--out" => arguments.out = Some(value()?.into()),
            "--date" => arguments.date = value()?,
            _ => return Err(format!("unknown argument {argument}").into()),
        }
    }
    if wanted.sizes.is_empty() {
        return Err("--rows needs at least one size".into());
    }
    if wanted.data.is_some() && wanted.sizes.len() > 1 {
        return Err("--data is for one size: give it with --rows".into());
    }
    let known = |part: &String| suite::PARTS.contains(&part.as_str());
    if let Some(part) = wanted.only.iter().find(|part| !known(part)) {
        let parts = suite::PARTS.join(", ");
        return Err(format!("unknown part {part}: there are {parts}").into());
    }
    if wanted.only.is_empty() {
        let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
        arguments.out.get_or_insert(usual);
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
    let report = runtime.block_on(suite::run(&arguments.wanted))?;
    if let Some(out) = &arguments.out {
        report.write(out, &machine::description(&arguments.date))?;
        println!("written: {}", out.display());
    }
    Ok(())
}
