//! Rollups are exact at once after a write, whatever was revised or withdrawn.

use qipan_model::{Confirmation, Type, Value};
use qipan_store::{Kept, Store};
use sea_query::{Alias, Expr, ExprTrait, Query};

use crate::both;
use crate::fixture::{Fixture, project};

/// All rollup rows that say anything, as text, in order.
pub async fn rollups(store: &Store) -> Vec<String> {
    let mut reader = store.reader().await.unwrap();
    let mut lines = Vec::new();
    let tables: [(Kept, &[&str], &[&str]); 4] = [
        (
            Kept::Amounts,
            &["indicator", "recipient", "supporter"],
            &[
                "source",
                "month",
                "done_month",
                "n",
                "sum",
                "n_open",
                "sum_open",
            ],
        ),
        (
            Kept::Keys,
            &["indicator", "key", "recipient", "supporter"],
            &["source", "month", "done_month", "n", "n_open"],
        ),
        (
            Kept::Distinct,
            &["indicator", "cut", "recipient", "supporter"],
            &["month", "n", "n_with_open"],
        ),
        (
            Kept::Presence,
            &["register", "recipient", "supporter"],
            &["month", "n", "n_open"],
        ),
    ];
    for (kept, texts, numbers) in tables {
        let mut query = Query::select();
        for column in texts.iter().chain(numbers) {
            query.column(Alias::new(*column));
            query.order_by(Alias::new(*column), sea_query::Order::Asc);
        }
        let open = if numbers.contains(&"n_open") {
            "n_open"
        } else {
            "n_with_open"
        };
        query.and_where(
            Expr::col(Alias::new("n"))
                .ne(0)
                .or(Expr::col(Alias::new(open)).ne(0)),
        );
        let types: Vec<Type> = texts
            .iter()
            .map(|_| Type::Text)
            .chain(numbers.iter().map(|_| Type::Int))
            .collect();
        let query = reader.of_kept(kept, query);
        for row in reader.select(&query, &types).await.unwrap() {
            let words: Vec<String> = row
                .iter()
                .map(|value| match value {
                    Value::Text(text) => text.clone(),
                    Value::Int(number) => number.to_string(),
                    other => format!("{other:?}"),
                })
                .collect();
            lines.push(format!("{} {}", kept.table(), words.join(" ")));
        }
    }
    lines
}

async fn of(f: &Fixture, indicator: &str) -> Vec<String> {
    let lines = rollups(&f.store).await;
    let wanted = format!(" {indicator} ");
    lines
        .into_iter()
        .filter(|line| line.contains(&wanted))
        .map(|line| line.replacen(&wanted, " ", 1))
        .collect()
}

both!(
    counts_and_sums_follow_revisions,
    open_and_confirmed_stand_apart,
    stocks_end_in_the_month_of_their_end,
    keys_are_counted_by_pair_and_month,
    distinct_keys_are_counted_by_month,
    rows_without_their_days_do_not_count,
    presence_knows_rows_without_a_day,
);

async fn counts_and_sums_follow_revisions(f: Fixture) {
    f.write(vec![project("P-1").row(), project("P-2").row()])
        .await;
    // recipient supporter source month done_month n sum n_open sum_open
    assert_eq!(
        of(&f, "N-ISSUED").await,
        ["rollup r1 s1 0 202103 0 2 0 0 0"]
    );
    assert_eq!(
        of(&f, "V-FUND").await,
        ["rollup r1 s1 0 202103 0 2 20100 0 0"]
    );
    let mut moved = project("P-2");
    (moved.issued, moved.fund) = ("2021-04-01", "0.01");
    f.write(vec![moved.row()]).await;
    assert_eq!(
        of(&f, "V-FUND").await,
        [
            "rollup r1 s1 0 202103 0 1 10050 0 0",
            "rollup r1 s1 0 202104 0 1 1 0 0"
        ]
    );
    f.retract("P-1").await;
    assert_eq!(of(&f, "V-FUND").await, ["rollup r1 s1 0 202104 0 1 1 0 0"]);
    let mut early = project("P-2");
    early.status = "前期";
    f.write(vec![early.row()]).await;
    assert!(of(&f, "V-FUND").await.is_empty(), "the filter takes it out");
}

async fn open_and_confirmed_stand_apart(f: Fixture) {
    let mut open = project("P-1");
    open.state = Confirmation::Contested;
    f.write(vec![open.row()]).await;
    assert_eq!(
        of(&f, "V-FUND").await,
        ["rollup r1 s1 0 202103 0 0 0 1 10050"]
    );
    let mut settled = project("P-1");
    settled.state = Confirmation::Arbitrated;
    f.write(vec![settled.row()]).await;
    assert_eq!(
        of(&f, "V-FUND").await,
        ["rollup r1 s1 0 202103 0 1 10050 0 0"]
    );
}

async fn stocks_end_in_the_month_of_their_end(f: Fixture) {
    let mut ended = project("P-1");
    ended.ended = "2021-05-31";
    let mut same = project("P-2");
    same.ended = "2021-03-31";
    let mut never = project("P-3");
    never.ended = "2020-12-31";
    f.write(vec![ended.row(), same.row(), never.row()]).await;
    assert_eq!(
        of(&f, "N-STANDING").await,
        [
            "rollup r1 s1 0 202103 0 1 0 0 0",
            "rollup r1 s1 0 202105 0 -1 0 0 0"
        ]
    );
    assert_eq!(
        of(&f, "N-ISSUED").await,
        ["rollup r1 s1 0 202103 0 3 0 0 0"],
        "no stock, no end"
    );
}

async fn keys_are_counted_by_pair_and_month(f: Fixture) {
    let with_owner = |code: &str, owner| {
        let mut row = project(code);
        row.owner = owner;
        row.row()
    };
    f.write(vec![
        with_owner("P-1", "张三"),
        with_owner("P-2", "张三"),
        with_owner("P-3", "李四"),
    ])
    .await;
    let mut keys = of(&f, "N-OWNERS").await;
    keys.retain(|line| line.starts_with("rollup_key"));
    assert_eq!(
        keys,
        [
            "rollup_key 张三 r1 s1 0 202103 0 2 0",
            "rollup_key 李四 r1 s1 0 202103 0 1 0"
        ]
    );
}

async fn distinct_keys_are_counted_by_month(f: Fixture) {
    let with_owner = |code: &str, owner, issued, ended| {
        let mut row = project(code);
        (row.owner, row.issued, row.ended) = (owner, issued, ended);
        row.row()
    };
    let steps = |lines: Vec<String>| -> Vec<String> {
        let whole = "rollup_distinct whole ";
        lines
            .into_iter()
            .filter_map(|line| line.strip_prefix(whole).map(str::to_owned))
            .collect()
    };
    f.write(vec![
        with_owner("P-1", "张三", "2021-03-05", "2021-05-31"),
        with_owner("P-2", "张三", "2021-04-05", "2021-08-31"),
        with_owner("P-3", "李四", "2021-03-05", ""),
    ])
    .await;
    assert_eq!(
        steps(of(&f, "N-OWNERS-STANDING").await),
        ["  202103 2 2", "  202108 -1 -1"]
    );
    // 张三's second project never was: he goes with the first.
    f.write(vec![with_owner("P-2", "李四", "2021-04-05", "2021-08-31")])
        .await;
    assert_eq!(
        steps(of(&f, "N-OWNERS-STANDING").await),
        ["  202103 2 2", "  202105 -1 -1"]
    );
    assert!(f.store.verify().await.unwrap().ok);
}

async fn rows_without_their_days_do_not_count(f: Fixture) {
    let mut started = project("P-1");
    started.started = "2021-07-01";
    let mut undated = project("P-2");
    undated.issued = "";
    f.write(vec![started.row(), project("P-3").row(), undated.row()])
        .await;
    assert_eq!(
        of(&f, "N-STARTED").await,
        ["rollup r1 s1 0 202103 202107 1 0 0 0"]
    );
    assert_eq!(
        of(&f, "N-ISSUED").await,
        ["rollup r1 s1 0 202103 0 2 0 0 0"]
    );
}

async fn presence_knows_rows_without_a_day(f: Fixture) {
    let mut undated = project("P-1");
    (undated.issued, undated.supporter) = ("", "");
    f.write(vec![undated.row(), project("P-2").row()]).await;
    assert_eq!(
        of(&f, "project").await,
        ["presence r1  0 1 0", "presence r1 s1 202103 1 0"]
    );
}
