//! The lines above a header: title, 填报单位, 单位：万元, 填报日期, period.

use jiff::civil::Date;
use qipan_model::{AreaUnit, MoneyUnit, Period, Resolved, UnitId, Units};

use super::UnitOrigin;
use super::grid::Grid;
use crate::a1;
use crate::fold;
use crate::parse::date::{self, Written};

/// What the lines above a table say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Money unit and where it stands.
    pub money: Option<(MoneyUnit, UnitOrigin)>,
    /// Area unit.
    pub area: Option<AreaUnit>,
    /// 填报单位.
    pub unit: Option<UnitId>,
    /// Period in the title.
    pub period: Option<Period>,
    /// 填报日期.
    pub filed: Option<Date>,
}

/// The money unit that a folded text names.
pub(super) fn money_word(folded: &str) -> Option<MoneyUnit> {
    // 亿美元 and its kin are not 元.
    if ["美元", "欧元", "港元", "日元"]
        .iter()
        .any(|word| folded.contains(word))
    {
        return None;
    }
    if folded.contains("亿元") {
        Some(MoneyUnit::Yi)
    } else if folded.contains("万元") {
        Some(MoneyUnit::Wan)
    } else if folded.contains('元') && !folded.contains("单元") && !folded.contains("元/") {
        Some(MoneyUnit::Yuan)
    } else {
        None
    }
}

/// The area unit that a folded text names.
pub(super) fn area_word(folded: &str) -> Option<AreaUnit> {
    if folded.contains("公顷") {
        Some(AreaUnit::Hectare)
    } else if ["㎡", "m2", "m²", "平方米", "平米"]
        .iter()
        .any(|word| folded.contains(word))
    {
        Some(AreaUnit::SquareMetre)
    } else if folded.contains('亩') {
        Some(AreaUnit::Mu)
    } else {
        None
    }
}

/// What stands behind 单位: in a unit line, as opposed to 填报单位:, 建设单位: …
fn unit_line(folded: &str) -> Option<&str> {
    folded.match_indices("单位:").find_map(|(at, word)| {
        let before = &folded[..at];
        let is_own = before.is_empty()
            || before.ends_with(['(', ';', ',', '。', '、'])
            || ["金额", "计量", "货币"]
                .iter()
                .any(|word| before.ends_with(word));
        is_own.then(|| &folded[at + word.len()..])
    })
}

/// What stands behind a label in the cell, or in the next cell when nothing does.
fn behind(grid: &Grid, row: usize, column: u32, labels: &[&str]) -> Option<String> {
    let cell = grid.cell(row, column)?;
    let folded = fold::tight(&cell.text);
    let rest = labels.iter().find_map(|label| {
        let at = folded.find(label)?;
        folded[at + label.len()..].strip_prefix(':').or(
            // 填报单位(盖章): …
            folded[at + label.len()..]
                .strip_prefix("(盖章):")
                .or(folded[at + label.len()..].strip_prefix("(公章):")),
        )
    })?;
    let rest = rest.replace("(盖章)", "").replace("(公章)", "");
    if !rest.is_empty() {
        return Some(rest);
    }
    (column + cell.span..grid.width())
        .find_map(|next| grid.cell(row, next))
        .map(|next| fold::tight(&next.text))
        .filter(|next| !next.contains(':'))
}

/// The period that a title names: 2021年上半年, 2021年第二季度, 2021年1-6月, 2021年6月, 2021年.
fn period_of(folded: &str) -> Option<Period> {
    let at = folded.find('年')?;
    let year: String = folded[..at]
        .chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    if year.len() != 4 {
        return None;
    }
    let rest = folded[at..]
        .trim_start_matches("年度")
        .trim_start_matches('年');
    let code = if rest.starts_with("上半年") {
        format!("{year}H1")
    } else if rest.starts_with("下半年") {
        format!("{year}H2")
    } else if let Some(quarter) = quarter(rest) {
        format!("{year}Q{quarter}")
    } else if let Some((first, last)) = months(rest) {
        let year: i16 = year.parse().ok()?;
        let start = Date::new(year, first, 1).ok()?;
        return Period::new(start, Date::new(year, last, 1).ok()?.last_of_month());
    } else {
        year
    };
    code.parse().ok()
}

fn quarter(rest: &str) -> Option<u8> {
    let rest = rest.strip_prefix('第').unwrap_or(rest);
    [
        ("一季度", 1),
        ("二季度", 2),
        ("三季度", 3),
        ("四季度", 4),
        ("1季度", 1),
        ("2季度", 2),
        ("3季度", 3),
        ("4季度", 4),
    ]
    .iter()
    .find(|(word, _)| rest.starts_with(word))
    .map(|&(_, quarter)| quarter)
}

fn months(rest: &str) -> Option<(i8, i8)> {
    let (span, _) = rest.split_once('月')?;
    let (first, last) = span
        .split_once(['-', '—', '–', '~', '～', '至'])
        .unwrap_or((span, span));
    let first: i8 = first.parse().ok()?;
    let last: i8 = last.parse().ok()?;
    (1 <= first && first <= last && last <= 12).then_some((first, last))
}

impl Head {
    /// Reads the grid rows `from..to`.
    pub(super) fn read(grid: &Grid, from: usize, to: usize, units: &Units, today: Date) -> Self {
        let mut head = Self::default();
        let mut unit_name = None;
        for row in from..to {
            for column in 0..grid.width() {
                let Some(cell) = grid.cell(row, column) else {
                    continue;
                };
                let address = a1::address(column, grid.number(row));
                let folded = fold::tight(&cell.text);
                if let Some(said) = unit_line(&folded) {
                    if head.money.is_none()
                        && let Some(unit) = money_word(said)
                    {
                        head.money = Some((unit, UnitOrigin::UnitLine(address.clone())));
                    }
                    head.area = head.area.or_else(|| area_word(said));
                } else if head.money.is_none() {
                    // A bare 万元 at the right, or （万元） in the title.
                    let (outside, inside) = fold::split_brackets(&folded);
                    let said = if matches!(outside.as_str(), "元" | "万元" | "亿元") {
                        &outside
                    } else {
                        &inside
                    };
                    if let Some(unit) = money_word(said) {
                        head.money = Some((unit, UnitOrigin::Title(address)));
                    }
                }
                if head.period.is_none() {
                    head.period = period_of(&folded).filter(|_| !folded.contains("日期"));
                }
                if unit_name.is_none() {
                    unit_name = behind(
                        grid,
                        row,
                        column,
                        &["填报单位", "报送单位", "填报区县", "报送区县", "填表单位"],
                    );
                }
                if head.filed.is_none()
                    && let Some(written) = behind(
                        grid,
                        row,
                        column,
                        &["填报日期", "填表日期", "报送日期", "填报时间"],
                    )
                    && let Written::Day(day) = date::of_text(&written, false)
                {
                    head.filed = Some(day);
                }
            }
        }
        let day = head.period.map_or(today, Period::end);
        if let Some(name) = unit_name {
            // 开州区发展改革委 reports for 开州区.
            let office = ["发展和改革委员会", "发展改革委", "发改委", "人民政府"]
                .iter()
                .find_map(|office| name.strip_suffix(office));
            for name in [Some(name.as_str()), office].into_iter().flatten() {
                if let Resolved::One(unit) = units.resolve(name, day) {
                    head.unit = Some(unit.id.clone());
                    break;
                }
            }
        }
        head
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2021年“一区两群”区县对口协同项目台账", Some("2021"))]
    #[case("2021年上半年台账", Some("2021H1"))]
    #[case("2021年第二季度", Some("2021Q2"))]
    #[case("2021年1-6月", Some("2021H1"))]
    #[case("2021年6月台账", Some("2021-06"))]
    #[case("2021年度", Some("2021"))]
    #[case("台账", None)]
    #[case("21年", None)]
    fn finds_the_period(#[case] title: &str, #[case] expect: Option<&str>) {
        assert_eq!(
            period_of(title).map(|period| period.to_string()).as_deref(),
            expect
        );
    }

    #[test]
    fn tells_unit_lines_apart() {
        assert_eq!(unit_line("单位:万元"), Some("万元"));
        assert_eq!(unit_line("填报单位:开州区单位:万元"), None);
        assert_eq!(unit_line("填报单位:(盖章)"), None);
        assert_eq!(unit_line("台账(单位:万元)"), Some("万元)"));
        assert_eq!(money_word("亿美元"), None);
        assert_eq!(money_word("万元、个、人"), Some(MoneyUnit::Wan));
    }
}
