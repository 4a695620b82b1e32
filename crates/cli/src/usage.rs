//! The command line's own words: help and wrong calls, in Chinese and English.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, Error};

use crate::args::{Cli, Lang};

/// What each command and argument is for in English; the Chinese words stand with the declaration.
const ENGLISH: &[(&str, &str, &str)] = &[
    (
        "",
        "",
        "Qipan: registers, figures and briefs of paired districts",
    ),
    ("", "data", "Data folder"),
    (
        "",
        "db",
        "Database (SQLite in the data folder unless postgres://…)",
    ),
    ("", "quiet", "Results only"),
    ("", "lang", "Language of messages"),
    (
        "demo",
        "",
        "Demo: import a sample half-year, check the article, write the brief, serve",
    ),
    ("demo", "listen", "Address to listen on"),
    ("demo", "no_serve", "End when done, serve nothing"),
    ("init", "", "Make a data folder with a pack"),
    ("init", "pack", "Folder of the pack"),
    ("pack", "", "Check, plan or apply a pack"),
    ("import", "", "Import workbooks (.xlsx .xls .csv)"),
    ("import", "files", "Files"),
    (
        "import",
        "register",
        "Register, where the header does not tell",
    ),
    ("import", "unit", "Reporting unit: name, short name or code"),
    (
        "import",
        "period",
        "Period (that of the title when left out)",
    ),
    ("import", "dry_run", "Check only, change nothing"),
    (
        "import",
        "accept_good_rows",
        "Take the good rows (all or nothing when left out)",
    ),
    (
        "import",
        "errors",
        "Mark the problems in a copy of the workbook",
    ),
    ("import", "json", "Answer as JSON"),
    ("template", "", "Write a workbook to be filled in"),
    ("template", "register", "Register"),
    ("template", "unit", "Reporting unit"),
    ("template", "period", "Period"),
    ("template", "output", "Where to write"),
    ("export", "", "Export a register"),
    ("export", "register", "Register"),
    (
        "export",
        "filter",
        "Which rows: an expression such as supporter == 'jiangjin'",
    ),
    (
        "export",
        "as_of",
        "As it stood at a moment (RFC 3339 or a day)",
    ),
    ("export", "format", "Format"),
    ("export", "output", "Where to write"),
    ("figures", "", "Compute figures"),
    ("figures", "period", "Period"),
    ("figures", "by", "Cut"),
    (
        "figures",
        "as_of",
        "As known at a moment (RFC 3339 or a day)",
    ),
    ("figures", "format", "Format"),
    (
        "explain",
        "",
        "Open a figure: definition, SQL, rows, evidence",
    ),
    ("explain", "indicator", "Indicator"),
    ("explain", "period", "Period"),
    (
        "explain",
        "as_of",
        "As known at a moment (RFC 3339 or a day)",
    ),
    ("explain", "json", "Answer as JSON"),
    ("brief", "", "Write a brief"),
    ("brief", "brief", "Brief"),
    ("brief", "period", "Period"),
    ("brief", "as_of", "As known at a moment (RFC 3339 or a day)"),
    ("brief", "format", "Format"),
    ("brief", "output", "Where to write"),
    ("check", "", "Hold the numbers of a text against the ledger"),
    ("check", "file", "Text, HTML or DOCX"),
    ("check", "period", "Period"),
    ("check", "json", "Answer as JSON"),
    ("verify", "", "Verify the journal and every record"),
    ("verify", "json", "Answer as JSON"),
    (
        "backup",
        "",
        "Back up the database and the files; a backup opens like a data folder",
    ),
    (
        "backup",
        "to",
        "Folder for backups (by itself “backups” in the data folder; another disk is better)",
    ),
    ("backup", "json", "Answer as JSON"),
    ("serve", "", "Serve the pages and the API"),
    ("serve", "listen", "Address to listen on"),
    (
        "serve",
        "backups",
        "Folder for backups (by itself “backups” in the data folder; another disk is better)",
    ),
    (
        "serve",
        "public_url",
        "Address under which people come (https://…, encrypted by a proxy)",
    ),
    (
        "serve",
        "plain_http",
        "Let passwords leave this machine unencrypted (trusted networks only)",
    ),
    (
        "user",
        "",
        "Accounts: add, set a password, lock, unlock, list",
    ),
    (
        "add",
        "",
        "Make an account; its first password is printed once",
    ),
    ("add", "login", "Login"),
    ("add", "name", "Name of the person or program"),
    (
        "add",
        "roles",
        "Role (may be repeated; see access.toml of the pack)",
    ),
    ("add", "unit", "Unit: name, short name or code"),
    (
        "add",
        "registers",
        "Register of a line department (may be repeated)",
    ),
    (
        "add",
        "stdin",
        "Read the password from standard input (made when left out)",
    ),
    (
        "passwd",
        "",
        "Set a password, printed once; sessions of the account end",
    ),
    ("passwd", "login", "Login"),
    (
        "passwd",
        "stdin",
        "Read the password from standard input (made when left out)",
    ),
    ("lock", "", "Put an account out of use; its sessions end"),
    ("lock", "login", "Login"),
    (
        "unlock",
        "",
        "Put an account in use again and end a pause after failed logins",
    ),
    ("unlock", "login", "Login"),
    ("list", "", "List the accounts"),
    ("list", "json", "Answer as JSON"),
    ("check", "dir", "Folder of the pack"),
    ("plan", "", "Say what applying a pack would change"),
    ("plan", "dir", "Folder of the pack"),
    ("apply", "", "Apply a pack"),
    ("apply", "dir", "Folder of the pack"),
];

/// The language asked for, before the call is understood.
pub fn asked(args: &[std::ffi::OsString]) -> Lang {
    let english = args
        .iter()
        .zip(args.iter().skip(1))
        .any(|(one, two)| one == "--lang" && two == "en")
        || args.iter().any(|arg| arg == "--lang=en");
    if english { Lang::En } else { Lang::Zh }
}

/// The command line with its help in one language.
pub fn command(lang: Lang) -> Command {
    let mut command = dressed(Cli::command(), lang);
    if lang == Lang::Zh {
        command = command
            .subcommand_help_heading("命令")
            .disable_help_subcommand(true);
    }
    command
}

fn dressed(mut command: Command, lang: Lang) -> Command {
    let own = if command.get_name() == "qipan" {
        ""
    } else {
        command.get_name()
    }
    .to_owned();
    let english = move |arg: &str| {
        ENGLISH
            .iter()
            .find(|(of, id, _)| *of == own && *id == arg)
            .map(|(_, _, words)| *words)
    };
    if lang == Lang::En {
        if let Some(about) = english("") {
            command = command.about(about).long_about(about);
        }
    } else {
        let (help, version) = (
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .help("显示说明"),
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help("显示版本"),
        );
        command = command
            .disable_help_flag(true)
            .disable_version_flag(true)
            .arg(help)
            .arg(version)
            .subcommand_help_heading("命令")
            .help_template("{about-with-newline}\n用法：{usage}\n\n{all-args}");
    }
    command = command.mut_args(|mut arg| {
        if let Some(help) = english(arg.get_id().as_str()).filter(|_| lang == Lang::En) {
            arg = arg.help(help).long_help(help);
        }
        if lang == Lang::Zh {
            let heading = if arg.is_positional() {
                "参数"
            } else {
                "选项"
            };
            arg = arg.help_heading(heading);
        }
        if arg.get_action().takes_values() {
            // clap would add these in its own words and those of the declaration.
            let values: Vec<String> = arg
                .get_possible_values()
                .iter()
                .map(|one| one.get_name().to_owned())
                .collect();
            if values.len() > 1 {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                let help = format!("{help} [{}]", values.join("|"));
                arg = arg
                    .help(help.clone())
                    .long_help(help)
                    .hide_possible_values(true);
            }
            arg = arg
                .hide_default_value(lang == Lang::Zh)
                .hide_env(lang == Lang::Zh);
        }
        arg
    });
    command.mut_subcommands(|sub| dressed(sub, lang))
}

/// A wrong call as a sentence in Chinese; `None` for help and version, which are no mistakes.
pub fn sentence(error: &Error) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(list)) => Some(list.join("、")),
        _ => None,
    };
    let arg = text(ContextKind::InvalidArg).unwrap_or_default();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let said = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
        ErrorKind::MissingRequiredArgument => format!("缺少 {arg}"),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::InvalidSubcommand => {
            let near = text(ContextKind::SuggestedSubcommand);
            let wrong = text(ContextKind::InvalidSubcommand).unwrap_or_default();
            let near = near.map_or_else(String::new, |near| format!("；是不是想写 {near}？"));
            format!("没有命令“{wrong}”{near}")
        }
        ErrorKind::UnknownArgument => {
            let near = text(ContextKind::SuggestedArg);
            let near = near.map_or_else(String::new, |near| format!("；是不是想写 {near}？"));
            format!("不认识参数“{arg}”{near}")
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("{arg} 后面缺少值"),
        ErrorKind::InvalidValue => {
            let known = text(ContextKind::ValidValue).unwrap_or_default();
            format!("{arg} 的值“{value}”不对：可以是 {known}")
        }
        ErrorKind::ValueValidation if arg.starts_with("--listen") => {
            format!("{arg} 的值“{value}”不对：请写成 127.0.0.1:8080")
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            format!("{arg} 的值“{value}”不对：{why}")
        }
        ErrorKind::ArgumentConflict => format!("{arg} 只能写一次"),
        _ => error.to_string(),
    };
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => {
            let usage = usage.to_string();
            format!("\n用法：{}", usage.trim_start_matches("Usage:").trim())
        }
        _ => String::new(),
    };
    Some(format!("出错：{said}{usage}\n详见 --help"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_help_is_there_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let mut command = command(lang);
            command.build();
            walk(&command, lang);
        }
    }

    fn walk(command: &Command, lang: Lang) {
        let words = command.get_about().map(ToString::to_string);
        let words = words.into_iter().chain(
            command
                .get_arguments()
                .filter_map(|arg| arg.get_help().map(ToString::to_string)),
        );
        for words in words {
            let chinese = words.chars().any(|c| c > '\u{2e80}');
            assert_eq!(chinese, lang == Lang::Zh, "{}: {words}", command.get_name());
        }
        command.get_subcommands().for_each(|sub| walk(sub, lang));
    }
}
