//! `qipan user`: the first account on a fresh data folder, and the demo's.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::home::{Database, Home, items};

both!(
    the_first_account_is_made_at_the_command_line,
    accounts_are_locked_listed_and_given_passwords,
    the_demo_makes_an_account_of_each_role,
);

fn accounts(home: &Home) -> Vec<Value> {
    items(&home.json(&["user", "list", "--json"])).to_vec()
}

fn the_first_account_is_made_at_the_command_line(database: Database) {
    let home = Home::with_pack(database);
    let before = home.verified().0;
    let run = home.good(&[
        "user", "add", "wang", "--name", "王安", "--role", "security",
    ]);
    let password = run.out.trim();
    assert_eq!(password.len(), 14, "{}", run.out);
    assert!(run.err.contains("首次登录须改密码"), "{}", run.err);
    let made = accounts(&home);
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["roles"], serde_json::json!(["security"]));
    assert_eq!(made[0]["must_change"], true);
    assert_eq!(home.verified().0, before + 1, "it is in the journal");
    // Units and roles by the names that people know.
    home.good(&[
        "user",
        "add",
        "li",
        "--name",
        "李明",
        "--role",
        "填报人",
        "--unit",
        "开州区",
    ]);
    let made = accounts(&home);
    let clerk = made.iter().find(|one| one["login"] == "li").unwrap();
    assert_eq!(
        (&clerk["unit"], &clerk["roles"][0]),
        (&"kaizhou".into(), &"clerk".into())
    );
    for (args, word) in [
        (
            vec!["li", "--name", "又", "--role", "leader", "--unit", "开州区"],
            "已经有了",
        ),
        (
            vec![
                "zz", "--name", "某", "--role", "auditor", "--role", "system",
            ],
            "三员",
        ),
        (vec!["zz", "--name", "某", "--role", "king"], "king"),
        (vec!["zz", "--name", "某", "--role", "clerk"], "单位"),
        (vec!["ZZ", "--name", "某", "--role", "system"], "登录名"),
    ] {
        let args = [vec!["user", "add"], args].concat();
        let run = home.run(&args).ends(2);
        assert!(run.err.contains(word), "{}", run.err);
    }
    assert_eq!(accounts(&home).len(), 2);
}

fn accounts_are_locked_listed_and_given_passwords(database: Database) {
    let home = Home::with_pack(database);
    let typed = |args: &[&str], text: &str| {
        let mut child = home
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let add = [
        "user", "add", "sys", "--name", "系统", "--role", "system", "--stdin",
    ];
    let (status, out, err) = typed(&add, "short\n");
    assert_eq!((status, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("至少 10 个字符"), "{err}");
    let (status, out, err) = typed(&add, "Xietong-2021\n");
    assert_eq!((status, out.as_str()), (0, ""), "nothing to print: {err}");
    let (status, _, err) = typed(&["user", "passwd", "sys", "--stdin"], "Xietong-2021\n");
    assert_eq!(status, 2, "the same again");
    assert!(err.contains("最近 5 次"), "{err}");
    let made = home.good(&["user", "passwd", "sys"]).out;
    assert_eq!(made.trim().len(), 14);
    home.good(&["user", "lock", "sys"]);
    assert_eq!(accounts(&home)[0]["disabled"], true);
    let table = home.good(&["user", "list"]).out;
    assert!(table.contains("sys") && table.contains("停用"), "{table}");
    home.good(&["user", "unlock", "sys"]);
    assert_eq!(accounts(&home)[0]["disabled"], false);
    home.run(&["user", "lock", "nobody"]).ends(2);
    // Nothing of a password is anywhere in the journal.
    home.verified();
}

fn the_demo_makes_an_account_of_each_role(database: Database) {
    let home = Home::demo(database);
    let made = accounts(&home);
    assert_eq!(made.len(), 9);
    assert!(made.iter().all(|one| one["must_change"] == false));
    let again = home.good(&["demo", "--no-serve"]);
    assert!(again.out.contains("仅供演示"), "{}", again.out);
    assert!(again.out.contains("kaizhou-clerk") && again.out.contains("已有，不变"));
    let changed = home.good(&["user", "passwd", "auditor"]).out;
    assert!(
        !home
            .good(&["demo", "--no-serve"])
            .out
            .contains(changed.trim())
    );
    assert_eq!(accounts(&home).len(), 9);
}
