//! Failed logins: the pause grows, is the same for known and unknown logins, and is in the
//! database, not in the memory of one process.

use qipan_accounts::{Error, Setting};

use crate::fixture::{Fixture, PASSWORD, by};

/// Minutes of the pause that a failure brings, 0 for none.
async fn fail(f: &Fixture, login: &str) -> i64 {
    match f
        .accounts
        .log_in(login, "wrong-2021-X", "10.0.0.1", "-")
        .await
    {
        Err(Error::Wrong) => 0,
        Err(Error::Locked { seconds }) => seconds / 60,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn pauses_grow_and_end_with_the_right_password() {
    for login in ["clerk", "nobody"] {
        let f = Fixture::new().await;
        let mut pauses = Vec::new();
        for _ in 0..10 {
            let pause = fail(&f, login).await;
            pauses.push(pause);
            f.clock.on(pause * 60 + 1);
        }
        assert_eq!(pauses, [0, 0, 0, 0, 5, 10, 20, 40, 60, 60], "{login}");
    }
    let f = Fixture::new().await;
    for _ in 0..5 {
        fail(&f, "clerk").await;
    }
    f.clock.on(301);
    f.log_in(PASSWORD).await.unwrap();
    assert_eq!(fail(&f, "clerk").await, 0, "it begins anew");
}

#[tokio::test]
async fn while_paused_nothing_is_looked_at() {
    let f = Fixture::new().await;
    for _ in 0..5 {
        fail(&f, "clerk").await;
    }
    f.clock.on(100);
    assert!(matches!(
        f.log_in(PASSWORD).await,
        Err(Error::Locked { seconds: 201 })
    ));
    // Neither another process nor a clerk in a hurry makes the pause longer or shorter.
    let elsewhere = f.elsewhere().await;
    let refused = elsewhere.log_in("clerk", PASSWORD, "-", "-").await;
    assert!(matches!(refused, Err(Error::Locked { seconds: 201 })));
    assert!(
        f.accounts
            .find("clerk")
            .await
            .unwrap()
            .locked_until
            .is_some()
    );
    f.accounts.unlock("clerk", &by("security")).await.unwrap();
    f.log_in(PASSWORD).await.unwrap();
}

#[tokio::test]
async fn old_failures_are_forgotten() {
    let f = Fixture::new().await;
    for _ in 0..4 {
        fail(&f, "clerk").await;
    }
    f.clock.on(86_400);
    for _ in 0..4 {
        assert_eq!(fail(&f, "clerk").await, 0);
    }
}

#[tokio::test]
async fn the_present_password_cannot_be_guessed_from_within() {
    let f = Fixture::new().await;
    let id = f.id().await;
    let by = by("clerk");
    let guess = async || {
        f.accounts
            .change_password(id, None, "guess-2021-X", "Wuling-2021-x", &by)
            .await
            .unwrap_err()
    };
    for _ in 0..4 {
        assert!(matches!(guess().await, Error::OldPassword));
    }
    assert!(matches!(guess().await, Error::Locked { .. }));
}

#[tokio::test]
async fn the_journal_is_told_and_not_filled() {
    let f = Fixture::new().await;
    f.accounts
        .set_policy(&[(Setting::LockAfter, 20)], &by("system"))
        .await
        .unwrap();
    for _ in 0..10 {
        fail(&f, "clerk").await;
        fail(&f, "nobody").await;
    }
    f.clock.on(61);
    fail(&f, "clerk").await;
    let told = f.told("login-failed").await;
    assert_eq!(told.len(), 3);
    assert_eq!(told[0].actor, "clerk");
    assert_eq!(told[0].payload["origin"], "10.0.0.1");
    assert_eq!(told[1].actor, "未知账号", "what people type is not told");
    assert_eq!(told[2].payload["event"]["left_out"], 9);
    for nth in 0..100 {
        fail(&f, &format!("clerk-{nth}")).await;
    }
    assert!(f.told("login-failed").await.len() < 40);
    for nth in 12..=20 {
        assert_eq!(fail(&f, "clerk").await > 0, nth == 20);
    }
    let paused = f.told("login-paused").await;
    assert_eq!((paused.len(), paused[0].actor.as_str()), (1, "clerk"));
    assert!(f.store.verify().await.unwrap().ok);
}
