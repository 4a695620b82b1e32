//! `qipan init`: a data folder with a pack.

use crate::args::{Global, Init};
use crate::commands::pack;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::session::Session;

/// Makes the data folder, the signing key and the tables of the pack.
pub async fn run(global: &Global, args: &Init, printer: Printer) -> Result<u8, Failure> {
    let Some(checked) = pack::checked(&args.pack, printer)? else {
        return Ok(crate::failure::FOUND);
    };
    let session = Session::make(global, printer).await?;
    pack::apply(&session, checked, "建库").await?;
    Ok(0)
}
