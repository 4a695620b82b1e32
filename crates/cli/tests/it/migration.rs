//! A pack changes like a migration: planned in words, applied whole or not at all; figures of old
//! periods, and figures as of old days, keep the definitions that they were made by.

use std::fs;
use std::path::PathBuf;

use crate::home::{Database, Home, Run, column, items, root};

both!(
    a_pack_evolves_and_the_past_stays,
    a_definition_put_right_backwards_leaves_the_past,
    what_would_change_the_past_is_refused,
    a_register_left_out_comes_back,
);

/// A copy of the Chongqing pack to be edited.
struct Folder(PathBuf);

impl Folder {
    fn new(home: &Home) -> Self {
        let to = home.file("pack");
        for dir in ["", "registers", "indicators", "briefs", "tests"] {
            fs::create_dir_all(to.join(dir)).unwrap();
            for entry in fs::read_dir(root().join("packs/chongqing").join(dir)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    fs::copy(entry.path(), to.join(dir).join(entry.file_name())).unwrap();
                }
            }
        }
        Self(to)
    }

    /// Replaces words in a file, wherever they stand.
    #[track_caller]
    fn edit(&self, file: &str, edits: &[(&str, &str)]) {
        let path = self.0.join(file);
        let mut text = fs::read_to_string(&path).unwrap();
        for (from, to) in edits {
            assert!(text.contains(from), "{file} has no {from}");
            text = text.replace(from, to);
        }
        fs::write(path, text).unwrap();
    }

    fn run(&self, home: &Home, verb: &str, more: &[&str]) -> Run {
        let mut args = more.to_vec();
        args.extend(["pack", verb, self.0.to_str().unwrap()]);
        home.run(&args)
    }
}

const ROWS: &str = "code,name,supporter,recipient,total_investment,fund,households,issued_date\n\
    A-1,示例一,江津区,开州区,3000000,500000,7,2021-02-03\n\
    A-2,示例二,璧山区,梁平区,2000000.50,100000,,2021-04-05\n\
    A-3,示例三,大足区,忠县,900000,300000,,2021-08-01\n";

fn filled(database: Database) -> Home {
    let home = Home::with_pack(database);
    home.good(&["import", &home.write("rows.csv", ROWS)]);
    home
}

/// Version, value and as-of mark of a figure.
fn figure(home: &Home, id: &str, period: &str, more: &[&str]) -> (i64, String, String) {
    let mut args = vec!["figures", "--period", period, "--format", "json"];
    args.extend(more);
    let figures = home.json(&args);
    let found = items(&figures).iter().find(|one| one["indicator"] == *id);
    let found = found.unwrap_or_else(|| panic!("no {id} in {period}"));
    (
        found["version"].as_i64().unwrap(),
        found["value"].to_string(),
        found["as_of"].as_str().unwrap().to_owned(),
    )
}

fn at(home: &Home) -> String {
    figure(home, "PRJ-N-ISSUED", "2021H1", &[]).2
}

/// `PRJ-V-TOTAL` without the assistance fund, from a day on.
fn second_version(from: &str, cost: &str) -> String {
    format!(
        r#"
[[indicator]]
id = "PRJ-V-TOTAL"
version = 2
valid_from = {from}
name = "下达项目总投资（不含帮扶资金）"
name_en = "Total investment without assistance"
clause = "2.1"
owner = "市发展改革委"
definition = "总投资减去对口帮扶资金。"
certainty = "open"
unit = "元"
measure = "sum"
time = "cumulative"
since = "year-start"
format = {{ unit = "亿元", per = 100000000, decimals = 2, trim = true }}

[[indicator.source]]
register = "project"
date = "issued_date"
value = "{cost} - coalesce(fund, 0)"
"#
    )
}

const STUDY: &str = r#"id = "study"
code = "T22"
name = "调研台账"
name_en = "Studies"
key = ["code"]
recipient = "recipient"
date = "day"
reporter = "recipient"
frequency = "event"
field = [
  { id = "code", label = "调研编号", label_en = "Study code", type = "text", required = true },
  { id = "recipient", label = "调研区县", label_en = "County", type = "unit", role = "recipient", required = true },
  { id = "day", label = "调研日期", label_en = "Day", type = "date", required = true },
]
[layout]
sheet = "调研台账"
"#;

const STUDIES: &str = r#"[[indicator]]
id = "STU-N"
name = "调研"
name_en = "Studies"
clause = "2.1"
owner = "市发展改革委"
definition = "期内调研次数。"
certainty = "open"
unit = "次"
measure = "count"
time = "flow"
format = { unit = "次" }
[[indicator.source]]
register = "study"
"#;

/// Field added, renamed, retired and widened; register, indicator and version added.
fn evolve(folder: &Folder) {
    folder.edit(
        "registers/project.toml",
        &[
            ("total_investment", "whole_cost"),
            ("id = \"whole_cost\"\n", "id = \"whole_cost\"\nwas = \"total_investment\"\n"),
            (
                "id = \"households\"\n",
                "id = \"priority\"\nlabel = \"优先级\"\nlabel_en = \"Priority\"\ntype = \"text\"\n\n\
                 [[field]]\nid = \"households\"\nretired = 2021-12-31\n",
            ),
            ("  { field = \"households\"", "  { field = \"priority\" },\n  { field = \"households\""),
            ("max = 2000\n", "max = 4000\n"),
        ],
    );
    folder.edit("tests/projects.toml", &[("total_investment", "whole_cost")]);
    folder.edit(
        "indicators/general.toml",
        &[
            ("value = \"total_investment\"", "value = \"whole_cost\""),
            (
                "id = \"PRJ-V-TOTAL\"\nversion = 1\n",
                "id = \"PRJ-V-TOTAL\"\nversion = 1\nvalid_to = 2021-06-30\n",
            ),
        ],
    );
    let path = folder.0.join("indicators/general.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + &second_version("2021-07-01", "whole_cost")).unwrap();
    folder.edit(
        "mechanism.toml",
        &[("\"finance\",", "\"finance\", \"study\",")],
    );
    fs::write(folder.0.join("registers/study.toml"), STUDY).unwrap();
    fs::write(folder.0.join("indicators/study.toml"), STUDIES).unwrap();
}

fn a_pack_evolves_and_the_past_stays(database: Database) {
    let home = filled(database);
    let before = home.verified();
    let then = at(&home);
    let folder = Folder::new(&home);
    let unchanged = folder.run(&home, "plan", &[]).ends(0);
    assert_eq!(unchanged.out.trim(), "没有改变");
    evolve(&folder);

    // The plan says everything in words and touches nothing.
    let plan = folder.run(&home, "plan", &[]).ends(0).out;
    for words in [
        "台账 project 的字段 total_investment 改名为 whole_cost",
        "台账 project 新增字段 priority",
        "台账 project 的字段 households 用到 2021-12-31 为止",
        "台账 project 的字段 content 放宽",
        "新增台账 study",
        "新增指标 STU-N 第 1 版",
        "指标 PRJ-V-TOTAL 有了第 2 版",
        "指标 PRJ-V-TOTAL 第 1 版用到 2021-06-30 为止",
    ] {
        assert!(plan.contains(words), "{words}\n{plan}");
    }
    assert!(!plan.contains("拒绝"), "{plan}");
    let english = folder.run(&home, "plan", &["--lang", "en"]).ends(0).out;
    assert!(
        english.contains("field total_investment becomes whole_cost"),
        "{english}"
    );
    assert_eq!(home.verified(), before);

    folder.run(&home, "apply", &[]).ends(0);
    let applied = home.verified();
    assert_eq!(applied.0, before.0 + 1);
    for verb in ["apply", "plan"] {
        folder.run(&home, verb, &[]).ends(0);
    }
    assert_eq!(folder.run(&home, "plan", &[]).out.trim(), "没有改变");
    assert_eq!(home.verified(), applied);

    // Old periods keep their version, new ones have theirs, and so do past days.
    let total = |period: &str, more: &[&str]| {
        let (version, value, _) = figure(&home, "PRJ-V-TOTAL", period, more);
        (version, value)
    };
    assert_eq!(total("2021H1", &[]), (1, "5000000.5".to_owned()));
    assert_eq!(total("2021H2", &[]), (2, "5000000.5".to_owned()));
    assert_eq!(
        total("2021H1", &["--as-of", &then]),
        (1, "5000000.5".to_owned())
    );
    assert_eq!(
        total("2021H2", &["--as-of", &then]),
        (1, "5900000.5".to_owned())
    );
    let explain = |more: &[&str]| {
        let mut args = vec!["explain", "PRJ-V-TOTAL", "--period", "2021H2", "--json"];
        args.extend(more);
        home.json(&args)
    };
    let [past, now] = [explain(&["--as-of", &then]), explain(&[])];
    assert_eq!(
        (
            &past["definition"]["version"],
            &now["definition"]["version"]
        ),
        (&1.into(), &2.into())
    );
    assert_eq!(
        (items(&past["rows"]).len(), items(&now["rows"]).len()),
        (3, 3)
    );
    let text = home
        .good(&["explain", "PRJ-V-TOTAL", "--period", "2021H2"])
        .out;
    assert!(
        text.contains("v2") && text.contains("减去对口帮扶资金"),
        "{text}"
    );
    for period in ["2021H1", "2021H2"] {
        let out = home.file("brief.md");
        let out = out.to_str().unwrap();
        home.good(&[
            "brief",
            "half-year",
            "--period",
            period,
            "--as-of",
            &then,
            "--format",
            "md",
            "-o",
            out,
        ]);
    }

    // The values are where they were, under the new name, now and then.
    for more in [&[][..], &["--as-of", &then]] {
        let csv = home.export("project", more);
        assert_eq!(
            column(&csv, "whole_cost"),
            ["3000000.00", "2000000.50", "900000.00"]
        );
        assert_eq!(column(&csv, "households"), ["7", "", ""]);
        assert_eq!(column(&csv, "priority"), ["", "", ""]);
    }
    let json = home.file("p.json");
    home.good(&[
        "export",
        "project",
        "--where",
        "whole_cost > 950000",
        "--format",
        "json",
        "-o",
        json.to_str().unwrap(),
    ]);
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(items(&json).len(), 2);

    // What was sent before, what is exported now and a template all come back as they are.
    let csv = home.export("project", &[]);
    let template = home.file("template.xlsx");
    home.good(&[
        "template",
        "project",
        "--unit",
        "开州区",
        "--period",
        "2021H2",
        "-o",
        template.to_str().unwrap(),
    ]);
    for file in [
        home.write("again.csv", csv),
        template.to_str().unwrap().to_owned(),
    ] {
        let report = home.json(&["import", &file, "--json"]);
        let own = &report["registers"][0];
        assert_eq!(
            (&own["inserted"], &own["updated"]),
            (&0.into(), &0.into()),
            "{report:#}"
        );
        assert!(own["unchanged"].as_i64() > Some(0), "{report:#}");
    }
    // A file under the old name goes on being understood.
    let old = ROWS.replace("900000,", "950000,");
    let report = home.json(&["import", &home.write("old.csv", old), "--json"]);
    assert_eq!(report["registers"][0]["updated"], 1, "{report:#}");
    assert_eq!(total("2021H2", &[]), (2, "5050000.5".to_owned()));
    assert_eq!(
        total("2021H2", &["--as-of", &then]),
        (1, "5900000.5".to_owned())
    );

    // The new register and its indicator are there.
    let study = "调研编号,调研区县,调研日期\nD-1,开州区,2021-09-01\n";
    home.good(&["import", &home.write("study.csv", study)]);
    assert_eq!(figure(&home, "STU-N", "2021H2", &[]).1, "1");
    home.verified();
}

fn a_definition_put_right_backwards_leaves_the_past(database: Database) {
    let home = filled(database);
    let then = at(&home);
    let folder = Folder::new(&home);
    folder.edit(
        "indicators/general.toml",
        &[(
            "id = \"PRJ-V-TOTAL\"\nversion = 1\n",
            "id = \"PRJ-V-TOTAL\"\nversion = 1\nvalid_to = 2020-12-31\n",
        )],
    );
    let path = folder.0.join("indicators/general.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text + &second_version("2021-01-01", "total_investment"),
    )
    .unwrap();
    // The county is no longer one of the fourteen: flags as they were known then stay, too.
    folder.run(&home, "apply", &[]).ends(0);
    let (version, value, _) = figure(&home, "PRJ-V-TOTAL", "2021H1", &[]);
    assert_eq!((version, &*value), (2, "4400000.5"));
    let (version, value, mark) = figure(&home, "PRJ-V-TOTAL", "2021H1", &["--as-of", &then]);
    assert_eq!((version, &*value), (1, "5000000.5"));
    assert_eq!(mark, then);
}

fn what_would_change_the_past_is_refused(database: Database) {
    let home = filled(database);
    let before = home.verified();
    for (file, edits, words) in [
        (
            "indicators/general.toml",
            &[(
                "value = \"total_investment\"",
                "value = \"total_investment + 1\"",
            )][..],
            "指标 PRJ-V-TOTAL 第 1 版的口径变了（source）",
        ),
        (
            "registers/project.toml",
            &[
                (
                    "[[field]]\nid = \"villages\"\nlabel = \"受益村\"\nlabel_en = \"Villages that gain\"\ntype = \"int\"\nmax = 100000\nmin = 0\nmeasure = \"个\"\nmeasure_en = \"villages\"\nsynonyms = [\"受益村数\", \"惠及村\"]\n",
                    "",
                ),
                (
                    "  { field = \"villages\", heads = [\"受益范围\"], width = 10 },\n",
                    "",
                ),
            ],
            "台账 project 的字段 villages 不见了",
        ),
        (
            "registers/project.toml",
            &[("max = 40000000\n", "max = 4000\n")],
            "台账 project 的字段 persons 换了类型或收紧了界限",
        ),
        (
            "registers/project.toml",
            &[("key = [\"code\"]", "key = [\"code\", \"name\"]")],
            "台账 project 的主键变了",
        ),
        (
            "units.csv",
            &[("nanchuan,", "nanchuan2,")],
            "可能有被删的单位",
        ),
    ] {
        let folder = Folder::new(&home);
        folder.edit(file, edits);
        if file == "units.csv" {
            for other in [
                "unit_codes.csv",
                "unit_flags.csv",
                "unit_aliases.csv",
                "unit_overlaps.csv",
                "pairs.csv",
            ] {
                let path = folder.0.join(other);
                let text = fs::read_to_string(&path).unwrap();
                fs::write(path, text.replace("nanchuan", "nanchuan2")).unwrap();
            }
        }
        let plan = folder.run(&home, "plan", &[]).ends(1);
        assert!(
            plan.out.contains("拒绝") && plan.out.contains(words),
            "{}{}",
            plan.out,
            plan.err
        );
        let apply = folder.run(&home, "apply", &[]).ends(3);
        assert!(
            apply.err.contains("拒绝") && apply.err.contains(words),
            "{}",
            apply.err
        );
        let english = folder.run(&home, "apply", &["--lang", "en"]).ends(3);
        assert!(english.err.contains("refused"), "{}", english.err);
        assert_eq!(home.verified(), before);
        fs::remove_dir_all(&folder.0).unwrap();
    }
}

fn a_register_left_out_comes_back(database: Database) {
    let home = Home::with_pack(database);
    let visit = "visit_date,supporter,recipient,title\n2021-03-04,江津区,开州区,示例会议\n";
    home.good(&[
        "import",
        &home.write("visit.csv", visit),
        "--register",
        "visit",
    ]);
    let folder = Folder::new(&home);
    let whole = fs::read_to_string(folder.0.join("registers/donation.toml")).unwrap();
    folder.edit("mechanism.toml", &[("\"donation\", ", "")]);
    folder.edit("clauses.toml", &[("\"donation\"", "\"visit\"")]);
    fs::remove_file(folder.0.join("registers/donation.toml")).unwrap();
    let plan = folder.run(&home, "plan", &[]).ends(0).out;
    assert!(
        plan.contains("台账 donation 不再使用：表和历史保留"),
        "{plan}"
    );
    folder.run(&home, "apply", &[]).ends(0);
    home.run(&["export", "donation", "--format", "csv", "-o", "x.csv"])
        .ends(2);
    home.verified();
    folder.edit(
        "mechanism.toml",
        &[("\"statistic\"", "\"donation\", \"statistic\"")],
    );
    fs::write(folder.0.join("registers/donation.toml"), whole).unwrap();
    folder.run(&home, "apply", &[]).ends(0);
    assert_eq!(home.csv("donation").lines().count(), 1);
    home.verified();
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let home = Home::empty(Database::Sqlite);
    let folder = Folder::new(&home);
    folder.edit(
        "registers/project.toml",
        &[
            ("label = \"建设地点\"", "lable = \"建设地点\""),
            (
                "holds = \"!(fund > total_investment)\"",
                "holds = \"!(fund > total_investmen)\"",
            ),
            ("type = \"bool\"", "type = \"bool\""),
        ][..2],
    );
    folder.edit(
        "indicators/general.toml",
        &[("measure = \"count\"", "measure = \"counts\"")],
    );
    folder.edit("units.csv", &[("nanchuan,district", "nanchuan,distrikt")]);
    folder.edit(
        "briefs/half-year.toml",
        &[("{PRJ-N-ISSUED}", "{PRJ-N-ISSUD}")],
    );
    let run = folder.run(&home, "check", &[]).ends(1);
    for (file, what) in [
        ("registers/project.toml:", "lable"),
        ("registers/project.toml:", "total_investmen"),
        ("indicators/general.toml:", "counts"),
        ("units.csv:", "distrikt"),
        ("briefs/half-year.toml:", "PRJ-N-ISSUD"),
    ] {
        let line = run
            .out
            .lines()
            .find(|line| line.starts_with(file) && line.contains(what));
        let line = line.unwrap_or_else(|| panic!("{file} {what}\n{}", run.out));
        let place: Vec<&str> = line.split([':', ' ']).take(4).collect();
        let (row, nth): (usize, usize) = (place[1].parse().unwrap(), place[2].parse().unwrap());
        let text = fs::read_to_string(folder.0.join(place[0])).unwrap();
        let found: String = text
            .lines()
            .nth(row - 1)
            .unwrap()
            .chars()
            .skip(nth - 1)
            .collect();
        // A slot is told with the text that holds it.
        let there = if file.starts_with("briefs") {
            found.starts_with('"') && found.contains(what)
        } else {
            found.trim_start_matches('"').starts_with(what)
        };
        assert!(there, "{line}\npoints at {found}");
        assert!(place[3].starts_with('P'), "{line}");
    }
    assert!(run.err.contains("处错误"), "{}", run.err);
    // Neither plan nor apply nor init touches anything with it.
    for verb in ["plan", "apply"] {
        folder.run(&home, verb, &[]).ends(1);
    }
    home.run(&["init", "--pack", folder.0.to_str().unwrap()])
        .ends(1);
    assert!(!home.data().exists());
}

#[test]
fn a_plan_makes_no_folder() {
    let home = Home::empty(Database::Sqlite);
    let folder = Folder::new(&home);
    let plan = folder.run(&home, "plan", &[]).ends(0).out;
    assert!(plan.contains("新增台账 project"), "{plan}");
    assert!(!home.data().exists());
    let apply = folder.run(&home, "apply", &[]).ends(2);
    assert!(apply.err.contains("qipan init"), "{}", apply.err);
    assert!(!home.data().exists());
}
