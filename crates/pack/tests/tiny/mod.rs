//! A pack of a few lines for tests, and ways to spoil it.

use qipan_pack::Source;

const FILES: &[(&str, &str)] = &[
    (
        "mechanism.toml",
        r#"id = "tiny"
version = "1"
name = "小机制"
start = 2021-01-01
supporter_word = "甲方"
recipient_word = "乙方"
registers = ["project"]
theme = [{ id = "industry", name = "产业" }]
cluster = [{ id = "east", name = "东" }]
flag = [{ id = "poor", name = "脱贫" }]
"#,
    ),
    (
        "units.csv",
        "id,kind,name,short,name_en,role,cluster,valid_from,valid_to,successor,note\n\
         jia,district,甲区,甲,Jia,supporter,east,,,,\n\
         yi,district,乙县,乙,Yi,recipient,east,,,,\n",
    ),
    (
        "unit_codes.csv",
        "unit,code,valid_from,valid_to\njia,500101,,\nyi,500102,,\n",
    ),
    (
        "unit_flags.csv",
        "unit,flag,valid_from,valid_to,evidence\nyi,poor,2021-01-01,2025-12-31,名单\n",
    ),
    (
        "unit_aliases.csv",
        "unit,alias,valid_from,valid_to,note\nyi,乙,,,\n",
    ),
    ("unit_overlaps.csv", "unit,within,note\n"),
    (
        "pairs.csv",
        "supporter,recipient,valid_from,valid_to,certainty,evidence\n\
         jia,yi,2021-01-01,,attested,报道\n,yi,,,open,\n",
    ),
    (
        "clauses.toml",
        r#"[[clause]]
id = "1"
title = "项目"
text = "要有项目。"
registers = ["project"]
indicators = ["PRJ-N", "PRJ-V", "PRJ-R"]
"#,
    ),
    (
        "access.toml",
        r#"[[role]]
id = "clerk"
name = "填报人"
reach = "links"
actions = ["read", "write"]
personal = true

[[role]]
id = "department"
name = "部门"
reach = "all"
named_registers = true
actions = ["read"]

[[role]]
id = "security"
name = "安全管理员"
reach = "nothing"
actions = ["accounts"]
office = true
"#,
    ),
    (
        "registers/project.toml",
        r#"id = "project"
code = "T2"
name = "项目台账"
theme = "industry"
key = ["code"]
supporter = "supporter"
recipient = "recipient"
date = "issued"
reporter = "recipient"
frequency = "month"

[[field]]
id = "code"
label = "编号"
type = "text"
required = true

[[field]]
id = "supporter"
label = "帮扶方"
type = "unit"
role = "supporter"

[[field]]
id = "recipient"
label = "受援方"
type = "unit"
role = "recipient"

[[field]]
id = "status"
label = "状态"
type = "choice"
options = ["前期", { label = "已开工", synonyms = ["开工"] }]

[[field]]
id = "fund"
label = "资金"
type = "money"

[[field]]
id = "total"
label = "总投资"
type = "money"

[[field]]
id = "other"
label = "其他资金"
type = "money"
derived = "total - fund"

[[field]]
id = "issued"
label = "下达日期"
type = "date"

[[rule]]
id = "fund-within-total"
holds = "!(fund > total)"
message = "资金大于总投资"

[layout]
sheet = "项目"
columns = [{ field = "code", width = 16 }, { field = "fund" }]
"#,
    ),
    (
        "indicators/all.toml",
        r#"[[indicator]]
id = "PRJ-N"
name = "项目数"
clause = "1"
owner = "甲部门"
definition = "下达的项目"
certainty = "attested"
unit = "个"
measure = "count"
time = "cumulative"
since = "year-start"
subset = { side = "recipient", flag = "poor" }
source = [{ register = "project", filter = "has(fund)" }]

[[indicator]]
id = "PRJ-V"
name = "资金"
clause = "1"
owner = "甲部门"
definition = "下达的资金"
certainty = "attested"
unit = "元"
measure = "sum"
time = "flow"
format = { unit = "万元", per = 10000, floor_to = 100 }
source = [{ register = "project", value = "fund" }]

[[indicator]]
id = "PRJ-R"
name = "比例"
clause = "1"
owner = "甲部门"
definition = "之比"
certainty = "open"
unit = "%"
measure = "percent"
numerator = "PRJ-N"
denominator = "PRJ-V"
"#,
    ),
    (
        "briefs/half-year.toml",
        r#"id = "half-year"
title = "{period}通报"
issuer = "甲部门"

[[part]]
kind = "prose"
text = "下达{PRJ-N}，资金{PRJ-V:number}万元。"

[[part]]
kind = "chart"
caption = "资金"
indicator = "PRJ-V"
by = "link"
"#,
    ),
    (
        "tests/one.toml",
        r#"period = "2021H1"

[[record]]
register = "project"
values = { code = "A", supporter = "jia", recipient = "yi", fund = 1.5, total = 3, issued = 2021-02-01 }

[figures]
PRJ-N = 1
PRJ-V = "1.50"
PRJ-R = ""
"#,
    ),
];

/// The sound pack.
pub fn tiny() -> Source {
    let files = FILES
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_owned()));
    Source {
        files: files.collect(),
    }
}

/// The pack with a piece of one file replaced (once; it must be there).
pub fn with(source: &Source, file: &str, from: &str, to: &str) -> Source {
    let mut source = source.clone();
    let text = source.text(file).unwrap().to_owned();
    assert!(text.contains(from), "{file} holds no {from:?}");
    let text = text.replacen(from, to, 1);
    source.files.insert(file.to_owned(), text.into_bytes());
    source
}
