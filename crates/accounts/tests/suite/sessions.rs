//! Sessions and tokens: what is kept, how long they last, who may end them.

use std::collections::BTreeSet;

use qipan_accounts::{Error, NewToken, Setting, Via};
use qipan_model::{Action, Scope};

use crate::fixture::{Fixture, PASSWORD, by};

#[tokio::test]
async fn only_the_digest_of_a_secret_is_kept() {
    let f = Fixture::new().await;
    let secret = f.log_in(PASSWORD).await.unwrap();
    assert_eq!(secret.len(), 64);
    assert_ne!(secret, f.log_in(PASSWORD).await.unwrap());
    let mut look = f.store.look().await.unwrap();
    let rows = look.rows("SELECT token FROM session", &[]).await.unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let token = row.bytes(0).unwrap();
        assert_eq!(token.len(), 32);
        let hex: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_ne!(hex, secret);
    }
    for wrong in ["", "x", &"0".repeat(64), &secret[..63]] {
        assert!(f.accounts.by_session(wrong).await.unwrap().is_none());
        assert!(f.accounts.by_token(wrong).await.unwrap().is_none());
    }
    assert!(f.accounts.by_token(&secret).await.unwrap().is_none());
}

#[tokio::test]
async fn access_is_that_of_the_account() {
    let f = Fixture::new().await;
    let secret = f.log_in(PASSWORD).await.unwrap();
    let identity = f.accounts.by_session(&secret).await.unwrap().unwrap();
    let day = jiff::civil::date(2021, 8, 1);
    let access = identity.access(&f.pack, day);
    assert!(access.may(Action::Write) && !access.may(Action::Journal));
    assert!(matches!(
        access.scope(Action::Read, "project"),
        Scope::Links { .. }
    ));
}

#[tokio::test]
async fn idle_and_absolute_limits_hold_across_processes() {
    let f = Fixture::new().await;
    let secret = f.log_in(PASSWORD).await.unwrap();
    let elsewhere = f.elsewhere().await;
    f.clock.on(29 * 60);
    assert!(f.accounts.by_session(&secret).await.unwrap().is_some());
    // The use is noted beside the request.
    for _ in 0..200 {
        let sessions = elsewhere.sessions(f.id().await).await.unwrap();
        if sessions[0].seen > sessions[0].created {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    f.clock.on(29 * 60);
    let there = elsewhere.by_session(&secret).await.unwrap();
    assert!(there.is_some(), "used here, it goes on there");
    let by = by("system");
    f.accounts
        .set_policy(&[(Setting::IdleMinutes, 5)], &by)
        .await
        .unwrap();
    f.clock.on(5 * 60);
    assert!(f.accounts.by_session(&secret).await.unwrap().is_none());
}

#[tokio::test]
async fn what_another_process_ends_is_over_within_seconds() {
    let f = Fixture::new().await;
    let secret = f.log_in(PASSWORD).await.unwrap();
    assert!(f.accounts.by_session(&secret).await.unwrap().is_some());
    let elsewhere = f.elsewhere().await;
    let amendment = qipan_accounts::Amendment {
        disabled: Some(true),
        ..Default::default()
    };
    elsewhere
        .amend(&f.pack, "clerk", &amendment, &by("命令行"))
        .await
        .unwrap();
    f.clock.on(2);
    assert!(f.accounts.by_session(&secret).await.unwrap().is_none());
}

#[tokio::test]
async fn long_ended_sessions_are_forgotten() {
    let f = Fixture::new().await;
    f.log_in(PASSWORD).await.unwrap();
    f.clock.on(31 * 86_400);
    f.log_in(PASSWORD).await.unwrap();
    let mut look = f.store.look().await.unwrap();
    let rows = look.rows("SELECT id FROM session", &[]).await.unwrap();
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn a_programs_token_outlives_an_old_password_but_not_its_account() {
    let f = Fixture::new().await;
    let id = f.id().await;
    let may = BTreeSet::from([Action::Read, Action::Export]);
    let make = async |machine, actions| {
        let new = NewToken {
            name: "取数".to_owned(),
            actions,
            machine,
            days: 365,
        };
        f.accounts.make_token(id, &may, &new, &by("clerk")).await
    };
    let read = || Some(BTreeSet::from([Action::Read]));
    let (_, program) = make(true, read()).await.unwrap();
    let (_, person) = make(false, read()).await.unwrap();
    assert!(matches!(make(true, None).await, Err(Error::Token(..))));
    assert!(matches!(
        make(false, Some(BTreeSet::from([Action::Write]))).await,
        Err(Error::Token(..))
    ));
    f.clock.on(91 * 86_400);
    let of_program = f.accounts.by_token(&program).await.unwrap().unwrap();
    let of_person = f.accounts.by_token(&person).await.unwrap().unwrap();
    assert!(!of_program.must_change && of_person.must_change);
    assert!(matches!(of_program.via, Via::Token(_)));
    let listed = f.accounts.tokens(id).await.unwrap();
    assert_eq!(listed.len(), 2);
    let other = f
        .accounts
        .revoke_token(id + 1, listed[0].id, &by("x"))
        .await;
    assert!(matches!(other, Err(Error::NoSuch)), "nobody else's");
    f.clock.on(275 * 86_400);
    assert!(
        f.accounts.by_token(&program).await.unwrap().is_none(),
        "it ends by itself"
    );
}

#[tokio::test]
async fn a_sign_on_finds_its_account_once_and_keeps_it() {
    let f = Fixture::new().await;
    let enter = async |subject: &str, login: &str| {
        f.accounts
            .log_in_by_identity("https://sso", subject, login, "10.0.0.1", "-")
            .await
    };
    assert!(matches!(
        enter("s-1", "nobody").await,
        Err(Error::NotHere(_))
    ));
    let opened = enter("s-1", "clerk").await.unwrap();
    assert!(
        f.accounts
            .by_session(&opened.secret)
            .await
            .unwrap()
            .is_some()
    );
    // The name may change there; whoever takes it over does not come in as somebody else.
    assert_eq!(
        enter("s-1", "renamed").await.unwrap().account.login,
        "clerk"
    );
    assert!(matches!(
        enter("s-2", "clerk").await,
        Err(Error::NotHere(_))
    ));
    let bound = f.told("account").await;
    assert_eq!(bound.last().unwrap().payload["event"]["subject"], "s-1");
    assert_eq!(f.told("login").await[0].payload["event"]["method"], "oidc");
    // No password is asked of somebody who comes in without one.
    f.clock.on(91 * 86_400);
    let opened = enter("s-1", "clerk").await.unwrap();
    let identity = f
        .accounts
        .by_session(&opened.secret)
        .await
        .unwrap()
        .unwrap();
    assert!(!identity.must_change);
}
