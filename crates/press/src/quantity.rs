//! Finds quantities: a number, what softens it, its magnitude and its unit.

use rust_decimal::Decimal;

/// How a number is softened, with its proper meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approx {
    /// Nothing said: the number, at the precision in which it is written.
    Exact,
    /// 余、多、超、逾: at least this, less than one more of its last place.
    Above,
    /// 近、不足、不到: at most this, more than one less of its last place.
    Below,
    /// 约、左右: nearest, at the last place.
    About,
    /// 至少、不少于.
    AtLeast,
    /// 至多、不超过.
    AtMost,
}

/// What kind of thing is measured: kinds never mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// 元 and its multiples.
    Money,
    /// % and 百分之.
    Percent,
    /// Person-times: 人次.
    PersonTimes,
    /// Persons: 名, 人, 位.
    Persons,
    /// Events: 场次, 场, 次, 期, 班.
    Events,
    /// Pairs: 对, 组.
    Pairs,
    /// Things: 个, 家, 所, 项 …
    Things,
    /// Anything else that is counted or measured (亩, 公里, 倍 …).
    Other,
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
    /// The classifier alone: 元, 个, 人次.
    pub classifier: String,
    /// Kind of thing.
    pub dimension: Dimension,
}

/// Units by their writing, longest first so that 人次 wins over 人.
const UNITS: &[(&str, Dimension)] = &[
    ("个百分点", Dimension::Other),
    ("平方公里", Dimension::Other),
    ("平方米", Dimension::Other),
    ("人民币", Dimension::Money),
    ("场次", Dimension::Events),
    ("班次", Dimension::Events),
    ("期次", Dimension::Events),
    ("人次", Dimension::PersonTimes),
    ("美元", Dimension::Other),
    ("公里", Dimension::Other),
    ("公顷", Dimension::Other),
    ("元", Dimension::Money),
    ("％", Dimension::Percent),
    ("%", Dimension::Percent),
    ("名", Dimension::Persons),
    ("人", Dimension::Persons),
    ("位", Dimension::Persons),
    ("场", Dimension::Events),
    ("次", Dimension::Events),
    ("期", Dimension::Events),
    ("班", Dimension::Events),
    ("对", Dimension::Pairs),
    ("组", Dimension::Pairs),
    ("个", Dimension::Things),
    ("家", Dimension::Things),
    ("所", Dimension::Things),
    ("项", Dimension::Things),
    ("座", Dimension::Things),
    ("处", Dimension::Things),
    ("件", Dimension::Things),
    ("条", Dimension::Things),
    ("户", Dimension::Other),
    ("亩", Dimension::Other),
    ("倍", Dimension::Other),
    ("吨", Dimension::Other),
];

/// Words before the number that soften it.
const BEFORE: &[(&str, Approx)] = &[
    ("不少于", Approx::AtLeast),
    ("不低于", Approx::AtLeast),
    ("至少", Approx::AtLeast),
    ("不超过", Approx::AtMost),
    ("不多于", Approx::AtMost),
    ("至多", Approx::AtMost),
    ("超过", Approx::Above),
    ("突破", Approx::Above),
    ("超", Approx::Above),
    ("逾", Approx::Above),
    ("接近", Approx::Below),
    ("不足", Approx::Below),
    ("不到", Approx::Below),
    ("近", Approx::Below),
    ("大约", Approx::About),
    ("约", Approx::About),
];

/// Finds the quantities of a text in order. Dates, times, ordinals (第十四个), years, telephone
/// numbers and numerals inside words (一盘棋, “十四五”) are not quantities: only a number
/// with a unit of measure counts.
#[must_use]
pub fn find_quantities(chars: &[char]) -> Vec<Quantity> {
    let wide = |at: usize| chars.get(at).is_some_and(|c| ('０'..='９').contains(c));
    let folded: Vec<char> = chars
        .iter()
        .enumerate()
        .map(|(at, &c)| match c {
            // ３６，８９１: only between full-width digits is the full-width comma a separator.
            '，' if at > 0 && wide(at - 1) && wide(at + 1) => ',',
            _ => fold(c),
        })
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < folded.len() {
        match quantity_at(&folded, at) {
            Some(quantity) => {
                at = quantity.end;
                found.push(quantity);
            }
            None => at = skip_number(&folded, at),
        }
    }
    found
}

/// Full-width forms to their ASCII siblings, so that １４４ reads as 144.
fn fold(c: char) -> char {
    match c {
        '！'..='～' if !matches!(c, '，' | '：' | '；' | '！' | '？' | '（' | '）') => {
            char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)
        }
        '　' => ' ',
        _ => c,
    }
}

/// A run of digits that is no quantity is passed over whole: its tail is none either.
fn skip_number(chars: &[char], at: usize) -> usize {
    let run = |ok: fn(char) -> bool| chars[at..].iter().take_while(|&&c| ok(c)).count();
    let arabic = run(|c| c.is_ascii_digit());
    let chinese = run(|c| chinese_digit(c).is_some() || chinese_power(c).is_some());
    at + arabic.max(chinese).max(1)
}

fn quantity_at(chars: &[char], at: usize) -> Option<Quantity> {
    let (mut approx, number_at) = softener_before(chars, at);
    // An ordinal is a name (第十四个五年规划), and a digit run that goes on to the left is not ours.
    if at > 0 && (chars[at - 1] == '第' || chars[at - 1].is_ascii_digit() || chars[at - 1] == '.')
    {
        return None;
    }
    let percent_words = starts_with(chars, number_at, "百分之");
    let digits_at = if percent_words {
        number_at + 3
    } else {
        number_at
    };
    let number = arabic(chars, digits_at).or_else(|| chinese(chars, digits_at))?;
    let mut end = skip_blanks(chars, number.end);
    let mut softened_after = false;
    let mut power = Decimal::ONE;
    let mut unit = String::new();
    // 7400余万元, 7400万余元, 3万多人: the softener may stand before or after the magnitude.
    for _ in 0..2 {
        if !softened_after && chars.get(end).is_some_and(|c| matches!(c, '余' | '多')) {
            approx = Approx::Above;
            softened_after = true;
            end = skip_blanks(chars, end + 1);
        }
        if unit.is_empty()
            && let Some((magnitude, length)) = magnitude(chars, end)
        {
            power = magnitude;
            unit.extend(&chars[end..end + length]);
            end = skip_blanks(chars, end + length);
        }
    }
    let (classifier, dimension) = if percent_words {
        ("%".to_owned(), Dimension::Percent)
    } else {
        let (word, dimension) = UNITS
            .iter()
            .find(|(word, _)| starts_with(chars, end, word))
            .copied()?;
        end += word.chars().count();
        (if word == "％" { "%" } else { word }.to_owned(), dimension)
    };
    if !percent_words {
        unit.push_str(&classifier);
    } else {
        unit = "%".to_owned();
    }
    if is_part_of_a_word(chars, number_at, end, &classifier, &number) {
        return None;
    }
    // 人次 and 场次 may be followed by 左右 / 以上.
    for (word, meaning) in [
        ("左右", Approx::About),
        ("上下", Approx::About),
        ("以上", Approx::AtLeast),
    ] {
        if starts_with(chars, end, word) {
            approx = meaning;
            end += 2;
        }
    }
    Some(Quantity {
        start: at,
        end,
        value: number.value.checked_mul(power)?,
        place: number.place.checked_mul(power)?,
        step: number.step.checked_mul(power)?,
        approx,
        unit,
        classifier,
        dimension,
    })
}

/// Numerals that live inside fixed words: 一对一, 一个个, 一家人, 两次三番; a bare 一 or 两 with a
/// classifier is an article, not a statistic (一个平台, 两家单位 stays a count).
fn is_part_of_a_word(
    chars: &[char],
    at: usize,
    end: usize,
    classifier: &str,
    number: &Number,
) -> bool {
    let next = chars.get(end).copied().unwrap_or(' ');
    let articles = number.chinese && number.value == Decimal::ONE;
    let name_of_people = classifier == "人" && matches!(next, '民' | '才' | '员' | '力' | '口');
    let name_of_house = classifier == "家" && matches!(next, '庭' | '人' | '乡');
    let place_name = classifier == "所" && matches!(next, '有' | '谓' | '在');
    let minted = classifier == "元" && number.chinese && number.value < Decimal::TEN;
    let dated = classifier == "次" && matches!(next, '日' | '年');
    let duplicated = number.chinese && at > 0 && chars[at - 1] == chars[at];
    articles || name_of_people || name_of_house || place_name || minted || dated || duplicated
}

fn softener_before(chars: &[char], at: usize) -> (Approx, usize) {
    for (word, approx) in BEFORE {
        if starts_with(chars, at, word) {
            let number_at = skip_blanks(chars, at + word.chars().count());
            let number_next = chars.get(number_at).is_some_and(|&c| {
                c.is_ascii_digit() || chinese_digit(c).is_some() || chinese_power(c).is_some()
            });
            if number_next {
                return (*approx, number_at);
            }
        }
    }
    (Approx::Exact, at)
}

struct Number {
    end: usize,
    value: Decimal,
    place: Decimal,
    step: Decimal,
    chinese: bool,
}

/// Longest digit run read as a number; longer ones are telephone or account numbers.
const MOST_DIGITS: usize = 12;

fn arabic(chars: &[char], at: usize) -> Option<Number> {
    let mut digits = String::new();
    let mut decimals: Option<u32> = None;
    let mut end = at;
    while let Some(&c) = chars.get(end) {
        let digit_follows =
            |offset: usize| chars.get(end + offset).is_some_and(char::is_ascii_digit);
        match c {
            '0'..='9' => {
                digits.push(c);
                decimals = decimals.map(|n| n + 1);
            }
            '.' if decimals.is_none() && !digits.is_empty() && digit_follows(1) => {
                decimals = Some(0);
                digits.push('.');
            }
            // A thousands separator: exactly three digits follow, then none.
            ',' if decimals.is_none()
                && !digits.is_empty()
                && (1..=3).all(digit_follows)
                && !digit_follows(4) => {}
            _ => break,
        }
        end += 1;
    }
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    if count == 0 || count > MOST_DIGITS {
        return None;
    }
    let value: Decimal = digits.parse().ok()?;
    let place = Decimal::new(1, decimals.unwrap_or(0));
    let step = if decimals.is_some() || value.is_zero() {
        place
    } else {
        let zeros = digits.bytes().rev().take_while(|&b| b == b'0').count();
        Decimal::from(10_i64.checked_pow(u32::try_from(zeros).ok()?)?)
    };
    Some(Number {
        end,
        value,
        place,
        step,
        chinese: false,
    })
}

fn chinese_digit(c: char) -> Option<i64> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' => 1,
        '二' | '两' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn chinese_power(c: char) -> Option<i64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        _ => return None,
    })
}

/// A Chinese numeral: 一百四十四, 三万六千八百九十一, 两千零三十二, 四点二四, 三〇三二.
fn chinese(chars: &[char], at: usize) -> Option<Number> {
    let (mut total, mut section, mut digit) = (0_i64, 0_i64, None::<i64>);
    let mut last_power = 1_i64;
    let (mut end, mut positional, mut powers) = (at, 0_usize, 0_usize);
    while let Some(&c) = chars.get(end) {
        if let Some(value) = chinese_digit(c) {
            // Digit by digit (三〇三二) only while no power word has been seen.
            digit = match digit {
                Some(before) if powers == 0 => Some(before.checked_mul(10)?.checked_add(value)?),
                _ => Some(value),
            };
            positional += 1;
            if positional > MOST_DIGITS {
                return None;
            }
            last_power = 1;
        } else if let Some(power) = chinese_power(c) {
            section += digit.take().unwrap_or(1) * power;
            powers += 1;
            last_power = power;
        } else if c == '万' && (digit.is_some() || section > 0) && number_goes_on(chars, end + 1) {
            total = (total + section + digit.take().unwrap_or(0)) * 10_000;
            section = 0;
            powers += 1;
        } else {
            break;
        }
        end += 1;
    }
    if end == at {
        return None;
    }
    let whole = total + section + digit.unwrap_or(0);
    let (mut value, mut place) = (Decimal::from(whole), Decimal::ONE);
    if chars.get(end) == Some(&'点') {
        let mut fraction = String::new();
        let mut cursor = end + 1;
        while let Some(value) = chars.get(cursor).copied().and_then(chinese_digit) {
            fraction.push_str(&value.to_string());
            cursor += 1;
        }
        if !fraction.is_empty() && fraction.len() <= 6 {
            value = format!("{whole}.{fraction}").parse().ok()?;
            place = Decimal::new(1, u32::try_from(fraction.len()).ok()?);
            end = cursor;
        }
    }
    let step = if place < Decimal::ONE {
        place
    } else {
        Decimal::from(last_power)
    };
    Some(Number {
        end,
        value,
        place,
        step,
        chinese: true,
    })
}

/// Whether more of a Chinese numeral follows 万 (三万六千), so that 万 is not the magnitude.
fn number_goes_on(chars: &[char], at: usize) -> bool {
    chars
        .get(at)
        .is_some_and(|&c| chinese_digit(c).is_some() || chinese_power(c).is_some())
}

fn magnitude(chars: &[char], at: usize) -> Option<(Decimal, usize)> {
    const MAGNITUDES: [(&str, i64); 8] = [
        ("万亿", 1_000_000_000_000),
        ("千万", 10_000_000),
        ("百万", 1_000_000),
        ("十万", 100_000),
        ("亿", 100_000_000),
        ("万", 10_000),
        ("千", 1_000),
        ("百", 100),
    ];
    MAGNITUDES
        .iter()
        .find(|(word, _)| starts_with(chars, at, word))
        .map(|(word, power)| (Decimal::from(*power), word.chars().count()))
}

fn starts_with(chars: &[char], at: usize, word: &str) -> bool {
    let mut rest = chars.get(at..).unwrap_or_default().iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

fn skip_blanks(chars: &[char], mut at: usize) -> usize {
    while chars.get(at).is_some_and(|&c| c == ' ' || c == '\u{a0}') {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let chars: Vec<char> = text.chars().collect();
        let found: Vec<String> = find_quantities(&chars)
            .iter()
            .map(|q| format!("{}{}{:?}", q.value.normalize(), q.classifier, q.approx))
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
    fn finds(#[case] text: &str, #[case] expect: &[&str]) {
        check(text, expect);
    }

    #[rstest]
    #[case("2021年6月30日")]
    #[case("2021-08-09 06:00:00")]
    #[case("报料QQ:3401582423。")]
    #[case("电话023-67890123")]
    #[case("国民经济和社会发展第十四个五年规划和二〇三五年远景目标纲要")]
    #[case("“一区两群”下好“一盘棋”,“十四五”开局")]
    #[case("一对一帮扶")]
    #[case("一个平台")]
    #[case("以一域服务全局")]
    fn passes_over(#[case] text: &str) {
        check(text, &[]);
    }
}
