//! `qipan`: the command line of Qipan 棋盘.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod args;
mod commands;
mod failure;
mod printer;
mod session;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::printer::Printer;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap's own words; a wrong call ends with 2, --help and --version with 0.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()) * 2);
        }
    };
    let printer = Printer::new(cli.global.quiet, cli.global.lang);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(commands::run(cli, printer)),
        Err(error) => Err(failure::Failure::cannot(error)),
    };
    match ended {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            let word = printer.say("出错", "error");
            printer.error(format!("{word}：{}", failure.message));
            ExitCode::from(failure.status)
        }
    }
}
