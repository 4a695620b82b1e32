//! What the Chongqing pack says about its units and links (domain §1.2, §2).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::{Date, date};
use qipan_model::{Certainty, Pack, Resolved, UnitKind, UnitRole};
use qipan_pack::{Source, check};

fn pack() -> Pack {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/chongqing");
    check(&Source::read_dir(&dir).unwrap()).pack.unwrap()
}

/// Half-year behind the published article.
const H1: (Date, Date) = (date(2021, 1, 1), date(2021, 6, 30));

#[test]
fn twenty_four_support_and_seventeen_receive_in_2021() {
    let pack = pack();
    let count = |role, kind| {
        let units = pack.units.with_role(role, H1.0, H1.1);
        units.filter(|unit| unit.kind == kind).count()
    };
    assert_eq!(count(UnitRole::Supporter, UnitKind::District), 21);
    assert_eq!(count(UnitRole::Supporter, UnitKind::Zone), 3);
    assert_eq!(count(UnitRole::Recipient, UnitKind::District), 17);
    assert_eq!(count(UnitRole::Recipient, UnitKind::Zone), 0);
}

#[test]
fn the_map_knows_every_district_of_2021() {
    let pack = pack();
    let map: serde_json::Value = serde_json::from_str(&pack.boundaries).unwrap();
    let drawn: BTreeSet<&str> = map["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|feature| feature["id"].as_str().unwrap())
        .collect();
    let day = H1.1;
    let districts: BTreeSet<&str> = pack
        .units
        .all()
        .iter()
        .filter(|unit| unit.kind == UnitKind::District && unit.validity.holds_on(day))
        .map(|unit| unit.code_on(day))
        .collect();
    assert_eq!(drawn, districts);
    assert_eq!(drawn.len(), 38);
}

#[test]
fn names_and_codes_are_read_as_of_their_day() {
    let pack = pack();
    let check = |written: &str, day: Date, expect: &str| match pack.units.resolve(written, day) {
        Resolved::One(unit) => assert_eq!(unit.id.as_str(), expect, "{written} on {day}"),
        other => panic!("{written} on {day}: {other:?}"),
    };
    let (then, now) = (H1.1, date(2026, 6, 30));
    check("两江新区", then, "liangjiang-zone");
    check("两江新区", now, "liangjiang");
    check("500110", date(2008, 1, 1), "wansheng");
    check("500110", then, "qijiang");
    check("500111", date(2008, 1, 1), "shuangqiao");
    check("500111", then, "dazu");
    check("万盛区", then, "wansheng-zone");
    check("万盛区", date(2008, 1, 1), "wansheng");
    check("500234", then, "kaizhou");
    for (written, expect) in [
        ("开县", "kaizhou"),
        ("梁平县", "liangping"),
        ("大足县", "dazu"),
        ("忠 县", "zhongxian"),
        ("石柱县", "shizhu"),
        ("彭水自治县", "pengshui"),
        ("酉阳土家族苗族自治县", "youyang"),
        ("江北", "jiangbei"),
        ("江津", "jiangjin"),
        ("重庆市城口县", "chengkou"),
        ("北部新区", "liangjiang-zone"),
    ] {
        check(written, then, expect);
    }
    for written in ["高新区", "经开区", "50015", "江"] {
        assert_eq!(
            pack.units.resolve(written, then),
            Resolved::Unknown,
            "{written}"
        );
    }
}

#[test]
fn flags_hold_for_as_long_as_the_evidence_carries() {
    let pack = pack();
    let poor = |day| {
        pack.units
            .all()
            .iter()
            .filter(|unit| unit.has_flag("poor14", day))
            .count()
    };
    assert_eq!(poor(date(2021, 6, 30)), 14);
    assert_eq!(poor(date(2026, 6, 30)), 0);
}

#[test]
fn only_evidenced_links_name_both_sides_in_2021() {
    let pack = pack();
    let day = H1.1;
    let links = || pack.links.iter().filter(|link| link.validity.holds_on(day));
    let full = links().filter(|link| link.certainty != Certainty::Open);
    assert_eq!(full.count(), 11);
    assert!(
        links()
            .filter(|link| link.certainty == Certainty::Open)
            .all(|link| link.supporter.is_none() || link.recipient.is_none())
    );
    // Every unit with a part stands in the table, confirmed or not.
    let supporters: BTreeSet<_> = links().filter_map(|link| link.supporter.as_ref()).collect();
    let recipients: BTreeSet<_> = links().filter_map(|link| link.recipient.as_ref()).collect();
    assert_eq!((supporters.len(), recipients.len()), (24, 17));
    assert!(pack.links.iter().all(|link| !link.evidence.is_empty()));
}

#[test]
fn no_link_outlives_the_merger_of_2026() {
    let pack = pack();
    let day = date(2026, 1, 25);
    let gone = ["jiangbei", "yubei", "liangjiang-zone"];
    assert!(
        pack.links
            .iter()
            .filter(|link| link.validity.holds_on(day))
            .filter_map(|link| link.supporter.as_ref())
            .all(|supporter| !gone.contains(&supporter.as_str()))
    );
    for id in gone {
        let unit = pack.units.get(id).unwrap();
        assert_eq!(unit.successor.as_ref().unwrap().as_str(), "liangjiang");
        assert!(!unit.validity.holds_on(day));
    }
}
