//! `qipan`: the command line of Qipan 棋盘.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod args;
mod commands;
mod failure;
mod printer;
mod session;
mod usage;

use std::process::ExitCode;

use clap::FromArgMatches;

use crate::args::Cli;
use crate::printer::Printer;

/// An import allocates on one thread what another one frees; the system's allocator spends a third
/// of its time on that.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let lang = usage::asked(&args);
    let parsed = usage::command(lang)
        .try_get_matches_from(args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // A wrong call ends with 2, --help and --version with 0.
            match usage::sentence(&error).filter(|_| lang == args::Lang::Zh) {
                Some(sentence) => Printer::new(false, lang).error(sentence),
                None => drop(error.print()),
            }
            return ExitCode::from(u8::from(error.use_stderr()) * 2);
        }
    };
    let printer = Printer::new(cli.global.quiet, cli.global.lang);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(commands::run(cli, printer)),
        Err(error) => Err(failure::Failure::cannot(error)),
    };
    match ended {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            let word = printer.say("出错", "error");
            let sentence = failure.in_english().filter(|_| lang == args::Lang::En);
            let sentence = sentence.unwrap_or(&failure.message);
            let colon = printer.say("：", ": ");
            printer.error(format!("{word}{colon}{sentence}"));
            ExitCode::from(failure.status)
        }
    }
}
