//! Pages of a register.

use std::sync::Arc;
use std::time::Duration;

use qipan_model::{Expr, Type};
use qipan_store::{ListQuery, Order, Store};

use super::{Bench, FEW, FIXED, MANY};
use crate::generate::TODAY;
use crate::report::Aim;
use crate::{Failure, raw, sample};

impl Bench<'_> {
    /// Pages of the sales register: filtered, sorted, with their total.
    pub async fn lists(&mut self, store: &Store) -> Result<(), Failure> {
        let pack = Arc::clone(self.pack());
        let register = pack.register("consumption").ok_or("consumption")?;
        let compile = |text: &str| {
            Expr::compile(text, register, Some(Type::Bool)).map_err(|_| format!("filter {text}"))
        };
        let (dated, chosen) = (
            compile("deal_date >= date('2021-06-01') && deal_date <= date('2021-06-30')")?,
            compile("channel == '832平台' && amount > 50000")?,
        );
        let newest = Order {
            field: register.date,
            descending: true,
        };
        let plain = ListQuery {
            order: newest,
            today: Some(TODAY),
            ..ListQuery::default()
        };
        let cases = [
            ("list page, by day", plain.clone(), "", true),
            (
                "list page of one recipient, by day",
                ListQuery {
                    recipient: Some("kaizhou"),
                    ..plain.clone()
                },
                " AND recipient = 'kaizhou'",
                true,
            ),
            (
                "list page of one link, by day",
                ListQuery {
                    recipient: Some("kaizhou"),
                    supporter: Some("dazu"),
                    ..plain.clone()
                },
                " AND recipient = 'kaizhou' AND supporter = 'dazu'",
                true,
            ),
            (
                "list page of one recipient and one month, by day",
                ListQuery {
                    recipient: Some("kaizhou"),
                    filter: Some(&dated),
                    ..plain.clone()
                },
                " AND recipient = 'kaizhou' AND deal_date BETWEEN '2021-06-01' AND '2021-06-30'",
                true,
            ),
            (
                "list page by an expression that no index serves",
                ListQuery {
                    filter: Some(&chosen),
                    ..plain.clone()
                },
                " AND channel = '832平台' AND amount > 5000000",
                false,
            ),
        ];
        let bare = self.bare().await?;
        let most = Duration::from_millis(2);
        for (what, query, condition, aimed) in cases {
            let ours = sample!(MANY, {
                let page = store.reader().await?.list(register, &query).await?;
                if page.records.is_empty() {
                    return Err(format!("{what}: nothing found").into());
                }
            });
            let stands = format!("_to = {} AND _gone = 0{condition}", i64::MAX);
            let select = format!(
                "SELECT * FROM consumption WHERE {stands} ORDER BY deal_date DESC, _rid DESC LIMIT 50"
            );
            let count = format!("SELECT count(*) FROM consumption WHERE {stands}");
            let raw = sample!(if self.size > FIXED { FEW } else { MANY }, {
                raw::run(&bare, &select).await?;
                raw::run(&bare, &count).await?;
            });
            let aim = if aimed { Aim::Below(most) } else { Aim::None };
            self.report.time(what, self.size, 0, &ours, Some(&raw), aim);
        }
        // A page deep down costs what the first one costs.
        let mut reader = store.reader().await?;
        let mut mark: Option<String> = None;
        for _ in 0..9 {
            let query = ListQuery {
                limit: 1000,
                after: mark.as_deref(),
                ..plain.clone()
            };
            mark = reader.list(register, &query).await?.next;
        }
        let deep = ListQuery {
            after: mark.as_deref(),
            ..plain
        };
        let ours = sample!(MANY, {
            store.reader().await?.list(register, &deep).await?;
        });
        self.report.time(
            "list page behind 9 000 rows, by day",
            self.size,
            0,
            &ours,
            None,
            Aim::Below(most),
        );
        bare.close().await;
        Ok(())
    }
}
