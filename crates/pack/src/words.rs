//! The closed lists of words that a pack is written in.

use qipan_model::{Action, Certainty, MoneyUnit, Reach, Severity, Side, UnitKind, UnitRole};

use crate::spanned::Vocabulary;

/// A type of field as written in `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeWord {
    Text,
    Choice,
    Int,
    Decimal,
    Money,
    Area,
    Date,
    Unit,
    Bool,
}

impl Vocabulary for TypeWord {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("text", "文字", Self::Text),
        ("choice", "选项之一", Self::Choice),
        ("int", "整数", Self::Int),
        ("decimal", "定点小数", Self::Decimal),
        ("money", "金额，以元存", Self::Money),
        ("area", "面积，以亩存", Self::Area),
        ("date", "日期", Self::Date),
        ("unit", "单位", Self::Unit),
        ("bool", "是/否", Self::Bool),
    ];
}

impl Vocabulary for Side {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("supporter", "帮扶方", Self::Supporter),
        ("recipient", "受援方", Self::Recipient),
        ("city", "市级", Self::City),
    ];
}

impl Vocabulary for Severity {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("error", "拒收该行", Self::Error),
        ("warning", "收下并提示", Self::Warning),
    ];
}

impl Vocabulary for Certainty {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("attested", "有公开依据", Self::Attested),
        ("likely", "有间接依据", Self::Likely),
        ("open", "待确认", Self::Open),
    ];
}

impl Vocabulary for UnitKind {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("district", "区县", Self::District),
        ("zone", "功能区", Self::Zone),
        ("department", "部门", Self::Department),
        ("city", "全市", Self::City),
    ];
}

impl Vocabulary for UnitRole {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("supporter", "帮扶方", Self::Supporter),
        ("recipient", "受援方", Self::Recipient),
        ("none", "不属任何一方", Self::None),
    ];
}

impl Vocabulary for MoneyUnit {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("元", "1 元", Self::Yuan),
        ("万元", "10000 元", Self::Wan),
        ("亿元", "100000000 元", Self::Yi),
    ];
}

impl Vocabulary for Reach {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("all", "所有单位的记录", Self::All),
        ("links", "本单位及其结对关系的记录", Self::Links),
        ("nothing", "不看记录", Self::Nothing),
    ];
}

impl Vocabulary for Action {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("read", "查看记录、数字和报送情况", Self::Read),
        ("write", "填报、修改和撤回记录", Self::Write),
        ("import", "导入工作簿", Self::Import),
        ("export", "导出", Self::Export),
        ("return", "报送（含零报告）", Self::Return),
        ("evidence", "上传佐证", Self::Evidence),
        ("brief", "出简报", Self::Brief),
        ("check", "核对稿件", Self::Check),
        ("journal", "查日志，须 reach = \"all\"", Self::Journal),
        ("verify", "核验全库", Self::Verify),
        ("accounts", "管理账号，只给三员", Self::Accounts),
        ("system", "管理系统，只给三员", Self::System),
    ];
}

/// How often a register is filed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Frequency(pub(crate) &'static str);

impl Vocabulary for Frequency {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("month", "每月", Self("month")),
        ("quarter", "每季度", Self("quarter")),
        ("half", "每半年", Self("half")),
        ("year", "每年", Self("year")),
        ("event", "随事随报", Self("event")),
    ];
}

/// `measure` of an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MeasureWord {
    Count,
    Sum,
    Distinct(qipan_model::DistinctOf),
    Percent,
}

impl Vocabulary for MeasureWord {
    const WORDS: &'static [(&'static str, &'static str, Self)] = {
        use qipan_model::DistinctOf as Of;
        &[
            ("count", "记录数", Self::Count),
            ("sum", "各来源 value 之和", Self::Sum),
            (
                "distinct-supporter",
                "帮扶方个数",
                Self::Distinct(Of::Supporter),
            ),
            (
                "distinct-recipient",
                "受援方个数",
                Self::Distinct(Of::Recipient),
            ),
            ("distinct-group", "结对组数", Self::Distinct(Of::Group)),
            ("distinct-link", "结对关系数", Self::Distinct(Of::Link)),
            (
                "distinct-key",
                "各来源 distinct 字段不同值的个数",
                Self::Distinct(Of::Key),
            ),
            ("percent", "分子除以分母乘 100", Self::Percent),
        ]
    };
}

/// `time` of an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeWord {
    Flow,
    Cumulative,
    Stock,
    Latest,
}

impl Vocabulary for TimeWord {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("flow", "期内发生", Self::Flow),
        ("cumulative", "自某日起累计", Self::Cumulative),
        ("stock", "期末存量", Self::Stock),
        ("latest", "各受援方最近一次的数", Self::Latest),
    ];
}

/// `kind` of a part of a brief.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    Heading,
    Prose,
    Table,
    Chart,
    Map,
    Coverage,
    FigureList,
}

impl Vocabulary for PartKind {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("heading", "标题", Self::Heading),
        ("prose", "正文，数字用 {指标} 占位", Self::Prose),
        ("table", "数字表", Self::Table),
        ("chart", "条形图", Self::Chart),
        ("map", "地图", Self::Map),
        ("coverage", "报送情况", Self::Coverage),
        ("figure-list", "数字清单", Self::FigureList),
    ];
}

/// `by` of a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cut(pub(crate) &'static str);

impl Vocabulary for Cut {
    const WORDS: &'static [(&'static str, &'static str, Self)] = &[
        ("group", "按结对组", Self("group")),
        ("link", "按结对关系", Self("link")),
        ("supporter", "按帮扶方", Self("supporter")),
        ("recipient", "按受援方", Self("recipient")),
    ];
}
