//! Keeping accounts.

use qipan_accounts::{Amendment, Error, NewAccount};
use qipan_model::AccountProblem;

use crate::fixture::{Fixture, by, clerk};

#[tokio::test]
async fn a_made_password_fits_the_rules_and_is_for_once() {
    let f = Fixture::new().await;
    let mut seen = std::collections::BTreeSet::new();
    for nth in 0..20 {
        let new = clerk(&format!("clerk-{nth}"));
        let (account, password) = f
            .accounts
            .create(&f.pack, &new, None, &by("security"))
            .await
            .unwrap();
        assert!(account.must_change);
        assert_eq!(password.chars().count(), 14);
        assert!(
            !password.contains(['0', 'O', 'o', '1', 'l', 'I']),
            "{password}"
        );
        assert!(seen.insert(password));
    }
    assert_eq!(f.accounts.list().await.unwrap().len(), 21);
}

#[tokio::test]
async fn what_the_pack_does_not_allow_is_refused() {
    let f = Fixture::new().await;
    let make = async |new: NewAccount| {
        let made = f
            .accounts
            .create(&f.pack, &new, None, &by("security"))
            .await;
        made.unwrap_err()
    };
    let both = NewAccount {
        roles: vec!["security".to_owned(), "system".to_owned()],
        ..clerk("both")
    };
    assert!(matches!(
        make(both).await,
        Error::Roles(AccountProblem::Office { .. })
    ));
    assert!(matches!(make(clerk("clerk")).await, Error::Taken(_)));
    assert!(matches!(make(clerk("Clerk")).await, Error::Login(_)));
    // The same when an account is changed: nothing of it is kept.
    let amendment = Amendment {
        name: Some("王".to_owned()),
        roles: Some(vec!["auditor".to_owned(), "clerk".to_owned()]),
        ..Amendment::default()
    };
    let refused = f
        .accounts
        .amend(&f.pack, "clerk", &amendment, &by("security"))
        .await;
    assert!(matches!(refused, Err(Error::Roles(_))));
    assert_eq!(f.accounts.find("clerk").await.unwrap().name, "李明");
    assert_eq!(f.told("account").await.len(), 1);
}

#[tokio::test]
async fn the_journal_says_what_changed() {
    let f = Fixture::new().await;
    let amendment = Amendment {
        unit: Some(Some("wanzhou".to_owned())),
        roles: Some(vec![
            "reviewer".to_owned(),
            "clerk".to_owned(),
            "clerk".to_owned(),
        ]),
        ..Amendment::default()
    };
    let amend = async || {
        f.accounts
            .amend(&f.pack, "clerk", &amendment, &by("security"))
            .await
            .unwrap()
    };
    let after = amend().await;
    assert_eq!(after.roles, ["clerk", "reviewer"]);
    assert_eq!(f.accounts.find("clerk").await.unwrap(), after);
    amend().await;
    let told = f.told("account").await;
    assert_eq!(told.len(), 2, "the same again is no change");
    let event = &told[1].payload["event"];
    assert_eq!(event["before"]["unit"], "kaizhou");
    assert_eq!(event["after"]["unit"], "wanzhou");
    assert_eq!(told[1].payload["origin"], "10.0.0.9");
}
