//! The demo's accounts: one for each role, with passwords that anybody may know.

use std::collections::BTreeSet;

use qipan_accounts::NewAccount;
use qipan_model::Pack;

use crate::failure::Failure;
use crate::printer::table;
use crate::session::Session;

/// A demo account: login, name, role, unit, registers.
type Person = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static [&'static str],
);

const PEOPLE: [Person; 9] = [
    ("kaizhou-clerk", "开州区填报", "clerk", Some("kaizhou"), &[]),
    (
        "jiangjin-clerk",
        "江津区填报",
        "clerk",
        Some("jiangjin"),
        &[],
    ),
    (
        "kaizhou-reviewer",
        "开州区审核",
        "reviewer",
        Some("kaizhou"),
        &[],
    ),
    (
        "jiangjin-leader",
        "江津区签批",
        "leader",
        Some("jiangjin"),
        &[],
    ),
    ("coordinator", "市级统筹", "coordinator", None, &[]),
    (
        "commerce",
        "市商务部门",
        "department",
        None,
        &["consumption", "marketing"],
    ),
    ("auditor", "审计员", "auditor", None, &[]),
    ("security", "安全管理员", "security", None, &[]),
    ("system", "系统管理员", "system", None, &[]),
];

/// Makes the accounts that are not there yet, and prints all of them.
pub async fn make(session: &Session, pack: &Pack) -> Result<(), Failure> {
    let accounts = session.accounts();
    let there: BTreeSet<String> = accounts
        .list()
        .await?
        .into_iter()
        .map(|account| account.login)
        .collect();
    let mut rows = Vec::new();
    for (nth, (login, name, role, unit, registers)) in PEOPLE.into_iter().enumerate() {
        let new = NewAccount {
            login: login.to_owned(),
            name: name.to_owned(),
            unit: unit.map(str::to_owned),
            roles: vec![role.to_owned()],
            registers: registers
                .iter()
                .map(ToString::to_string)
                .collect::<BTreeSet<_>>(),
        };
        // Fit for the rules, and plainly nobody's secret.
        let password = format!("Yanshi-{}", 2021 + nth);
        // A second run keeps what the first one made, whatever has become of its password.
        let shown = if there.contains(login) {
            let kept = session.printer.say("（已有，不变）", "(kept as it is)");
            kept.to_owned()
        } else {
            accounts
                .create_for_show(pack, &new, &password, &session.by())
                .await?;
            password
        };
        let role = pack.role(role).map_or(role.to_owned(), |role| {
            session
                .printer
                .say(role.name.clone(), role.english().to_owned())
        });
        rows.push(vec![login.to_owned(), shown, role, name.to_owned()]);
    }
    let head = session.printer.say(
        ["登录名", "密码", "角色", "名称"],
        ["Login", "Password", "Role", "Name"],
    );
    session.printer.result(table(&head, &rows));
    session.printer.result(session.printer.say(
        "以上账号仅供演示：密码公开，不得用于真实数据",
        "these accounts are for demonstration only: their passwords are public, never use them with real data",
    ));
    Ok(())
}
