//! The check of a whole pack: every file read, everything held against everything else.

use std::collections::{BTreeMap, BTreeSet};

use qipan_model::{Pack, Register, Unit, UnitRole, Units};

use crate::diagnostic::{Code, Diagnostic, Report};
use crate::ids::Look;
use crate::nearest::hint;
use crate::raw::{
    RawAccess, RawBrief, RawClauses, RawIndicators, RawMechanism, RawRegister, RawTest,
};
use crate::registers::Lowered;
use crate::shape::{read, utf8};
use crate::{PackTest, Source, access, documents, indicators, registers, sample, schema, units};

/// Most registers in a pack.
pub const MAX_REGISTERS: usize = 100;

/// Fields that were renamed: register → former id → id now.
pub type Renames = BTreeMap<String, BTreeMap<String, String>>;

/// What came out of a check.
#[derive(Debug)]
pub struct Checked {
    /// The pack; `None` when any finding is an error.
    pub pack: Option<Pack>,
    /// Findings by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Fields that say under which id they stood before.
    pub renames: Renames,
    /// The pack's own tests.
    pub tests: Vec<PackTest>,
}

impl Checked {
    /// Findings that keep the pack from being applied.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|finding| finding.severity == qipan_model::Severity::Error)
    }
}

const MECHANISM: &str = "mechanism.toml";
const CLAUSES: &str = "clauses.toml";
const ACCESS: &str = "access.toml";
const BOUNDARIES: &str = "boundaries.geojson";
const TABLES: &[&str] = &[
    "units.csv",
    "unit_codes.csv",
    "unit_flags.csv",
    "unit_aliases.csv",
    "unit_overlaps.csv",
    "pairs.csv",
];

/// Checks a pack and lowers it to the model. All mistakes are reported at once, each with its place
/// and the remedy.
#[must_use]
pub fn check(source: &Source) -> Checked {
    let mut report = Report::new(source);
    strays(source, &mut report);
    for file in [MECHANISM, CLAUSES].iter().chain(TABLES) {
        if !source.files.contains_key(*file) {
            report.place(
                Code::P1001,
                file,
                (1, 1),
                format!("缺少文件 {file}：请补上（没有内容的表只写表头）"),
                format!("{file} is missing: add it (an empty table has its header only)"),
            );
        }
    }
    let raw: Option<RawMechanism> = read(source, MECHANISM, &schema::MECHANISM, &mut report);
    let raw = raw.unwrap_or_default();
    let raw_clauses: Option<RawClauses> = read(source, CLAUSES, &schema::CLAUSES, &mut report);
    let raw_clauses = raw_clauses.unwrap_or_default();
    let raw_access: Option<RawAccess> = read(source, ACCESS, &schema::ACCESS, &mut report);
    let raw_registers: Vec<(String, RawRegister)> =
        read_folder(source, "registers", &schema::REGISTER, &mut report);
    let raw_indicators: Vec<(String, RawIndicators)> =
        read_folder(source, "indicators", &schema::INDICATORS, &mut report);
    let raw_briefs: Vec<(String, RawBrief)> =
        read_folder(source, "briefs", &schema::BRIEF, &mut report);
    let raw_tests: Vec<(String, RawTest)> =
        read_folder(source, "tests", &schema::TEST, &mut report);
    for file in TABLES {
        let _ = utf8(source, file, &mut report);
    }
    let mut renames = Renames::new();
    // Half a file would make the other files look wrong: the writing is mended first.
    if report.has(Code::P1002) || report.has(Code::P1003) {
        return Checked {
            pack: None,
            diagnostics: report.finish(),
            renames,
            tests: Vec::new(),
        };
    }

    let mechanism = documents::mechanism(MECHANISM, &raw, &mut report);
    let units = units::read_units(source, &mechanism, &mut report);
    let links = units::read_links(source, &units, &mut report);
    let clauses = documents::clauses(CLAUSES, &raw_clauses, &mechanism, &mut report);
    let mut lowered: BTreeMap<String, Lowered> = BTreeMap::new();
    for (file, register) in raw_registers.iter().take(MAX_REGISTERS) {
        named_as_file(file, &register.id, &mut report);
        let mut one = registers::lower(
            source,
            file,
            register,
            &mechanism,
            &mut renames,
            &mut report,
        );
        // By the file's name, so that a slip in the id is told once and not wherever it is used.
        one.register.id = stem(file).to_owned();
        lowered.insert(one.register.id.clone(), one);
    }
    if let Some((file, _)) = raw_registers.get(MAX_REGISTERS) {
        report.place(
            Code::P1005,
            file,
            (1, 1),
            format!("超过上限 {MAX_REGISTERS} 个台账"),
            format!("more than {MAX_REGISTERS} registers"),
        );
    }
    let order = order(&raw, &raw_registers, &lowered, &mut report);
    let known = indicators::Known {
        source,
        mechanism: &mechanism,
        clauses: &clauses,
        registers: &lowered,
    };
    let indicators = indicators::lower_all(&known, &raw_indicators, &mut report);
    let ids: BTreeSet<&str> = indicators.iter().map(|one| one.id.as_str()).collect();
    let register_ids: BTreeSet<&str> = lowered.keys().map(String::as_str).collect();
    let named: BTreeSet<&str> = indicators.iter().map(|one| one.clause.as_str()).collect();
    documents::clause_references(
        CLAUSES,
        &raw_clauses,
        &register_ids,
        &ids,
        &named,
        &mut report,
    );
    let mut briefs = Vec::new();
    for (file, brief) in &raw_briefs {
        named_as_file(file, &brief.id, &mut report);
        briefs.push(documents::brief(file, brief, &ids, &mut report));
    }
    let roles = raw_access.map_or_else(Vec::new, |raw| access::roles(ACCESS, &raw, &mut report));
    let tests = raw_tests
        .iter()
        .filter_map(|(file, test)| sample::lower(file, test, &lowered, &units, &ids, &mut report))
        .collect();
    let boundaries = boundaries(source, &units, &mut report);
    let sheets: Vec<&Register> = order.iter().map(|id| &lowered[id].register).collect();
    same_sheets(&sheets, &mut report);

    let sound = !report.has_errors();
    let registers = order
        .iter()
        .filter_map(|id| lowered.remove(id))
        .map(|lowered| lowered.register)
        .collect();
    Checked {
        pack: sound.then(|| Pack {
            mechanism,
            units,
            links,
            clauses,
            registers,
            indicators,
            briefs,
            roles,
            boundaries,
            digest: source.digest(),
        }),
        diagnostics: report.finish(),
        renames,
        tests,
    }
}

/// Files that nothing reads: most often a misspelt name.
fn strays(source: &Source, report: &mut Report) {
    let known = [MECHANISM, CLAUSES, ACCESS, BOUNDARIES];
    for file in source.files.keys() {
        let fits = known.iter().chain(TABLES).any(|name| name == file)
            || matches!(
                file.split_once('/'),
                Some(("registers" | "indicators" | "briefs" | "tests", name))
                    if name.ends_with(".toml") && !name.contains('/')
            );
        let read_by_people = [".md", ".txt"].iter().any(|end| file.ends_with(end));
        if fits || read_by_people || *file == "LICENSE" {
            continue;
        }
        let (zh, en) = hint(file, known.iter().chain(TABLES).copied());
        report.place(
            Code::P1004,
            file,
            (1, 1),
            format!("没有哪部分会读这个文件{zh}（台账放 registers/，指标放 indicators/，简报放 briefs/，样例放 tests/；说明文字用 .md）"),
            format!("nothing reads this file{en} (registers/, indicators/, briefs/, tests/ hold .toml files; notes are .md)"),
        );
    }
}

fn read_folder<T: serde::de::DeserializeOwned>(
    source: &Source,
    folder: &str,
    schema: &serde_json::Value,
    report: &mut Report,
) -> Vec<(String, T)> {
    let files = source.files.keys().filter(|file| {
        file.split_once('/')
            .is_some_and(|(first, name)| first == folder && name.ends_with(".toml"))
    });
    files
        .filter_map(|file| Some((file.clone(), read(source, file, schema, report)?)))
        .collect()
}

fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name)
}

fn named_as_file(file: &str, id: &crate::spanned::Sp<String>, report: &mut Report) {
    let stem = stem(file);
    if !id.is_missing() && id.value != stem {
        let id_text = &id.value;
        report.at(
            Code::P1006,
            file,
            id.at,
            format!("编号 `{id_text}` 与文件名 {stem}.toml 不一致：请改其一"),
            format!("id `{id_text}` differs from the file's name {stem}.toml: change one"),
        );
    }
}

/// The registers' printing order: each file listed once in `mechanism.toml`.
fn order(
    raw: &RawMechanism,
    files: &[(String, RawRegister)],
    lowered: &BTreeMap<String, Lowered>,
    report: &mut Report,
) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut order = Vec::new();
    let mut look = Look {
        report,
        file: MECHANISM,
    };
    for id in &raw.registers {
        look.unique(id, "台账", &mut seen);
        let known = lowered.keys().map(String::as_str);
        if look.known(id, ("台账文件", "register file for"), known) && !order.contains(&id.value)
        {
            order.push(id.value.clone());
        }
    }
    for (file, register) in files.iter().filter(|_| !raw.registers.is_empty()) {
        let id = stem(file);
        if !seen.contains(id) {
            look.report.at(
                Code::P4003,
                file,
                register.id.at,
                format!("台账 `{id}` 不在 mechanism.toml 的 registers 里：请列入"),
                format!("register `{id}` is not listed in mechanism.toml: add it to registers"),
            );
        }
    }
    order
}

fn same_sheets(registers: &[&Register], report: &mut Report) {
    for (nth, register) in registers.iter().enumerate() {
        let sheet = &register.layout.sheet;
        if let Some(other) = registers[..nth]
            .iter()
            .find(|other| other.layout.sheet == *sheet)
        {
            let id = &other.id;
            report.place(
                Code::P5006,
                &format!("registers/{}.toml", register.id),
                (1, 1),
                format!("工作表名“{sheet}”与台账 `{id}` 相同：请改其一"),
                format!("sheet name “{sheet}” is that of register `{id}` too: change one"),
            );
        }
    }
}

fn boundaries(source: &Source, units: &Units, report: &mut Report) -> String {
    // Only looked at from outside: the shapes are big and nobody here needs them.
    #[derive(serde::Deserialize)]
    struct Collection {
        #[serde(rename = "type")]
        ty: String,
        features: Vec<Feature>,
    }
    #[derive(serde::Deserialize)]
    struct Feature {
        id: Option<String>,
    }
    let Some(text) = utf8(source, BOUNDARIES, report) else {
        return String::new();
    };
    let read = serde_json::from_str::<Collection>(text);
    let problem = match &read {
        Ok(all) if all.ty != "FeatureCollection" => Some((1, 1, all.ty.clone())),
        Ok(_) => None,
        Err(error) => Some((error.line(), error.column(), error.to_string())),
    };
    if let Some((line, column, said)) = problem {
        report.place(
            Code::P1007,
            BOUNDARIES,
            (line.max(1), column.max(1)),
            format!("不是可用的 GeoJSON（{said}）：应是 FeatureCollection，要素的 id 为单位代码（文字）"),
            format!("no usable GeoJSON ({said}): a FeatureCollection with unit codes (text) as ids is needed"),
        );
    } else if let Ok(all) = read {
        let ids: BTreeSet<String> = all.features.into_iter().filter_map(|one| one.id).collect();
        let shapeless = |unit: &&Unit| {
            unit.role == UnitRole::Recipient
                && !unit.codes.iter().any(|(code, _)| ids.contains(code))
        };
        for unit in units.all().iter().filter(shapeless) {
            let name = &unit.name;
            report.place(
                Code::P1008,
                BOUNDARIES,
                (1, 1),
                format!("没有{name}的边界：地图上画不出它，请补一个 id 为其代码的要素"),
                format!(
                    "no shape of {name}: maps cannot show it, add a feature whose id is its code"
                ),
            );
        }
    }
    text.to_owned()
}
