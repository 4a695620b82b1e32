//! Units of measure as texts write them.

use crate::numeral::{skip_blanks, starts_with};

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
    /// No unit is written: a number in a table's cell, or 总投资7.5亿.
    Unstated,
}

/// Units by their writing, longest first so that 人次 wins over 人.
const UNITS: &[(&str, Dimension)] = &[
    ("平方公里", Dimension::Other),
    ("立方米", Dimension::Other),
    ("平方米", Dimension::Other),
    ("公斤", Dimension::Other),
    ("千瓦", Dimension::Other),
    ("场次", Dimension::Events),
    ("班次", Dimension::Events),
    ("期次", Dimension::Events),
    ("人次", Dimension::PersonTimes),
    ("美元", Dimension::Other),
    ("公里", Dimension::Other),
    ("公顷", Dimension::Other),
    ("元", Dimension::Money),
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
    ("宗", Dimension::Things),
    ("笔", Dimension::Other),
    ("台", Dimension::Other),
    ("辆", Dimension::Other),
    ("株", Dimension::Other),
    ("套", Dimension::Other),
    ("户", Dimension::Other),
    ("亩", Dimension::Other),
    ("倍", Dimension::Other),
    ("吨", Dimension::Other),
];

/// After a unit's character, what makes it the beginning of another word: 2项目 is no 2项.
const OTHER_WORDS: &[(&str, &[&str])] = &[
    (
        "个",
        &[
            "月",
            "工作日",
            "小时",
            "百分点",
            "季度",
            "星期",
            "年头",
            "昼夜",
            "自然日",
            "税",
            "半",
            "性",
        ],
    ),
    (
        "人",
        &[
            "民", "才", "员", "力", "口", "均", "大", "社", "工", "类", "文", "生",
        ],
    ),
    (
        "名",
        &["单", "称", "额", "义", "牌", "录", "片", "胜", "优", "列"],
    ),
    ("位", &["于", "置", "列", "居", "次", "一体"]),
    (
        "家",
        &["庭", "人", "乡", "禽", "畜", "电", "具", "长", "号", "万户"],
    ),
    ("所", &["有", "谓", "在", "属", "得", "以", "需"]),
    ("项", &["目", "链"]),
    ("次", &["日", "年", "产业", "会议", "全会"]),
    (
        "期",
        &["间", "末", "望", "限", "待", "货", "工程", "项目", "建设"],
    ),
    ("场", &["所", "地", "景", "馆", "均"]),
    ("班", &["子", "车", "级"]),
    ("组", &["织", "建", "成", "长", "合", "团"]),
    (
        "对",
        &[
            "口", "于", "标", "外", "应", "象", "比", "策", "照", "待", "接", "一",
        ],
    ),
    ("处", &["理", "置", "长", "于"]),
    ("件", &["套"]),
    ("条", &["件", "例"]),
    ("座", &["谈", "位"]),
    ("户", &["籍", "外", "均", "口"]),
    ("元", &["旦", "宵", "素", "器件", "月"]),
    ("台", &["湾", "账", "风"]),
    ("套", &["餐"]),
    ("倍", &["率", "增"]),
];

/// The unit written at a place after blanks, its kind, and how many characters both take.
pub(crate) fn unit_at(chars: &[char], at: usize) -> Option<(&'static str, Dimension, usize)> {
    let start = skip_blanks(chars, at);
    UNITS
        .iter()
        .find(|(word, _)| starts_with(chars, start, word))
        .map(|(word, dimension)| (*word, *dimension, start - at + word.chars().count()))
}

/// Whether the character that looked like a unit belongs to the word after it.
pub(crate) fn begins_another_word(chars: &[char], end: usize, classifier: &str) -> bool {
    OTHER_WORDS
        .iter()
        .find(|(unit, _)| *unit == classifier)
        .is_some_and(|(_, words)| words.iter().any(|word| starts_with(chars, end, word)))
}
