//! The commands, a file each.

mod backup;
mod brief;
mod check;
mod demo;
mod explain;
mod export;
mod figures;
mod import;
mod init;
mod pack;
mod serve;
mod template;
mod user;
mod verify;

use crate::args::{Cli, Command};
use crate::failure::Failure;
use crate::printer::Printer;

/// Runs a command; gives the exit status.
pub async fn run(cli: Cli, printer: Printer) -> Result<u8, Failure> {
    let global = cli.global;
    match cli.command {
        Command::Demo(args) => demo::run(&global, &args, printer).await,
        Command::Init(args) => init::run(&global, &args, printer).await,
        Command::Pack(args) => pack::run(&global, &args, printer).await,
        Command::Import(args) => import::run(&global, &args, printer).await,
        Command::Template(args) => template::run(&global, &args, printer).await,
        Command::Export(args) => export::run(&global, &args, printer).await,
        Command::Figures(args) => figures::run(&global, &args, printer).await,
        Command::Explain(args) => explain::run(&global, &args, printer).await,
        Command::Brief(args) => brief::run(&global, &args, printer).await,
        Command::Check(args) => check::run(&global, &args, printer).await,
        Command::Verify(args) => verify::run(&global, &args, printer).await,
        Command::Backup(args) => backup::run(&global, &args, printer).await,
        Command::Serve(args) => serve::run(&global, &args, printer).await,
        Command::User(args) => user::run(&global, &args, printer).await,
    }
}
