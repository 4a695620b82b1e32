//! The same on PostgreSQL.

use std::path::Path;

use qipan_figures::By;
use qipan_model::Period;
use qipan_store::{ListQuery, Order};

use super::figures::figures;
use super::mechanism::{Mechanism, found, import, write_csv};
use super::{FEW, MANY};
use crate::measure::Samples;
use crate::report::{Aim, Report};
use crate::{Failure, raw, sample};

/// The same on PostgreSQL, in a database of its own.
pub async fn measure(
    mechanism: &Mechanism,
    url: &str,
    folder: &Path,
    size: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let admin = sqlx::PgPool::connect(url).await?;
    let name = format!("qipan_bench_{size}");
    let own = |database: &str| match url.rsplit_once('/') {
        Some((server, _)) => format!("{server}/{database}"),
        None => url.to_owned(),
    };
    let pack = &mechanism.pack;
    let spec = found("consumption")?;
    let register = pack.register("consumption").ok_or("consumption")?;
    let file = write_csv(pack, spec, size, folder)?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..FEW {
        for database in [name.clone(), format!("{name}_raw")] {
            let again = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
            sqlx::raw_sql(sqlx::AssertSqlSafe(again))
                .execute(&admin)
                .await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {database}")))
                .execute(&admin)
                .await?;
        }
        let pool = sqlx::PgPool::connect(&own(&format!("{name}_raw"))).await?;
        bare.push(raw::insert_postgres(&pool, register, spec, size).await?);
        pool.close().await;
        let data = folder.join(format!("pg-{size}-{round}"));
        let store = mechanism.store(Some(&own(&name)), &data).await?;
        ours.push(import(&store, pack, spec, &file, size).await?);
        if round + 1 == FEW {
            let (ours, bare) = (
                Samples::of(std::mem::take(&mut ours)),
                Samples::of(std::mem::take(&mut bare)),
            );
            report.time(
                "PostgreSQL: CSV import, `consumption`",
                size,
                size,
                &ours,
                Some(&bare),
                Aim::None,
            );
            let newest = Order {
                field: register.date,
                descending: true,
            };
            let query = ListQuery {
                recipient: Some("kaizhou"),
                order: newest,
                ..ListQuery::default()
            };
            let page = sample!(MANY, {
                store.reader().await?.list(register, &query).await?;
            });
            report.time(
                "PostgreSQL: list page of one recipient, by day",
                size,
                0,
                &page,
                None,
                Aim::None,
            );
            let period: Period = "2021H1".parse()?;
            let grouped = sample!(MANY, {
                figures(&store, pack, period, By::Group, None).await?;
            });
            report.time(
                "PostgreSQL: 32 figures by group",
                size,
                0,
                &grouped,
                None,
                Aim::None,
            );
            if !store.verify().await?.ok {
                return Err("verify on PostgreSQL".into());
            }
        }
        store.close().await;
    }
    admin.close().await;
    Ok(())
}
