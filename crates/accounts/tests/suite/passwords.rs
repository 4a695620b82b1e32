//! Passwords: what is kept of them, and which may come again.

use qipan_accounts::{Cost, Error, Setting, Weakness};

use crate::fixture::{Fixture, PASSWORD, by, clerk};

async fn kept(f: &Fixture) -> String {
    let mut look = f.store.look().await.unwrap();
    let sql = "SELECT password FROM account WHERE login = 'clerk'";
    look.row(sql, &[]).await.unwrap().unwrap().text(0).unwrap()
}

async fn change(f: &Fixture, old: &str, new: &str) -> Result<(), Error> {
    let id = f.id().await;
    f.accounts
        .change_password(id, None, old, new, &by("clerk"))
        .await
}

fn codes(result: Result<(), Error>) -> Vec<&'static str> {
    match result {
        Ok(()) => Vec::new(),
        Err(Error::Weak { found }) => found.iter().map(Weakness::code).collect(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn only_an_argon2id_hash_is_kept() {
    let f = Fixture::new().await;
    let hash = kept(&f).await;
    assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
    // The same password of somebody else has another hash.
    f.accounts
        .create_for_show(&f.pack, &clerk("other"), PASSWORD, &by("命令行"))
        .await
        .unwrap();
    let mut look = f.store.look().await.unwrap();
    let sql = "SELECT count(DISTINCT password) FROM account";
    let row = look.row(sql, &[]).await.unwrap().unwrap();
    assert_eq!(row.int(0).unwrap(), 2);
}

#[tokio::test]
async fn a_hash_of_an_older_cost_is_computed_anew_at_login() {
    let f = Fixture::new().await;
    let dearer = Cost {
        memory: 16,
        ..Cost::of_tests()
    };
    let accounts = f.at_cost(dearer);
    let before = kept(&f).await;
    assert!(accounts.log_in("clerk", "wrong", "-", "-").await.is_err());
    assert_eq!(kept(&f).await, before, "not for a wrong password");
    accounts.log_in("clerk", PASSWORD, "-", "-").await.unwrap();
    let after = kept(&f).await;
    assert!(after.starts_with("$argon2id$v=19$m=16,t=1,p=1$"), "{after}");
    accounts.log_in("clerk", PASSWORD, "-", "-").await.unwrap();
    assert_eq!(kept(&f).await, after, "once is enough");
}

#[tokio::test]
async fn the_last_five_do_not_come_again() {
    let f = Fixture::new().await;
    let nth = |nth: usize| match nth {
        0 => PASSWORD.to_owned(),
        nth => format!("Xietong-202{nth}-x"),
    };
    assert_eq!(codes(change(&f, PASSWORD, PASSWORD).await), ["reused"]);
    for next in 1..=6 {
        f.clock.on(60);
        assert_eq!(codes(change(&f, &nth(next - 1), &nth(next)).await), [""; 0]);
    }
    // 6 stands, 1 to 5 are the last five, 0 may come again.
    for old in 1..=6 {
        let refused = codes(change(&f, &nth(6), &nth(old)).await);
        assert_eq!(refused, ["reused"], "{old}");
    }
    f.clock.on(60);
    assert_eq!(codes(change(&f, &nth(6), &nth(0)).await), [""; 0]);
    let mut look = f.store.look().await.unwrap();
    let sql = "SELECT count(*) FROM password_history";
    let row = look.row(sql, &[]).await.unwrap().unwrap();
    assert_eq!(row.int(0).unwrap(), 5, "no more is kept than is needed");
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions() {
    let f = Fixture::new().await;
    let (here, there) = (
        f.log_in(PASSWORD).await.unwrap(),
        f.log_in(PASSWORD).await.unwrap(),
    );
    let own = f.accounts.by_session(&here).await.unwrap().unwrap();
    let qipan_accounts::Via::Session(session) = own.via else {
        panic!("a session");
    };
    let by = by("clerk");
    f.accounts
        .change_password(
            own.account.id,
            Some(session),
            PASSWORD,
            "Wuling-2021-x",
            &by,
        )
        .await
        .unwrap();
    assert!(f.accounts.by_session(&here).await.unwrap().is_some());
    assert!(f.accounts.by_session(&there).await.unwrap().is_none());
    assert!(f.log_in(PASSWORD).await.is_err());
    assert_eq!(f.told("password").await[0].actor, "clerk");
}

#[tokio::test]
async fn the_numbers_can_be_set_within_bounds() {
    let f = Fixture::new().await;
    let by = by("system");
    let refused = f.accounts.set_policy(&[(Setting::MinLength, 3)], &by).await;
    assert!(matches!(refused, Err(Error::Setting { least: 8, .. })));
    f.accounts
        .set_policy(&[(Setting::MinLength, 16), (Setting::MaxAgeDays, 30)], &by)
        .await
        .unwrap();
    let weak = codes(change(&f, PASSWORD, "Wuling-2021-x").await);
    assert_eq!(weak, ["too-short"]);
    assert!(!f.accounts.find("clerk").await.unwrap().must_change);
    f.clock.on(30 * 86_400);
    assert!(f.accounts.find("clerk").await.unwrap().must_change);
    let told = f.told("setting").await;
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].payload["event"]["before"], 10);
}
