//! Finds quantities: a number, what softens it, its magnitude and its unit.

use rust_decimal::Decimal;

use crate::numeral::{
    Number, chinese_digit, chinese_power, ends_with, magnitude, number, skip_blanks, starts_with,
};
use crate::share::share;
use crate::unit::{Dimension, begins_another_word, unit_at};

/// How a number is softened, with its proper meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approx {
    /// Nothing said: the number, at the precision in which it is written.
    Exact,
    /// 余、多、超、逾、超过、突破: at least this, less than one more of its last place.
    Above,
    /// 近、接近: at most this, more than one less of its last place.
    Below,
    /// 不足、不到: less than this, and more than one less of its last place; 不足一半 and 不到100%
    /// say no more than less.
    Under,
    /// 过半、超过50%: more than a landmark, however much.
    Over,
    /// 约、左右、十来个: nearest, at the last place.
    About,
    /// 至少、不少于、以上.
    AtLeast,
    /// 至多、不超过、以内.
    AtMost,
    /// 30至40个、二三十个、数十个: from this to that, both included.
    Between(Decimal),
}

/// One quantity of the text. Positions count characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// First character (a leading 约 or 近 included).
    pub start: usize,
    /// One past the last character (the unit included).
    pub end: usize,
    /// The number in the base unit: 元, %, pieces.
    pub value: Decimal,
    /// The size of the last written place, in the base unit: 4.24亿 → 1,000,000.
    pub place: Decimal,
    /// The size of the last written place that is not zero: 7400万 → 1,000,000.
    pub step: Decimal,
    /// How it is softened.
    pub approx: Approx,
    /// Unit as written, magnitude included: 亿元, 万个, 个.
    pub unit: String,
    /// The classifier alone: 元, 个, 人次; empty where none is written.
    pub classifier: String,
    /// Kind of thing.
    pub dimension: Dimension,
}

/// Words before the number that soften it.
const BEFORE: &[(&str, Approx)] = &[
    ("不少于", Approx::AtLeast),
    ("不低于", Approx::AtLeast),
    ("至少", Approx::AtLeast),
    ("最少", Approx::AtLeast),
    ("不超过", Approx::AtMost),
    ("不多于", Approx::AtMost),
    ("不高于", Approx::AtMost),
    ("至多", Approx::AtMost),
    ("最多", Approx::AtMost),
    ("超过了", Approx::Above),
    ("超过", Approx::Above),
    ("突破了", Approx::Above),
    ("突破", Approx::Above),
    ("多于", Approx::Above),
    ("高于", Approx::Above),
    ("超出", Approx::Above),
    ("超", Approx::Above),
    ("逾", Approx::Above),
    ("过", Approx::Above),
    ("将近", Approx::Below),
    ("接近", Approx::Below),
    ("近", Approx::Below),
    ("不足", Approx::Under),
    ("不到", Approx::Under),
    ("不满", Approx::Under),
    ("少于", Approx::Under),
    ("低于", Approx::Under),
    ("大约", Approx::About),
    ("大概", Approx::About),
    ("大致", Approx::About),
    ("约", Approx::About),
];

/// Words after the unit that soften it.
const AFTER: &[(&str, Approx)] = &[
    ("左右", Approx::About),
    ("上下", Approx::About),
    ("以上", Approx::AtLeast),
    ("以内", Approx::AtMost),
    ("以下", Approx::AtMost),
];

/// Finds the quantities of a text in order. Dates, times, ordinals (第十四个), years, telephone
/// numbers and numerals inside words (一盘棋, “十四五”) are not quantities: only a number with a
/// unit of measure counts, and a number that stands alone ([`Dimension::Unstated`]), which becomes
/// a claim only where words bind it.
///
/// The characters are those of a text in which full-width forms are folded.
#[must_use]
pub fn find_quantities(chars: &[char]) -> Vec<Quantity> {
    let mut found: Vec<Quantity> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if let Some(end) = address(chars, at) {
            at = end;
            continue;
        }
        match quantity_at(chars, at) {
            Some(quantity) => {
                at = quantity.end;
                found.push(quantity);
            }
            None => at = skip_number(chars, at),
        }
    }
    found
}

/// The end of a web address that starts here: its digits count nothing.
fn address(chars: &[char], at: usize) -> Option<usize> {
    ["http://", "https://", "www."]
        .iter()
        .any(|start| starts_with(chars, at, start))
        .then(|| {
            at + chars[at..]
                .iter()
                .take_while(|c| c.is_ascii_graphic())
                .count()
        })
}

/// A run of digits that is no quantity is passed over whole: its tail is none either.
fn skip_number(chars: &[char], at: usize) -> usize {
    let run = |ok: fn(char) -> bool| chars[at..].iter().take_while(|&&c| ok(c)).count();
    let arabic = run(|c| c.is_ascii_digit());
    let chinese = run(|c| chinese_digit(c).is_some() || chinese_power(c).is_some());
    at + arabic.max(chinese).max(1)
}

/// A number with its unit, its kind and where it ends.
pub(crate) struct Measured {
    pub(crate) number: Number,
    pub(crate) unit: String,
    pub(crate) classifier: String,
    pub(crate) dimension: Dimension,
    pub(crate) end: usize,
}

fn quantity_at(chars: &[char], at: usize) -> Option<Quantity> {
    let (softened, number_at) = softener_before(chars, at);
    if is_name(chars, at) {
        return None;
    }
    let mut last = share(chars, number_at).or_else(|| measured(chars, number_at))?;
    let first = last.number.clone();
    let mut approx = match (softened, first.upper) {
        (_, Some(upper)) => Approx::Between(upper),
        (Some(softened), None) => softened,
        (None, None) if first.more => Approx::Above,
        (None, None) if first.or_so => Approx::About,
        (None, None) => Approx::Exact,
    };
    let mut value = first.value;
    if softened.is_none()
        && let Some((upper, from)) = range(chars, number_at, &last)
    {
        approx = Approx::Between(upper.number.value);
        value = from;
        last = upper;
    }
    let mut end = last.end;
    if last.dimension == Dimension::Unstated {
        if softened.is_none() && !stands_alone(chars, number_at, end, &first) {
            return None;
        }
    } else if is_part_of_a_word(chars, number_at, end, &last, softened.is_some()) {
        return None;
    }
    for (word, meaning) in AFTER {
        if starts_with(chars, end, word) && !matches!(approx, Approx::Between(_)) {
            approx = *meaning;
            end += word.chars().count();
        }
    }
    Some(Quantity {
        start: at,
        end,
        value,
        place: last.number.place,
        step: last.number.step,
        approx: landmark(approx, value, last.dimension),
        unit: last.unit,
        classifier: last.classifier,
        dimension: last.dimension,
    })
}

/// More or less than half, or than all, says no more than that: 不足50% is no number near 50.
fn landmark(approx: Approx, value: Decimal, dimension: Dimension) -> Approx {
    let is_landmark =
        dimension == Dimension::Percent && [50, 100].iter().any(|&mark| value == mark.into());
    match approx {
        Approx::Above if is_landmark => Approx::Over,
        Approx::Under if is_landmark => Approx::AtMost,
        other => other,
    }
}

/// Whether what starts here is a part of a name: 第十四个, 前3名, A4, 十三届四次, a longer digit run.
fn is_name(chars: &[char], at: usize) -> bool {
    let before = chars[..at].iter().rev().find(|c| **c != ' ').copied();
    let next_to = at.checked_sub(1).map(|before| chars[before]);
    matches!(before, Some('第')) && !matches!(next_to, Some('\t'))
        || next_to.is_some_and(|c| {
            c.is_ascii_alphanumeric() || matches!(c, '.' | '届' | '_') || chinese_digit(c).is_some()
        })
        // 前3名, 第1至3位: a rank.
        || (next_to == Some('前') && number(chars, at).is_some_and(|number| {
            chars.get(number.end).is_some_and(|c| matches!(c, '名' | '位' | '强'))
        }))
}

/// A number and the unit after it; without a unit its kind is [`Dimension::Unstated`].
fn measured(chars: &[char], at: usize) -> Option<Measured> {
    let number = number(chars, at)?;
    let mut unit = number.magnitude.clone();
    Some(match unit_at(chars, number.end) {
        Some((word, dimension, length)) => {
            unit.push_str(word);
            let end = number.end + length;
            Measured {
                number,
                unit,
                classifier: word.to_owned(),
                dimension,
                end,
            }
        }
        None => {
            let digits = chars[at..number.end].iter().rposition(|c| *c != ' ')? + 1;
            let end = at + digits;
            Measured {
                number,
                unit,
                classifier: String::new(),
                dimension: Dimension::Unstated,
                end,
            }
        }
    })
}

/// The upper end of a range that goes on after its first number (30至40个, 8%—10%, 7000万至8000万元)
/// with the lower end in the same unit.
fn range(chars: &[char], at: usize, first: &Measured) -> Option<(Measured, Decimal)> {
    // 由30个到53个 is a change: the numbers are two.
    if ["由", "从", "自", "由原来的", "从原来的"]
        .iter()
        .any(|word| ends_with(chars, at, word))
    {
        return None;
    }
    let mut next = skip_blanks(chars, first.end);
    if !matches!(
        chars.get(next),
        Some('至' | '到' | '—' | '-' | '~' | '–' | '−')
    ) {
        return None;
    }
    while matches!(
        chars.get(next),
        Some('至' | '到' | '—' | '-' | '~' | '–' | '−' | ' ')
    ) {
        next += 1;
    }
    let upper = share(chars, next).or_else(|| measured(chars, next))?;
    let stated = first.dimension != Dimension::Unstated;
    if upper.dimension == Dimension::Unstated || (stated && upper.dimension != first.dimension) {
        return None;
    }
    // 3—5亿元: the magnitude of the second number is that of the first.
    let lower = if stated || !first.number.magnitude.is_empty() {
        first.number.value
    } else {
        let signs: Vec<char> = upper.number.magnitude.chars().collect();
        let power = magnitude(&signs, 0).map_or(Decimal::ONE, |(power, _)| power);
        first.number.value.checked_mul(power)?
    };
    (lower < upper.number.value).then_some((upper, lower))
}

/// Whether a number without a unit stands as a number of its own: not a date, a code, a version
/// or the beginning of a word.
fn stands_alone(chars: &[char], at: usize, end: usize, number: &Number) -> bool {
    if number.chinese && number.magnitude.is_empty() {
        return false;
    }
    let before = at.checked_sub(1).map(|before| chars[before]);
    if before.is_some_and(|c| matches!(c, '-' | '/' | ':' | '+' | '〔' | '[' | '—' | '_' | '@'))
    {
        return false;
    }
    // （3）: the number of an item.
    let bracketed = matches!(before, Some('（' | '('));
    match chars.get(end) {
        Some('）' | ')') if bracketed => false,
        None => true,
        Some(c) if c.is_ascii_alphanumeric() => false,
        Some('-' | '/' | ':' | '+' | '×' | '〕' | '.' | '—' | '~' | '&' | '=' | '@' | '_') => {
            false
        }
        Some(c) => !"年月日时分秒点号岁天周届版章页楼层级季度强后前来名℃至到代款转".contains(*c),
    }
}

/// Numerals that live inside fixed words: 一对一, 一个个, 一家人; a bare 一 with a classifier is an
/// article (一个平台, while 两家单位 stays a count), a power alone a manner of speaking (百名干部,
/// 千家万户), and the unit may be the beginning of another word (2项目, 3名单, 两个月).
fn is_part_of_a_word(
    chars: &[char],
    at: usize,
    end: usize,
    measured: &Measured,
    softened: bool,
) -> bool {
    let number = &measured.number;
    let articles = number.chinese
        && number.value == Decimal::ONE
        && number.magnitude.is_empty()
        && number.upper.is_none()
        && measured.dimension != Dimension::Percent;
    let manner = number.bare_power && !softened && !number.more && !number.or_so;
    let minted = measured.classifier == "元"
        && number.chinese
        && measured.unit == "元"
        && number.value < Decimal::TEN;
    let duplicated = number.chinese && at > 0 && chars[at - 1] == chars[at];
    // 三番五次, 千家万户.
    let idiom = number.chinese
        && at > 0
        && matches!(chars[at - 1], '番' | '次' | '家' | '户' | '言')
        && measured.dimension != Dimension::Percent
        && number.value <= Decimal::TEN;
    // “四个不摘”, “三个一批”: a slogan, not a count.
    let slogan = number.chinese && at > 0 && matches!(chars[at - 1], '“' | '‘' | '「' | '"');
    let graded = chars.get(end) == Some(&'级');
    articles
        || manner
        || minted
        || duplicated
        || idiom
        || slogan
        || graded
        || begins_another_word(chars, end, &measured.classifier)
}

fn softener_before(chars: &[char], at: usize) -> (Option<Approx>, usize) {
    let next = |at: usize| {
        chars.get(at).is_some_and(|&c| {
            c.is_ascii_digit()
                || chinese_digit(c).is_some()
                || chinese_power(c).is_some()
                || starts_with(chars, at, "半数")
        })
    };
    for (word, approx) in BEFORE {
        // 过 ends many words (通过144个); alone it softens a half only.
        if *word == "过" && !starts_with(chars, at + 1, "半数") {
            continue;
        }
        let number_at = skip_blanks(chars, at + word.chars().count());
        if starts_with(chars, at, word) && next(number_at) {
            return (Some(*approx), number_at);
        }
    }
    (None, at)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::text::Text;

    fn check(text: &str, expect: &[&str]) {
        let found: Vec<String> = find_quantities(Text::new(text).chars())
            .iter()
            .filter(|q| q.dimension != Dimension::Unstated)
            .map(|q| match q.approx {
                Approx::Between(upper) => {
                    format!(
                        "{}–{}{}",
                        q.value.normalize(),
                        upper.normalize(),
                        q.classifier
                    )
                }
                approx => format!("{}{}{approx:?}", q.value.normalize(), q.classifier),
            })
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    #[rstest]
    #[case("项目144个", &["144个Exact"])]
    #[case("总投资7.5亿元,其中4.24亿元", &["750000000元Exact", "424000000元Exact"])]
    #[case("开工率36.8%", &["36.8%Exact"])]
    #[case("开工率百分之三十六点八", &["36.8%Exact"])]
    #[case("等6 个园区", &["6个Exact"])]
    #[case("销售7400余万元", &["74000000元Above"])]
    #[case("销售7400万余元", &["74000000元Above"])]
    #[case("近7500万元", &["75000000元Below"])]
    #[case("约3.7万个岗位", &["37000个About"])]
    #[case("岗位３６，８９１个", &["36891个Exact"])]
    #[case("岗位36,891个", &["36891个Exact"])]
    #[case("培训52场次2171人次", &["52场次Exact", "2171人次Exact"])]
    #[case("一百四十四个项目", &["144个Exact"])]
    #[case("三万六千八百九十一个", &["36891个Exact"])]
    #[case("三千零三十二家", &["3032家Exact"])]
    #[case("十三个协同区", &["13个Exact"])]
    #[case("超过4亿元", &["400000000元Above"])]
    #[case("30多名干部", &["30名Above"])]
    #[case("百余家企业", &["100家Above"])]
    #[case("七亿五千万元", &["750000000元Exact"])]
    #[case("4亿2400万元", &["424000000元Exact"])]
    #[case("一亿六千三百万元", &["163000000元Exact"])]
    #[case("3万6891个", &["36891个Exact"])]
    #[case("三〇三二家", &["3032家Exact"])]
    #[case("30至40个、30—40个、3~5亿元", &["30–40个", "30–40个", "300000000–500000000元"])]
    #[case("8%—10%", &["8–10%"])]
    #[case("由30个到53个", &["30个Exact", "53个Exact"])]
    #[case("二三十个，五六家，十五六名", &["20–30个", "5–6家", "15–16名"])]
    #[case("数十个，上百家，几千名，十几对，数万个", &["20–99个", "100–999家", "2000–9999名", "11–19对", "20000–99999个"])]
    #[case("十来个，二十来名", &["10个About", "20名About"])]
    #[case("三成，近四成，三成多，三成六，四成半", &["30%Exact", "40%Below", "30%Above", "36%Exact", "45%Exact"])]
    #[case("四分之一，不到一半，过半数", &["25%Exact", "50%AtMost", "50%Over"])]
    #[case("不足50%，超过50%", &["50%AtMost", "50%Over"])]
    #[case("100人以上，50场左右，5家以内", &["100人AtLeast", "50场About", "5家AtMost"])]
    fn finds(#[case] text: &str, #[case] expect: &[&str]) {
        check(text, expect);
    }

    #[rstest]
    #[case("2021年6月30日")]
    #[case("2021-08-09 06:00:00")]
    #[case("报料QQ:3401582423。")]
    #[case("电话023-67890123转8012")]
    #[case("国民经济和社会发展第十四个五年规划和二〇三五年远景目标纲要")]
    #[case("“一区两群”下好“一盘棋”,“十四五”开局")]
    #[case("一对一帮扶")]
    #[case("一个平台")]
    #[case("以一域服务全局")]
    #[case("国办发〔2018〕16号")]
    #[case("“两不愁三保障”百分之百，24小时、365天")]
    #[case("第十三届全国人大四次会议，第3届")]
    #[case("提高5个百分点，两个月，3个工作日")]
    #[case("A4纸，5G网，版本V2.1.3，5A级景区")]
    #[case("2 项目进展；3名单；4对口帮扶")]
    #[case("前三名，居第4位，第 5 名")]
    #[case("千家万户，百名干部，三番五次，千亿元级产业")]
    #[case("https://example.com/144/53个")]
    #[case("一批项目、若干平台、多家企业，翻了一番")]
    fn passes_over(#[case] text: &str) {
        check(text, &[]);
    }
}
