//! `qipan user`: accounts, above all the first one.

use std::collections::BTreeSet;
use std::io::Read;

use qipan_accounts::{Account, Amendment, NewAccount};
use qipan_store::written;
use serde_json::json;

use crate::args::{Global, UserAdd, UserCommand};
use crate::failure::Failure;
use crate::printer::{Printer, table};
use crate::session::{self, Session};

/// Most bytes of a password on standard input.
const MOST: u64 = 1_024;

/// Keeps accounts.
pub async fn run(global: &Global, command: &UserCommand, printer: Printer) -> Result<u8, Failure> {
    let session = Session::open(global, printer).await?;
    match command {
        UserCommand::Add(args) => add(&session, args).await?,
        UserCommand::Passwd { login, stdin } => passwd(&session, login, *stdin).await?,
        UserCommand::Lock { login } => set_disabled(&session, login, true).await?,
        UserCommand::Unlock { login } => {
            set_disabled(&session, login, false).await?;
            session.accounts().unlock(login, &session.by()).await?;
        }
        UserCommand::List { json } => list(&session, *json).await?,
    }
    Ok(0)
}

async fn add(session: &Session, args: &UserAdd) -> Result<(), Failure> {
    let pack = session.pack().await?;
    let unit = match &args.unit {
        Some(asked) => {
            let unit = session::unit(&pack, asked, session.today())?;
            Some(unit.id.to_string())
        }
        None => None,
    };
    let mut registers = BTreeSet::new();
    for asked in &args.registers {
        registers.insert(session::register(&pack, asked)?.id.clone());
    }
    let mut roles = Vec::new();
    for asked in &args.roles {
        // By id or by name; what is neither is told by the check of the account.
        let role = pack
            .roles
            .iter()
            .find(|role| [&role.id, &role.name].contains(&asked));
        roles.push(role.map_or_else(|| asked.clone(), |role| role.id.clone()));
    }
    let new = NewAccount {
        login: args.login.clone(),
        name: args.name.clone(),
        unit,
        roles,
        registers,
    };
    let given = args.stdin.then(typed).transpose()?;
    let (account, password) = session
        .accounts()
        .create(&pack, &new, given.as_deref(), &session.by())
        .await?;
    let login = &account.login;
    session.printer.note(session.printer.say(
        format!("已建账号 {login}，首次登录须改密码"),
        format!("account {login} made; its password must be changed at the first login"),
    ));
    if given.is_none() {
        session.printer.result(password);
    }
    Ok(())
}

async fn passwd(session: &Session, login: &str, stdin: bool) -> Result<(), Failure> {
    let accounts = session.accounts();
    let by = session.by();
    if stdin {
        accounts.set_password(login, &typed()?, &by).await?;
    } else {
        let password = accounts.reset_password(login, &by).await?;
        session.printer.result(password);
    }
    session.printer.note(session.printer.say(
        format!("已重设 {login} 的密码，下次登录须修改"),
        format!("the password of {login} is set; it must be changed at the next login"),
    ));
    Ok(())
}

async fn set_disabled(session: &Session, login: &str, disabled: bool) -> Result<(), Failure> {
    let pack = session.pack().await?;
    let amendment = Amendment {
        disabled: Some(disabled),
        ..Amendment::default()
    };
    session
        .accounts()
        .amend(&pack, login, &amendment, &session.by())
        .await?;
    session.printer.note(match disabled {
        true => session.printer.say(
            format!("已停用 {login}"),
            format!("account {login} is out of use"),
        ),
        false => session.printer.say(
            format!("已启用 {login}"),
            format!("account {login} is in use"),
        ),
    });
    Ok(())
}

async fn list(session: &Session, as_json: bool) -> Result<(), Failure> {
    let accounts = session.accounts().list().await?;
    if as_json {
        let shown: Vec<_> = accounts
            .iter()
            .map(|one| {
                json!({
                    "login": one.login, "name": one.name, "unit": one.unit, "roles": one.roles,
                    "registers": one.registers, "locked": one.locked_until.is_some(),
                    "disabled": one.disabled, "must_change": one.must_change,
                    "last_login": one.last_login.map(written), "created": written(one.created),
                })
            })
            .collect();
        session
            .printer
            .result(serde_json::to_string_pretty(&shown)?);
        return Ok(());
    }
    let printer = session.printer;
    let state = |one: &Account| match one {
        one if one.disabled => printer.say("停用", "out of use"),
        one if one.locked_until.is_some() => printer.say("暂停登录", "paused"),
        one if one.must_change => printer.say("待改密码", "password due"),
        _ => printer.say("正常", "in use"),
    };
    let rows: Vec<Vec<String>> = accounts
        .iter()
        .map(|one| {
            vec![
                one.login.clone(),
                one.name.clone(),
                one.unit.clone().unwrap_or_default(),
                one.roles.join(" "),
                state(one).to_owned(),
                one.last_login
                    .map_or_else(String::new, |at| session::local_date(at).to_string()),
            ]
        })
        .collect();
    let head = printer.say(
        ["登录名", "名称", "单位", "角色", "状态", "上次登录"],
        ["Login", "Name", "Unit", "Roles", "State", "Last login"],
    );
    printer.result(table(&head, &rows));
    Ok(())
}

/// A password from standard input, without the end of its line.
fn typed() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(MOST)
        .read_to_string(&mut text)
        .map_err(Failure::cannot)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
