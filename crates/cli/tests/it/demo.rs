//! The main job on the sample half-year: the article's 32 figures, whole and cut.

use std::collections::{BTreeMap, BTreeSet};

use qipan_model::{DistinctOf, Measure};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::home::{Database, Home, demo_run, items, number, pack};

both!(
    gives_the_articles_figures,
    again_changes_nothing,
    figures_have_the_fixed_keys,
    cuts_add_up,
    csv_and_table_say_the_same,
);

const PERIOD: [&str; 2] = ["--period", "2021H1"];

/// The figures as the article prints them (domain §6).
pub const ARTICLE: [(&str, &str); 32] = [
    ("PRJ-N-ISSUED", "144个"),
    ("PRJ-V-TOTAL", "7.5亿元"),
    ("FND-V-ISSUED", "4.24亿元"),
    ("PRJ-N-STARTED", "53个"),
    ("PRJ-R-START", "36.8%"),
    ("INV-S-JOINT", "13个"),
    ("INV-R-JOINT", "10个"),
    ("PRK-N-PLANNED", "16个"),
    ("PRK-N-OPEN", "6个"),
    ("TOU-S", "19个"),
    ("TOU-R", "16个"),
    ("FND-V-INFRA", "1.63亿元"),
    ("EDU-P", "15对"),
    ("EDU-N-SCHOOL", "21所"),
    ("MED-N-HOSP", "11家"),
    ("STF-N-EXCH", "126名"),
    ("CON-S", "18个"),
    ("CON-R-POOR", "14个"),
    ("CON-V", "7400余万元"),
    ("SCI-S", "10个"),
    ("SCI-N-INCUB", "66家"),
    ("SCI-N-FIN", "17个"),
    ("SCI-N-START", "3032家"),
    ("STF-N-STI", "36名"),
    ("LAB-S", "22个"),
    ("LAB-N-POST", "36891个"),
    ("LAB-N-COURSE", "52场次"),
    ("LAB-N-TRAIN", "2171人次"),
    ("MKT-P", "7对"),
    ("ECO-P", "4对"),
    ("ECO-V-SETTLED", "4336万元"),
    ("LND-P", "3对"),
];

fn gives_the_articles_figures(database: Database) {
    let run = demo_run(database).clone().ends(0);
    assert!(run.out.contains("与公开报道一致 32/32 个"), "{}", run.out);
    assert!(!run.out.contains("不一致"), "{}", run.out);
    let home = Home::demo(database);
    let figures = home.json(&["figures", "--period", "2021H1", "--format", "json"]);
    let found: Vec<(&str, &str)> = items(&figures)
        .iter()
        .map(|figure| {
            (
                figure["indicator"].as_str().unwrap(),
                figure["display"].as_str().unwrap(),
            )
        })
        .collect();
    let sorted =
        |list: &[(&'static str, &'static str)]| list.iter().copied().collect::<BTreeMap<_, _>>();
    assert_eq!(
        found.iter().copied().collect::<BTreeMap<_, _>>(),
        sorted(&ARTICLE)
    );
    assert_eq!(found.len(), 32);
    // The brief was checked by the program itself.
    assert!(run.out.contains("不符 0"), "{}", run.out);
    for ending in ["md", "html", "docx"] {
        let path = home
            .data()
            .join("demo")
            .join(format!("half-year-2021H1.{ending}"));
        assert!(path.metadata().unwrap().len() > 5_000, "{}", path.display());
    }
}

fn again_changes_nothing(database: Database) {
    let home = Home::demo(database);
    let before = home.verified();
    let run = home.good(&["demo", "--no-serve"]);
    assert!(run.out.contains("与公开报道一致 32/32 个"), "{}", run.out);
    // 工作簿 台账 读到 新增 修订 未变 退回
    let rows: Vec<Vec<&str>> = run
        .out
        .lines()
        .filter(|line| line.contains(".xlsx") || line.contains(".csv"))
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert!(rows.len() >= 21, "{}", run.out);
    for row in rows {
        let [read, inserted, updated, unchanged, rejected] = row[row.len() - 5..] else {
            panic!("{row:?}")
        };
        assert_eq!((inserted, updated, rejected), ("0", "0", "0"), "{row:?}");
        assert_eq!(read, unchanged, "{row:?}");
    }
    assert_eq!(home.verified(), before);
}

fn figures_have_the_fixed_keys(database: Database) {
    let home = Home::demo(database);
    let keys = [
        "indicator",
        "version",
        "name",
        "value",
        "unit",
        "display",
        "period",
        "by",
        "cut",
        "coverage",
        "as_of",
    ];
    for by in ["group", "link", "supporter", "recipient", ""] {
        let mut args = vec!["figures", "--period", "2021H1", "--format", "json"];
        if !by.is_empty() {
            args.extend(["--by", by]);
        }
        for figure in items(&home.json(&args)) {
            let own: BTreeSet<&str> = figure
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            for key in keys {
                assert!(own.contains(key), "{key} is missing: {figure}");
            }
            let coverage: BTreeSet<&str> = figure["coverage"]
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            assert_eq!(coverage, BTreeSet::from(["reported", "due"]));
            assert!(
                figure["value"].is_number() || figure["value"].is_null(),
                "{figure}"
            );
            assert!(figure["version"].is_u64() && figure["coverage"]["due"].is_u64());
            assert_eq!(figure["period"], "2021H1");
            assert_eq!(figure["by"], if by.is_empty() { "whole" } else { by });
            assert!(figure["as_of"].as_str().unwrap().ends_with('Z'), "{figure}");
            let (reported, due) = (&figure["coverage"]["reported"], &figure["coverage"]["due"]);
            assert!(reported.as_u64() <= due.as_u64(), "{figure}");
        }
    }
}

/// Values of one indicator by the units of the cut.
fn values<'f>(figures: &'f Value, indicator: &str) -> BTreeMap<&'f str, Option<Decimal>> {
    items(figures)
        .iter()
        .filter(|figure| figure["indicator"] == *indicator)
        .map(|figure| (figure["cut"].as_str().unwrap(), number(&figure["value"])))
        .collect()
}

fn cuts_add_up(database: Database) {
    let home = Home::demo(database);
    let by = |by: &str| {
        let args = [
            &["figures", "--format", "json", "--by", by][..],
            &PERIOD[..],
        ]
        .concat();
        home.json(&args)
    };
    let cuts: BTreeMap<&str, Value> = ["group", "link", "supporter", "recipient"]
        .map(|name| (name, by(name)))
        .into();
    let whole = home.json(&[&["figures", "--format", "json"][..], &PERIOD[..]].concat());
    assert_eq!(values(&cuts["recipient"], "PRJ-N-ISSUED").len(), 17);
    let mut beyond = 0;
    for indicator in &pack().indicators {
        let id = &indicator.id;
        let all = values(&whole, id)["全部"].unwrap();
        for (name, figures) in &cuts {
            let parts = values(figures, id);
            let sum: Decimal = parts.values().flatten().sum();
            let largest = parts.values().flatten().max().copied().unwrap_or_default();
            // External statistics name no supporter, and percentages are never added.
            let lacks = indicator.time == qipan_model::TimeType::Latest;
            let message = format!("{id} by {name}: {sum} of {all}");
            match (&indicator.measure, *name) {
                (_, "supporter" | "link") if lacks => {}
                (Measure::Count | Measure::Sum, _) => assert_eq!(sum, all, "{message}"),
                (Measure::Distinct(DistinctOf::Supporter), "supporter")
                | (
                    Measure::Distinct(DistinctOf::Recipient | DistinctOf::Group),
                    "group" | "recipient",
                ) => {
                    assert_eq!(sum, all, "{message}");
                    assert_eq!(largest, Decimal::ONE, "{message}");
                }
                (Measure::Distinct(_), _) => {
                    assert!(largest <= all && all <= sum, "{message}");
                    beyond += usize::from(all < sum);
                }
                (
                    Measure::Percent {
                        numerator,
                        denominator,
                    },
                    _,
                ) => {
                    let (above, below) = (values(figures, numerator), values(figures, denominator));
                    for (part, value) in parts {
                        let below = below[part].unwrap_or_default();
                        let expect = (!below.is_zero()).then(|| {
                            above[part].unwrap_or_default() * Decimal::ONE_HUNDRED / below
                        });
                        assert_eq!(value, expect, "{id} {part}");
                    }
                }
            }
        }
        // A group is named by its recipient.
        assert_eq!(
            values(&cuts["group"], id),
            values(&cuts["recipient"], id),
            "{id}"
        );
    }
    assert!(beyond > 0, "distinct counts truly do not add up somewhere");
}

fn csv_and_table_say_the_same(database: Database) {
    let home = Home::demo(database);
    let csv = home
        .good(&["figures", "--period", "2021H1", "--format", "csv"])
        .out;
    let table = home.good(&["figures", "--period", "2021H1"]).out;
    for (id, display) in ARTICLE {
        let line = csv
            .lines()
            .find(|line| line.starts_with(&format!("{id},")))
            .unwrap();
        assert!(line.contains(&format!(",{display},2021H1,")), "{line}");
        let line = table
            .lines()
            .find(|line| line.starts_with(&format!("{id} ")))
            .unwrap();
        assert!(line.contains(display), "{line}");
    }
}
