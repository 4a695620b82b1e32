//! A store with the Chongqing pack and one clerk; a clock and randomness of our own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use qipan_accounts::{Accounts, By, Cost, NewAccount, Random};
use qipan_model::Pack;
use qipan_pack::Source;
use qipan_store::{Change, Clock, Entry, Store};

/// The clerk's first password.
pub const PASSWORD: &str = "Xietong-2021";

/// A clock that stands until it is told to go on.
pub struct Hands(AtomicI64);

impl Hands {
    pub fn on(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// Random enough for a test: never the same twice.
struct Counting(AtomicI64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        for chunk in bytes.chunks_mut(8) {
            let nth = self.0.fetch_add(1, Ordering::Relaxed).unsigned_abs();
            let mut mixed = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed ^= mixed >> 27;
            chunk.copy_from_slice(&mixed.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub struct Fixture {
    pub accounts: Accounts,
    pub store: Store,
    pub clock: Arc<Hands>,
    pub pack: Pack,
    dir: tempfile::TempDir,
}

pub fn by(actor: &str) -> By {
    By {
        actor: actor.to_owned(),
        origin: "10.0.0.9".to_owned(),
    }
}

pub fn clerk(login: &str) -> NewAccount {
    NewAccount {
        login: login.to_owned(),
        name: "李明".to_owned(),
        unit: Some("kaizhou".to_owned()),
        roles: vec!["clerk".to_owned()],
        ..NewAccount::default()
    }
}

impl Fixture {
    /// With an account `clerk` whose password may stay.
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hands(AtomicI64::new(1_627_776_000)));
        let store = Store::open(None, dir.path(), clock.clone()).await.unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/chongqing");
        let source = Source::read_dir(&folder).unwrap();
        let checked = qipan_pack::check(&source);
        let pack = checked.pack.unwrap();
        let change = Change {
            actor: "命令行".to_owned(),
            action: "pack".to_owned(),
            ..Change::default()
        };
        store
            .apply_pack(&source, &pack, &checked.renames, change)
            .await
            .unwrap();
        let accounts = over(&store, &clock, Cost::of_tests());
        accounts
            .create_for_show(&pack, &clerk("clerk"), PASSWORD, &by("命令行"))
            .await
            .unwrap();
        Self {
            accounts,
            store,
            clock,
            pack,
            dir,
        }
    }

    /// The same accounts, as a server with another cost of passwords sees them.
    pub fn at_cost(&self, cost: Cost) -> Accounts {
        over(&self.store, &self.clock, cost)
    }

    /// The same accounts, as another process sees them.
    pub async fn elsewhere(&self) -> Accounts {
        let store = Store::open(None, self.dir.path(), self.clock.clone())
            .await
            .unwrap();
        over(&store, &self.clock, Cost::of_tests())
    }

    pub async fn log_in(&self, password: &str) -> Result<String, qipan_accounts::Error> {
        let opened = self.accounts.log_in("clerk", password, "10.0.0.1", "tests");
        opened.await.map(|opened| opened.secret)
    }

    pub async fn id(&self) -> i64 {
        self.accounts.find("clerk").await.unwrap().id
    }

    /// Entries of the journal with an action.
    pub async fn told(&self, action: &str) -> Vec<Entry> {
        let mut reader = self.store.reader().await.unwrap();
        let mut entries = reader.journal(1, i64::MAX).await.unwrap();
        entries.retain(|entry| entry.action == action);
        entries
    }
}

fn over(store: &Store, clock: &Arc<Hands>, cost: Cost) -> Accounts {
    static SEED: AtomicI64 = AtomicI64::new(1);
    let random = Counting(AtomicI64::new(SEED.fetch_add(1 << 32, Ordering::Relaxed)));
    Accounts::new(store.clone(), clock.clone(), Arc::new(random), cost)
}
