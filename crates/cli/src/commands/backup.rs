//! `qipan backup`: the data folder as it stands, to be opened like any other.

use std::path::Path;

use qipan_store::{Backups, Store};

use crate::args::{Backup, Global};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::session::{COMMAND_LINE, Session};

/// Where backups lie: in the folder named, else in the data folder.
pub fn backups(store: &Store, named: Option<&Path>) -> Backups {
    named.map_or_else(|| Backups::of(store), Backups::new)
}

/// Makes a backup.
pub async fn run(global: &Global, args: &Backup, printer: Printer) -> Result<u8, Failure> {
    let session = Session::open(global, printer).await?;
    let backups = backups(&session.store, args.to.as_deref());
    let made = backups.make(&session.store).await?;
    let event = made.event(&session.by().actor, COMMAND_LINE, &[]);
    session.store.log(event).await?;
    if args.json {
        printer.result(serde_json::to_string_pretty(&made)?);
        return Ok(0);
    }
    let folder = backups.folder().join(&made.name);
    let (folder, head, files) = (folder.display(), made.head, made.files);
    printer.result(printer.say(
        format!("已备份到 {folder}：日志 {head} 条，文件 {files} 个；恢复时用它代替数据目录，再运行 qipan verify"),
        format!("backed up to {folder}: {head} journal entries, {files} files; to restore, put it in the place of the data folder and run `qipan verify`"),
    ));
    Ok(0)
}
