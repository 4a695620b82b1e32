//! Broken packs and what is said about each.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod tiny;

use qipan_model::{Severity, Value};
use qipan_pack::{Checked, Code, Diagnostic, Source, check, coverage};
use rstest::rstest;
use tiny::{tiny, with};

fn found(source: &Source) -> Vec<String> {
    check(source)
        .diagnostics
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// The findings' places and codes.
fn places(checked: &Checked) -> Vec<String> {
    let place = |finding: &Diagnostic| {
        let Diagnostic {
            file,
            line,
            column,
            code,
            ..
        } = finding;
        format!("{file}:{line}:{column} {code}")
    };
    checked.diagnostics.iter().map(place).collect()
}

#[test]
fn the_sound_pack_is_sound() {
    let checked = check(&tiny());
    assert_eq!(places(&checked), [""; 0]);
    let pack = checked.pack.unwrap();
    assert_eq!(pack.digest, tiny().digest());
    assert!(coverage(&pack)[0].is_whole());
    let register = pack.register("project").unwrap();
    assert_eq!(
        (register.supporter, register.recipient, register.date),
        (Some(1), Some(2), Some(7))
    );
    assert_eq!(
        register.fields[6].derived.as_ref().unwrap().source(),
        "total - fund"
    );
    // A percentage goes with its numerator's time.
    assert_eq!(pack.indicators[2].time, pack.indicators[0].time);
    let test = &checked.tests[0];
    let other: Vec<Value> = ["1.50", "3.00", "1.50"]
        .map(|text| Value::Decimal(text.parse().unwrap()))
        .into();
    assert_eq!(test.records[0].values[4..7], other);
    assert_eq!(test.figures["PRJ-R"], None);
}

#[rstest]
// the writing
#[case::syntax(
    "clauses.toml",
    "title = \"项目\"",
    "title = 项目",
    "clauses.toml P1003 项目"
)]
#[case::wrong_name(
    "registers/project.toml",
    "id = \"project\"",
    "id = \"projects\"",
    "registers/project.toml P1006 \"projects\""
)]
// the shape
#[case::unknown_key(
    "registers/project.toml",
    "code = \"T2\"",
    "colour = 1\ncode = \"T2\"",
    "registers/project.toml P2001 colour = 1"
)]
#[case::misspelt_key(
    "registers/project.toml",
    "label = \"编号\"",
    "lable = \"编号\"",
    "registers/project.toml P2001 lable = \"编号\""
)]
#[case::nested_key(
    "registers/project.toml",
    "width = 16",
    "wdith = 16",
    "registers/project.toml P2001 wdith = 16"
)]
#[case::missing_key(
    "registers/project.toml",
    "label = \"编号\"\n",
    "",
    "registers/project.toml P2002 [[field]]"
)]
#[case::wrong_type(
    "registers/project.toml",
    "required = true",
    "required = \"yes\"",
    "registers/project.toml P2003 \"yes\""
)]
#[case::number_for_text(
    "mechanism.toml",
    "version = \"1\"",
    "version = 1",
    "mechanism.toml P2003 1"
)]
#[case::text_for_list(
    "mechanism.toml",
    "[\"project\"]",
    "\"project\"",
    "mechanism.toml P2003 \"project\""
)]
#[case::no_such_day(
    "mechanism.toml",
    "2021-01-01",
    "\"2021-13-01\"",
    "mechanism.toml P2003 \"2021-13-01\""
)]
#[case::word(
    "registers/project.toml",
    "\"month\"",
    "\"mouth\"",
    "registers/project.toml P2004 \"mouth\""
)]
#[case::bounds(
    "briefs/half-year.toml",
    "by = \"link\"",
    "by = \"link\"\ntop = 0",
    "briefs/half-year.toml P2005 0"
)]
#[case::option_key(
    "registers/project.toml",
    "synonyms = [\"开工\"]",
    "synonym = [\"开工\"]",
    "registers/project.toml P2001 synonym = "
)]
// tables
#[case::header("pairs.csv", "certainty", "certanty", "pairs.csv P3001 supporter")]
#[case::cells(
    "unit_codes.csv",
    "yi,500102,,",
    "yi,500102,",
    "unit_codes.csv P3002 yi"
)]
#[case::kind("units.csv", "yi,district", "yi,county", "units.csv P3003 county")]
#[case::date_cell(
    "unit_flags.csv",
    "2021-01-01",
    "2021.1.1",
    "unit_flags.csv P3003 2021.1.1"
)]
#[case::short_code("unit_codes.csv", "500102", "50010", "unit_codes.csv P3003 50010")]
#[case::doubled_pair(
    "pairs.csv",
    ",yi,,,open,",
    "jia,yi,2022-01-01,,likely,",
    "pairs.csv P3004 jia"
)]
#[case::shared_code("unit_codes.csv", "500102", "500101", "unit_codes.csv P3005 500101")]
#[case::swapped_pair("pairs.csv", "jia,yi", "yi,yi", "pairs.csv P3006 yi")]
#[case::open_side("pairs.csv", ",yi,,,open", ",yi,,,likely", "pairs.csv P3003 ")]
#[case::reversed(
    "unit_flags.csv",
    "2025-12-31",
    "2020-12-31",
    "unit_flags.csv P4004 2020-12-31"
)]
#[case::unit_id(
    "units.csv",
    "yi,district",
    "Bing,zone,丙,,,none,,,,,\nyi,district",
    "units.csv P4001 Bing"
)]
#[case::unknown_unit("unit_codes.csv", "yi,500102", "yo,500102", "unit_codes.csv P4003 yo")]
#[case::unknown_flag("unit_flags.csv", "yi,poor", "yi,pour", "unit_flags.csv P4003 pour")]
#[case::cluster(
    "units.csv",
    "supporter,east",
    "supporter,west",
    "units.csv P4003 west"
)]
// ids and references
#[case::reserved(
    "registers/project.toml",
    "[[rule]]",
    "[[field]]\nid = \"order\"\nlabel = \"次序\"\ntype = \"int\"\n\n[[rule]]",
    "registers/project.toml P4001 \"order\""
)]
#[case::doubled_field(
    "registers/project.toml",
    "id = \"other\"",
    "id = \"total\"",
    "registers/project.toml P4002 \"total\""
)]
#[case::key_field(
    "registers/project.toml",
    "key = [\"code\"]",
    "key = [\"cod\"]",
    "registers/project.toml P4003 \"cod\""
)]
#[case::theme(
    "registers/project.toml",
    "theme = \"industry\"",
    "theme = \"industri\"",
    "registers/project.toml P4003 \"industri\""
)]
#[case::clause_register(
    "clauses.toml",
    "registers = [\"project\"]",
    "registers = [\"projekt\"]",
    "clauses.toml P4003 \"projekt\""
)]
#[case::empty(
    "registers/project.toml",
    "name = \"项目台账\"",
    "name = \" \"",
    "registers/project.toml P4005 \" \""
)]
// registers
#[case::optional_key(
    "registers/project.toml",
    "required = true",
    "required = false",
    "registers/project.toml P5001 \"code\""
)]
#[case::date_of_text(
    "registers/project.toml",
    "date = \"issued\"",
    "date = \"code\"",
    "registers/project.toml P5001 \"code\""
)]
#[case::wrong_side(
    "registers/project.toml",
    "supporter = \"supporter\"",
    "supporter = \"recipient\"",
    "registers/project.toml P5001 \"recipient\""
)]
#[case::header_twice(
    "registers/project.toml",
    "label = \"总投资\"",
    "label = \"资 金\"",
    "registers/project.toml P5002 \"资 金\""
)]
#[case::option_twice(
    "registers/project.toml",
    "synonyms = [\"开工\"]",
    "synonyms = [\"前期\"]",
    "registers/project.toml P5002 { label = \"已开工\""
)]
#[case::expression(
    "registers/project.toml",
    "!(fund > total)",
    "!(fund > totel)",
    "registers/project.toml P5003 totel)"
)]
#[case::not_bool(
    "registers/project.toml",
    "!(fund > total)",
    "fund",
    "registers/project.toml P5003 fund\""
)]
#[case::derived_type(
    "registers/project.toml",
    "total - fund",
    "code",
    "registers/project.toml P5003 code\""
)]
#[case::derived_today(
    "registers/project.toml",
    "total - fund",
    "today > issued ? total : fund",
    "registers/project.toml P5003 \"today"
)]
#[case::stray_key(
    "registers/project.toml",
    "id = \"fund\"",
    "max = 3\nid = \"fund\"",
    "registers/project.toml P5004 3"
)]
#[case::crossed_bounds(
    "registers/project.toml",
    "type = \"money\"\n\n[[field]]\nid = \"total\"",
    "type = \"int\"\nmin = 5\nmax = 1\n\n[[field]]\nid = \"total\"",
    "registers/project.toml P5005 1"
)]
#[case::sheet(
    "registers/project.toml",
    "sheet = \"项目\"",
    "sheet = \"项/目\"",
    "registers/project.toml P5006 \"项/目\""
)]
#[case::layout_field(
    "registers/project.toml",
    "{ field = \"fund\" }",
    "{ field = \"founds\" }",
    "registers/project.toml P4003 \"founds\""
)]
#[case::layout_lacks(
    "registers/project.toml",
    "{ field = \"code\", width = 16 }, ",
    "",
    "registers/project.toml P5007 [layout]"
)]
// indicators
#[case::version_twice(
    "indicators/all.toml",
    "[[indicator]]\nid = \"PRJ-R\"",
    "[[indicator]]\nid = \"PRJ-R\"\nname = \"比例\"\nclause = \"1\"\nowner = \"甲部门\"\ndefinition = \"之比\"\ncertainty = \"open\"\nunit = \"%\"\nmeasure = \"percent\"\nnumerator = \"PRJ-N\"\ndenominator = \"PRJ-V\"\n\n[[indicator]]\nid = \"PRJ-R\"",
    "indicators/all.toml P6001 \"PRJ-R\""
)]
#[case::since_of_flow(
    "indicators/all.toml",
    "time = \"flow\"",
    "time = \"flow\"\nsince = \"year-start\"",
    "indicators/all.toml P6002 \"year-start\""
)]
#[case::sum_of_nothing(
    "indicators/all.toml",
    ", value = \"fund\"",
    "",
    "indicators/all.toml P6002 { register"
)]
#[case::sum_of_days(
    "indicators/all.toml",
    "value = \"fund\"",
    "value = \"issued\"",
    "indicators/all.toml P6002 \"issued\""
)]
#[case::percent_of_percent(
    "indicators/all.toml",
    "numerator = \"PRJ-N\"",
    "numerator = \"PRJ-R\"",
    "indicators/all.toml P6003 \"PRJ-R\""
)]
#[case::no_part(
    "indicators/all.toml",
    "denominator = \"PRJ-V\"\n",
    "",
    "indicators/all.toml P6002 [[indicator]]"
)]
#[case::wrong_per(
    "indicators/all.toml",
    "per = 10000",
    "per = 1000",
    "indicators/all.toml P6005 1000"
)]
#[case::no_date(
    "registers/project.toml",
    "date = \"issued\"\n",
    "",
    "indicators/all.toml P6004 \"project\""
)]
#[case::filter(
    "indicators/all.toml",
    "has(fund)",
    "has(found)",
    "indicators/all.toml P5003 found)"
)]
#[case::subset_flag(
    "indicators/all.toml",
    "flag = \"poor\"",
    "flag = \"pure\"",
    "indicators/all.toml P4003 \"pure\""
)]
#[case::clause(
    "indicators/all.toml",
    "clause = \"1\"",
    "clause = \"9\"",
    "indicators/all.toml P4003 \"9\""
)]
// roles
#[case::role_id(
    "access.toml",
    "id = \"clerk\"",
    "id = \"Clerk\"",
    "access.toml P4001 \"Clerk\""
)]
#[case::role_twice(
    "access.toml",
    "id = \"department\"",
    "id = \"clerk\"",
    "access.toml P4002 \"clerk\""
)]
#[case::reach(
    "access.toml",
    "reach = \"links\"",
    "reach = \"link\"",
    "access.toml P2004 \"link\""
)]
#[case::no_reach("access.toml", "reach = \"links\"\n", "", "access.toml P2002 [[role]]")]
#[case::role_action("access.toml", "\"write\"", "\"wirte\"", "access.toml P2004 \"wirte\"")]
#[case::action_twice(
    "access.toml",
    "[\"read\", \"write\"]",
    "[\"write\", \"read\", \"write\"]",
    "access.toml P4002 \"write\"]"
)]
#[case::journal_of_links(
    "access.toml",
    "\"write\"",
    "\"journal\"",
    "access.toml P8101 \"journal\""
)]
#[case::accounts_without_office(
    "access.toml",
    "office = true",
    "office = false",
    "access.toml P8101 \"accounts\""
)]
#[case::two_offices_in_one(
    "access.toml",
    "[\"accounts\"]",
    "[\"accounts\", \"system\"]",
    "access.toml P8101 \"system\""
)]
#[case::rows_for_nobody(
    "access.toml",
    "[\"accounts\"]",
    "[\"accounts\", \"export\"]",
    "access.toml P8101 \"export\""
)]
#[case::office_that_writes(
    "access.toml",
    "personal = true",
    "office = true",
    "access.toml P8101 \"write\""
)]
#[case::registers_of_nothing(
    "access.toml",
    "reach = \"nothing\"",
    "reach = \"nothing\"\nnamed_registers = true",
    "access.toml P8101 true"
)]
// briefs, clauses, samples
#[case::slot(
    "briefs/half-year.toml",
    "{PRJ-N}",
    "{PRJ-M}",
    "briefs/half-year.toml P4003 \"下达{PRJ-M}，资金{PRJ-V:number}万元。\""
)]
#[case::brace(
    "briefs/half-year.toml",
    "{PRJ-N}",
    "{PRJ-N",
    "briefs/half-year.toml P7001 \"下达"
)]
#[case::slot_form(
    "briefs/half-year.toml",
    ":number",
    ":words",
    "briefs/half-year.toml P7001 \"下达{PRJ-N}，资金{PRJ-V:words}万元。\""
)]
#[case::part_key(
    "briefs/half-year.toml",
    "kind = \"prose\"",
    "kind = \"prose\"\nlevel = 1",
    "briefs/half-year.toml P7002 1"
)]
#[case::part_lacks(
    "briefs/half-year.toml",
    "by = \"link\"\n",
    "",
    "briefs/half-year.toml P2002 [[part]]"
)]
#[case::uncovered(
    "clauses.toml",
    "registers = [\"project\"]",
    "registers = []",
    "clauses.toml P8001 \"1\""
)]
#[case::sample_value(
    "tests/one.toml",
    "recipient = \"yi\"",
    "recipient = \"yo\"",
    "tests/one.toml P9001 \"yo\""
)]
#[case::sample_places(
    "tests/one.toml",
    "fund = 1.5",
    "fund = 1.555",
    "tests/one.toml P9001 1.555, total = 3"
)]
#[case::sample_rule(
    "tests/one.toml",
    "total = 3",
    "total = 1",
    "tests/one.toml P9001 [[record]]"
)]
#[case::sample_figure("tests/one.toml", "PRJ-N = 1", "PRJ-M = 1", "tests/one.toml P4003 1")]
#[case::sample_period(
    "tests/one.toml",
    "2021H1",
    "2021H3",
    "tests/one.toml P9001 \"2021H3\""
)]
fn one_mistake_one_finding(
    #[case] file: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] expect: &str,
) {
    let source = with(&tiny(), file, from, to);
    let checked = check(&source);
    let fits = |finding: &Diagnostic| {
        let found = format!(
            "{} {} {}",
            finding.file,
            finding.code,
            rest(&source, finding)
        );
        found.starts_with(expect)
    };
    assert!(
        checked.diagnostics.iter().any(fits),
        "{:#?}",
        checked.diagnostics
    );
    assert!(checked.diagnostics.len() <= 2, "{:#?}", checked.diagnostics);
    let mistaken = checked
        .diagnostics
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    assert_eq!(checked.pack.is_none(), mistaken);
}

/// What stands at a finding's place, to the end of the line.
fn rest(source: &Source, finding: &Diagnostic) -> String {
    let text = source.text(&finding.file).unwrap();
    let line = text.lines().nth(finding.line - 1).unwrap();
    line.chars().skip(finding.column - 1).collect()
}

#[test]
fn a_pack_without_roles_is_sound_and_has_none() {
    let mut source = tiny();
    source.files.remove("access.toml");
    let checked = check(&source);
    assert_eq!(places(&checked), [""; 0]);
    let pack = checked.pack.unwrap();
    assert!(pack.roles.is_empty());
    assert_ne!(pack.digest, tiny().digest());
    let roles = check(&tiny()).pack.unwrap().roles;
    let ids: Vec<&str> = roles.iter().map(|role| role.id.as_str()).collect();
    assert_eq!(ids, ["clerk", "department", "security"]);
    assert!(roles[0].personal && roles[1].named_registers && roles[2].office);
}

#[test]
fn many_mistakes_are_told_at_once_with_their_remedies() {
    let mut source = tiny();
    for (file, from, to) in [
        ("mechanism.toml", "name = \"产业\"", "nmae = \"产业\""),
        ("units.csv", "yi,district", "yi,distrcit"),
        (
            "registers/project.toml",
            "type = \"text\"",
            "type = \"txet\"",
        ),
        (
            "registers/project.toml",
            "recipient = \"recipient\"",
            "recipient = \"recipent\"",
        ),
        (
            "indicators/all.toml",
            "measure = \"count\"",
            "measure = \"counts\"",
        ),
        ("briefs/half-year.toml", "{PRJ-N}", "{PRJ-X-N}"),
    ] {
        source = with(&source, file, from, to);
    }
    let expect = [
        "briefs/half-year.toml:7:8 P4003 占位 {PRJ-X-N}：没有指标 `PRJ-X-N`；是不是想写 `PRJ-N`？",
        "indicators/all.toml:9:11 P2004 `counts` 不在可选的词里；是不是想写 `count`？（可选：count、sum、distinct-supporter、distinct-recipient、distinct-group、distinct-link、distinct-key、percent）",
        "mechanism.toml:8:29 P2001 这里不认识 `nmae`；是不是想写 `name`？（可用：aliases id name name_en）",
        "registers/project.toml:7:13 P4003 没有字段 `recipent`；是不是想写 `recipient`？",
        "registers/project.toml:15:8 P2004 `txet` 不在可选的词里；是不是想写 `text`？（可选：text、choice、int、decimal、money、area、date、unit、bool）",
        "units.csv:3:4 P3003 `distrcit` 不在可选的词里；是不是想写 `district`？（可选：district、zone、department、city）",
    ];
    let found = found(&source);
    for line in expect {
        assert!(
            found.contains(&line.to_owned()),
            "no {line:?} in {found:#?}"
        );
    }
    // What follows from a mistake is not told as another one.
    assert_eq!(found.len(), expect.len(), "{found:#?}");
}

#[test]
fn a_missing_file_and_a_stray_one_are_told() {
    let mut source = tiny();
    let pairs = source.files.remove("pairs.csv").unwrap();
    source.files.insert("pair.csv".to_owned(), pairs);
    let checked = check(&source);
    assert_eq!(
        places(&checked),
        ["pair.csv:1:1 P1004", "pairs.csv:1:1 P1001"]
    );
    assert!(checked.diagnostics[0].message.contains("`pairs.csv`"));
}

#[test]
fn a_file_in_gbk_is_told_by_place() {
    let mut source = tiny();
    source
        .files
        .insert("units.csv".to_owned(), b"id,kind\njia,\xbc\xd7\n".to_vec());
    assert_eq!(places(&check(&source)), ["units.csv:2:5 P1002"]);
}

#[test]
fn names_shared_at_the_same_time_are_warned_of() {
    let source = with(&tiny(), "unit_aliases.csv", "yi,乙", "yi,甲");
    let checked = check(&source);
    assert_eq!(places(&checked), ["units.csv:3:13 P3007"]);
    assert!(checked.pack.is_some());
    let apart = with(
        &tiny(),
        "unit_aliases.csv",
        "yi,乙,,,",
        "yi,甲,2030-01-01,,",
    );
    let apart = with(
        &apart,
        "units.csv",
        "east,,,,\nyi",
        "east,,2029-12-31,,\nyi",
    );
    let apart = with(
        &apart,
        "pairs.csv",
        "2021-01-01,,",
        "2021-01-01,2029-12-31,",
    );
    assert_eq!(places(&check(&apart)), [""; 0]);
}

#[test]
fn codes_are_distinct_and_in_order() {
    assert!(Code::ALL.is_sorted());
}

/// Whatever line is lost, the check comes to an end, and says why when there is no pack.
#[test]
fn any_line_may_be_lost() {
    let sound = tiny();
    for file in sound.files.keys() {
        let text = sound.text(file).unwrap();
        for lost in 0..text.lines().count() {
            let kept: String = text
                .lines()
                .enumerate()
                .filter(|(nth, _)| *nth != lost)
                .map(|(_, line)| format!("{line}\n"))
                .collect();
            let mut source = sound.clone();
            source.files.insert(file.clone(), kept.into_bytes());
            let checked = check(&source);
            let errors = checked.errors().count();
            assert_eq!(
                checked.pack.is_none(),
                errors > 0,
                "{file} without line {}",
                lost + 1
            );
        }
    }
}

/// A file cut off anywhere is no panic either.
#[test]
fn any_file_may_be_cut_off() {
    let sound = tiny();
    for (file, bytes) in &sound.files {
        for cut in (0..bytes.len()).step_by(7) {
            let mut source = sound.clone();
            source.files.insert(file.clone(), bytes[..cut].to_vec());
            let checked = check(&source);
            assert_eq!(checked.pack.is_none(), checked.errors().count() > 0);
        }
    }
}

#[test]
fn boundaries_are_looked_at() {
    let mut source = tiny();
    let mut boundaries = |text: &str| {
        source
            .files
            .insert("boundaries.geojson".to_owned(), text.as_bytes().to_vec());
        places(&check(&source))
    };
    let feature =
        |id| format!("{{\"type\":\"FeatureCollection\",\"features\":[{{\"id\":\"{id}\"}}]}}");
    assert_eq!(boundaries(&feature("500102")), [""; 0]);
    assert_eq!(
        boundaries(&feature("500101")),
        ["boundaries.geojson:1:1 P1008"]
    );
    assert_eq!(
        boundaries("{\n \"type\": 1}"),
        ["boundaries.geojson:2:10 P1007"]
    );
}
