//! Units and links out of the pack's CSV tables.

use std::collections::{BTreeMap, BTreeSet};

use qipan_model::{Certainty, Link, Mechanism, Unit, UnitId, UnitKind, UnitRole, Units, Validity};

use crate::Source;
use crate::diagnostic::{Code, Report};
use crate::ids::{is_reversed, overlap};
use crate::nearest::hint;
use crate::tables::{Row, Table};

const UNITS: &[&str] = &[
    "id",
    "kind",
    "name",
    "short",
    "name_en",
    "role",
    "cluster",
    "valid_from",
    "valid_to",
    "successor",
    "note",
];

/// Reads all unit tables.
pub(crate) fn read_units(source: &Source, mechanism: &Mechanism, report: &mut Report) -> Units {
    let table = Table::read(source, "units.csv", UNITS, UNITS.len(), report);
    let mut units: Vec<Unit> = Vec::new();
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    for row in &table.rows {
        let id = table.needed(row, "id", report);
        if !id.is_empty() {
            slug(&table, row, id, report);
        }
        if index.insert(id.to_owned(), units.len()).is_some() {
            repeated(&table, row, "id", id, report);
        }
        let cluster = table.cell(row, "cluster");
        let clusters = || mechanism.clusters.iter().map(|one| one.id.as_str());
        if !cluster.is_empty() && !clusters().any(|id| id == cluster) {
            unknown(
                &table,
                row,
                "cluster",
                ("片区", "cluster"),
                clusters(),
                report,
            );
        }
        let name = table.needed(row, "name", report).to_owned();
        let short = match table.cell(row, "short") {
            "" => name.clone(),
            short => short.to_owned(),
        };
        units.push(Unit {
            id: UnitId::new(id),
            kind: table
                .word(row, "kind", report)
                .unwrap_or(UnitKind::District),
            name,
            short,
            name_en: table.cell(row, "name_en").to_owned(),
            role: table.word(row, "role", report).unwrap_or(UnitRole::None),
            cluster: cluster.to_owned(),
            validity: validity(&table, row, report),
            codes: Vec::new(),
            flags: Vec::new(),
            aliases: Vec::new(),
            within: Vec::new(),
            successor: None,
            note: table.cell(row, "note").to_owned(),
        });
    }
    for row in &table.rows {
        let successor = table.cell(row, "successor");
        if successor.is_empty() {
            continue;
        }
        if !index.contains_key(successor) {
            let known = index.keys().map(String::as_str);
            unknown(&table, row, "successor", ("单位", "unit"), known, report);
        } else if let Some(&unit) = index.get(table.cell(row, "id")) {
            units[unit].successor = Some(UnitId::new(successor));
        }
    }
    codes(source, &mut units, &index, report);
    flags(source, mechanism, &mut units, &index, report);
    aliases(source, &mut units, &index, report);
    overlaps(source, &mut units, &index, report);
    shared_names(&table, &units, &index, report);
    Units::new(units)
}

fn codes(
    source: &Source,
    units: &mut [Unit],
    index: &BTreeMap<String, usize>,
    report: &mut Report,
) {
    const COLUMNS: &[&str] = &["unit", "code", "valid_from", "valid_to"];
    let table = Table::read(source, "unit_codes.csv", COLUMNS, COLUMNS.len(), report);
    let mut owners: BTreeMap<&str, Vec<(usize, Validity)>> = BTreeMap::new();
    for row in &table.rows {
        let Some(unit) = unit(&table, row, "unit", index, report) else {
            continue;
        };
        let code = table.needed(row, "code", report);
        let span = validity(&table, row, report);
        // GB/T 2260 codes have six digits; local ones begin with a letter.
        let digits = code.bytes().all(|b| b.is_ascii_digit());
        if digits && !code.is_empty() && code.len() != 6 {
            let length = code.len();
            table.report(
                report,
                Code::P3003,
                row,
                "code",
                format!("区划代码 `{code}` 有 {length} 位：应为 6 位，请补齐"),
                format!("code `{code}` has {length} digits: it must have 6"),
            );
        }
        let owners = owners.entry(code).or_default();
        if let Some(&(other, _)) = owners.iter().find(|(_, theirs)| overlap(*theirs, span)) {
            let other = &units[other].name;
            table.report(
                report,
                Code::P3005,
                row,
                "code",
                format!("代码 `{code}` 同一时间已属{other}：请核对代码或有效期"),
                format!("code `{code}` belongs to {other} at the same time: check code or span"),
            );
        }
        owners.push((unit, span));
        units[unit].codes.push((code.to_owned(), span));
    }
}

fn flags(
    source: &Source,
    mechanism: &Mechanism,
    units: &mut [Unit],
    index: &BTreeMap<String, usize>,
    report: &mut Report,
) {
    const COLUMNS: &[&str] = &["unit", "flag", "valid_from", "valid_to", "evidence"];
    let table = Table::read(source, "unit_flags.csv", COLUMNS, COLUMNS.len(), report);
    for row in &table.rows {
        let flag = table.cell(row, "flag");
        let flags = || mechanism.flags.iter().map(|one| one.id.as_str());
        if !flags().any(|id| id == flag) {
            unknown(&table, row, "flag", ("标记", "flag"), flags(), report);
        }
        let span = validity(&table, row, report);
        let Some(unit) = unit(&table, row, "unit", index, report) else {
            continue;
        };
        let mine = &mut units[unit].flags;
        if mine
            .iter()
            .any(|(other, theirs)| other == flag && overlap(*theirs, span))
        {
            repeated(&table, row, "flag", flag, report);
        }
        mine.push((flag.to_owned(), span));
    }
}

fn aliases(
    source: &Source,
    units: &mut [Unit],
    index: &BTreeMap<String, usize>,
    report: &mut Report,
) {
    const COLUMNS: &[&str] = &["unit", "alias", "valid_from", "valid_to", "note"];
    let table = Table::read(source, "unit_aliases.csv", COLUMNS, COLUMNS.len(), report);
    for row in &table.rows {
        let alias = table.needed(row, "alias", report);
        let span = validity(&table, row, report);
        if let Some(unit) = unit(&table, row, "unit", index, report) {
            let mine = &mut units[unit].aliases;
            if mine
                .iter()
                .any(|(other, theirs)| other == alias && overlap(*theirs, span))
            {
                repeated(&table, row, "alias", alias, report);
            }
            mine.push((alias.to_owned(), span));
        }
    }
}

fn overlaps(
    source: &Source,
    units: &mut [Unit],
    index: &BTreeMap<String, usize>,
    report: &mut Report,
) {
    const COLUMNS: &[&str] = &["unit", "within", "note"];
    let table = Table::read(source, "unit_overlaps.csv", COLUMNS, COLUMNS.len(), report);
    for row in &table.rows {
        let inner = unit(&table, row, "unit", index, report);
        let outer = unit(&table, row, "within", index, report);
        if let (Some(inner), Some(outer)) = (inner, outer) {
            let outer = units[outer].id.clone();
            if inner == index[outer.as_str()] || units[inner].within.contains(&outer) {
                repeated(&table, row, "within", outer.as_str(), report);
            } else {
                units[inner].within.push(outer);
            }
        }
    }
}

/// Names that several units bear at the same time cannot be understood on import.
fn shared_names(
    table: &Table,
    units: &[Unit],
    index: &BTreeMap<String, usize>,
    report: &mut Report,
) {
    let mut owners: BTreeMap<&str, Vec<(usize, Validity)>> = BTreeMap::new();
    for (nth, unit) in units.iter().enumerate() {
        let aliases = unit
            .aliases
            .iter()
            .map(|(name, span)| (name.as_str(), *span));
        let own: BTreeSet<&str> = [unit.name.as_str(), unit.short.as_str()].into();
        for (name, span) in own
            .into_iter()
            .map(|name| (name, unit.validity))
            .chain(aliases)
        {
            owners.entry(name).or_default().push((nth, span));
        }
    }
    for (name, owners) in owners {
        for (nth, (mine, span)) in owners.iter().enumerate() {
            let rival = owners[..nth]
                .iter()
                .find(|(other, theirs)| other != mine && overlap(*theirs, *span));
            let Some((rival, _)) = rival else { continue };
            let (rival, unit) = (&units[*rival], &units[*mine]);
            let row = table
                .rows
                .iter()
                .find(|row| index.get(table.cell(row, "id")) == Some(mine));
            if let Some(row) = row {
                table.report(
                    report,
                    Code::P3007,
                    row,
                    "name",
                    format!(
                        "“{name}”同时是{}和{}的名称：导入时会请人选择",
                        rival.id, unit.id
                    ),
                    format!(
                        "“{name}” is the name of {} and {} at the same time: imports will ask",
                        rival.id, unit.id
                    ),
                );
            }
        }
    }
}

/// Reads the links.
pub(crate) fn read_links(source: &Source, units: &Units, report: &mut Report) -> Vec<Link> {
    const COLUMNS: &[&str] = &[
        "supporter",
        "recipient",
        "valid_from",
        "valid_to",
        "certainty",
        "evidence",
    ];
    let table = Table::read(source, "pairs.csv", COLUMNS, COLUMNS.len(), report);
    let mut links: Vec<Link> = Vec::new();
    for row in &table.rows {
        let certainty = table
            .word(row, "certainty", report)
            .unwrap_or(Certainty::Open);
        let span = validity(&table, row, report);
        let mut side = |column: &str, role: UnitRole| {
            let id = table.cell(row, column);
            if id.is_empty() {
                if certainty != Certainty::Open {
                    table.report(
                        report,
                        Code::P3003,
                        row,
                        column,
                        format!("`{column}` 是空的：只有 certainty 为 open（待确认）的行可以留空"),
                        format!(
                            "`{column}` is empty: only rows with certainty open may leave it so"
                        ),
                    );
                }
                return None;
            }
            let Some(unit) = units.get(id) else {
                let known = units.all().iter().map(|unit| unit.id.as_str());
                unknown(&table, row, column, ("单位", "unit"), known, report);
                return None;
            };
            if unit.role != role {
                table.report(
                    report,
                    Code::P3006,
                    row,
                    column,
                    format!("{}（{id}）在 units.csv 里不是 {column}：请核对", unit.name),
                    format!("`{id}` is no {column} in units.csv: check it"),
                );
            }
            let ends = |span: Validity| span.to.unwrap_or(jiff::civil::Date::MAX);
            if ends(unit.validity) < ends(span) {
                let name = &unit.name;
                table.report(
                    report,
                    Code::P3008,
                    row,
                    "valid_to",
                    format!("{name}先于这对关系撤销：请写明 valid_to 或另立一行"),
                    format!("`{id}` ends before this pair does: set valid_to or add a row"),
                );
            }
            Some(unit.id.clone())
        };
        let supporter = side("supporter", UnitRole::Supporter);
        let recipient = side("recipient", UnitRole::Recipient);
        if supporter.is_some()
            && recipient.is_some()
            && links.iter().any(|link| {
                link.supporter == supporter
                    && link.recipient == recipient
                    && overlap(link.validity, span)
            })
        {
            let pair = format!(
                "{},{}",
                table.cell(row, "supporter"),
                table.cell(row, "recipient")
            );
            repeated(&table, row, "supporter", &pair, report);
        }
        links.push(Link {
            supporter,
            recipient,
            validity: span,
            certainty,
            evidence: table.cell(row, "evidence").to_owned(),
        });
    }
    links
}

fn validity(table: &Table, row: &Row, report: &mut Report) -> Validity {
    let span = Validity {
        from: table.day(row, "valid_from", report),
        to: table.day(row, "valid_to", report),
    };
    if is_reversed(span) {
        table.report(
            report,
            Code::P4004,
            row,
            "valid_to",
            "valid_to 早于 valid_from：请核对两个日期".to_owned(),
            "valid_to is before valid_from: check both days".to_owned(),
        );
    }
    span
}

fn unit(
    table: &Table,
    row: &Row,
    column: &str,
    index: &BTreeMap<String, usize>,
    report: &mut Report,
) -> Option<usize> {
    let id = table.needed(row, column, report);
    let found = index.get(id).copied();
    if found.is_none() && !id.is_empty() {
        let known = index.keys().map(String::as_str);
        unknown(table, row, column, ("单位", "unit"), known, report);
    }
    found
}

fn slug(table: &Table, row: &Row, id: &str, report: &mut Report) {
    if !crate::ids::Form::Slug.fits(id) {
        table.report(
            report,
            Code::P4001,
            row,
            "id",
            format!("`{id}` 不能作单位编号：以小写字母开头，只用小写字母、数字和连字符，如 wanzhou"),
            format!("`{id}` is no id: begin with a lower-case letter, use only lower-case letters, digits and `-`"),
        );
    }
}

fn unknown<'a>(
    table: &Table,
    row: &Row,
    column: &str,
    what: (&str, &str),
    known: impl IntoIterator<Item = &'a str>,
    report: &mut Report,
) {
    let id = table.cell(row, column);
    let (zh, en) = hint(id, known);
    table.report(
        report,
        Code::P4003,
        row,
        column,
        format!("没有{} `{id}`{zh}", what.0),
        format!("there is no {} `{id}`{en}", what.1),
    );
}

fn repeated(table: &Table, row: &Row, column: &str, what: &str, report: &mut Report) {
    table.report(
        report,
        Code::P3004,
        row,
        column,
        format!("`{what}` 前面已经有了：请删去一行，或让两行的有效期不重叠"),
        format!("`{what}` is there already: remove a row, or keep their spans apart"),
    );
}
