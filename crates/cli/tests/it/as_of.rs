//! As-of reads: what was known at a past moment is what is shown for it, for ever.

use crate::home::{Database, Home, column, items};

both!(figures_and_exports_stand_as_they_stood);

fn csv(fund: &str, more: &str) -> String {
    format!(
        "code,name,supporter,recipient,total_investment,fund,issued_date\n\
         A-1,示例一,江津区,开州区,3000000,{fund},2021-02-03\n\
         A-2,示例二,璧山区,梁平区,2000000.50,100000,2021-04-05\n{more}"
    )
}

fn figures_and_exports_stand_as_they_stood(database: Database) {
    let home = Home::with_pack(database);
    let at = |home: &Home| {
        let figures = home.json(&["figures", "--period", "2021H1", "--format", "json"]);
        items(&figures)[0]["as_of"].as_str().unwrap().to_owned()
    };
    let empty = at(&home);
    home.good(&["import", &home.write("first.csv", csv("500000", ""))]);
    let first = at(&home);
    let third = "A-3,示例三,大足区,忠县,900000,1,2021-05-06\n";
    home.good(&["import", &home.write("second.csv", csv("700000", third))]);
    let second = at(&home);
    assert!(empty < first && first < second, "{empty} {first} {second}");

    let figure = |id: &str, as_of: &str| {
        let found = home.figure(id, &["--period", "2021H1", "--as-of", as_of]);
        found.map(|value| value.normalize().to_string())
    };
    for (as_of, projects, total) in [
        (&empty, None, None),
        (&first, Some("2"), Some("5000000.5")),
        (&second, Some("3"), Some("5900000.5")),
    ] {
        assert_eq!(
            figure("PRJ-N-ISSUED", as_of).as_deref(),
            projects,
            "as of {as_of}"
        );
        assert_eq!(
            figure("PRJ-V-TOTAL", as_of).as_deref(),
            total,
            "as of {as_of}"
        );
    }
    // As of now, by the rows, is what the rollups say.
    let now = home.figure("PRJ-V-TOTAL", &["--period", "2021H1"]).unwrap();
    assert_eq!(now.normalize().to_string(), "5900000.5");

    let funds = |as_of: &str| {
        let csv = home.export("project", &["--as-of", as_of]);
        column(&csv, "fund")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert!(funds(&empty).is_empty());
    assert_eq!(funds(&first), ["500000.00", "100000.00"]);
    let mut newest = funds(&second);
    newest.sort();
    assert_eq!(newest, ["1.00", "100000.00", "700000.00"]);

    // The explanation of a past figure shows the revision that stood, from the file it came from.
    let past = [
        "explain",
        "PRJ-V-TOTAL",
        "--period",
        "2021H1",
        "--json",
        "--as-of",
        &first,
    ];
    let past = home.json(&past);
    let row = |explanation: &serde_json::Value| {
        let rows = items(&explanation["rows"]);
        let row = rows.iter().find(|row| row["key"] == "A-1").unwrap();
        (
            row["rev"].as_i64().unwrap(),
            row["source"].as_str().unwrap().to_owned(),
        )
    };
    let now = home.json(&["explain", "PRJ-V-TOTAL", "--period", "2021H1", "--json"]);
    assert_eq!((row(&past).0, row(&now).0), (1, 2));
    assert_ne!(row(&past).1, row(&now).1);

    // A day means its end in the mechanism's time; before the first day there was nothing.
    assert_eq!(figure("PRJ-N-ISSUED", "2000-01-01"), None);
    let run = home
        .run(&["figures", "--period", "2021H1", "--as-of", "昨天"])
        .ends(2);
    assert!(run.err.contains("昨天"), "{}", run.err);
}
