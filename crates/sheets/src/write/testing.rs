//! A small pack and rows for the tests of this half.

use jiff::civil::date;
use qipan_model::{Certainty, Confirmation, Record};
use qipan_model::{
    Choice, DistinctOf, Field, FieldType, Format, Indicator, Layout, LayoutColumn, Measure,
    Mechanism, MoneyUnit, Pack, PressTerms, Register, Side, Since, Source, TimeType, Unit, UnitId,
    UnitKind, UnitRole, Units, Validity, Value,
};
use rust_decimal::Decimal;

fn field(id: &str, label: &str, ty: FieldType) -> Field {
    Field {
        id: id.into(),
        label: label.into(),
        label_en: id.into(),
        ty,
        measure: String::new(),
        measure_en: String::new(),
        required: matches!(id, "code" | "name"),
        synonyms: vec![],
        help: format!("{label}怎么填"),
        help_en: String::new(),
        derived: None,
        retired: None,
        personal: id == "contact",
    }
}

fn unit(id: &str, name: &str, role: UnitRole, code: &str) -> Unit {
    Unit {
        id: UnitId::new(id),
        kind: UnitKind::District,
        name: name.into(),
        short: name.trim_end_matches(['区', '县']).into(),
        name_en: id.into(),
        role,
        cluster: String::new(),
        validity: Validity::default(),
        codes: vec![(code.into(), Validity::default())],
        flags: vec![],
        aliases: vec![],
        within: vec![],
        successor: None,
        note: String::new(),
    }
}

/// Units, one register with every field type, one indicator.
pub(crate) fn pack() -> Pack {
    let options = ["前期", "已开工", "已完工"].map(|label| Choice {
        label: label.into(),
        label_en: String::new(),
        synonyms: vec![],
    });
    let money = || FieldType::Money { signed: false };
    let side = |role| FieldType::Unit { role: Some(role) };
    let fields = vec![
        field("code", "项目编号", FieldType::Text { max: 64 }),
        field("name", "项目名称", FieldType::Text { max: 200 }),
        field("supporter", "帮扶区县", side(UnitRole::Supporter)),
        field("recipient", "受援区县", side(UnitRole::Recipient)),
        field(
            "status",
            "状态",
            FieldType::Choice {
                options: options.to_vec(),
            },
        ),
        field("total", "总投资", money()),
        field("fund", "其中：帮扶资金", money()),
        field("issued", "下达日期", FieldType::Date { future: false }),
        field(
            "people",
            "受益人数",
            FieldType::Int {
                min: Some(0),
                max: None,
            },
        ),
        field("area", "占地面积", FieldType::Area),
        field(
            "ratio",
            "进度系数",
            FieldType::Decimal {
                scale: 3,
                min: None,
                max: None,
            },
        ),
        field("done", "是否完工", FieldType::Bool),
        field("contact", "联系人", FieldType::Text { max: 20 }),
    ];
    let column = |field: &str, heads: &[&str]| LayoutColumn {
        field: field.into(),
        heads: heads.iter().map(|&h| h.into()).collect(),
        width: 14,
    };
    let register = Register {
        id: "project".into(),
        code: "T2".into(),
        name: "项目台账".into(),
        name_en: "Projects".into(),
        theme: String::new(),
        key: vec![0],
        supporter: Some(2),
        recipient: Some(3),
        date: Some(7),
        reporter: Side::Recipient,
        frequency: "month".into(),
        rules: vec![],
        layout: Layout {
            sheet: "项目台账".into(),
            title: "{period}对口协同项目台账".into(),
            money: MoneyUnit::Wan,
            columns: vec![
                column("code", &[]),
                column("name", &[]),
                column("supporter", &["结对关系"]),
                column("recipient", &["结对关系"]),
                column("status", &[]),
                column("total", &["资金"]),
                column("fund", &["资金"]),
                column("issued", &[]),
            ],
            notes: vec!["注：金额保留到分。".into()],
        },
        fields,
    };
    let indicator = Indicator {
        id: "PRJ-N-ISSUED".into(),
        version: 1,
        valid: Validity::default(),
        name: "累计下达项目".into(),
        name_en: String::new(),
        theme: String::new(),
        clause: String::new(),
        owner: String::new(),
        owner_en: String::new(),
        definition: String::new(),
        definition_en: String::new(),
        remark: String::new(),
        remark_en: String::new(),
        certainty: Certainty::Attested,
        unit: "个".into(),
        measure: Measure::Distinct(DistinctOf::Link),
        time: TimeType::Cumulative(Since::YearStart),
        sources: vec![Source {
            register: "project".into(),
            filter: None,
            date: 7,
            done_by: None,
            ends: None,
            value: None,
            distinct: None,
        }],
        subset: None,
        format: Format {
            unit: "个".into(),
            per: Decimal::ONE,
            decimals: 0,
            trim: true,
            floor_to: None,
        },
        press: PressTerms::default(),
    };
    Pack {
        mechanism: Mechanism {
            id: "test".into(),
            version: "1".into(),
            name: "试验机制".into(),
            name_en: "Test".into(),
            validity: Validity::default(),
            start: date(2021, 1, 1),
            currency: "CNY".into(),
            supporter_word: "帮扶方".into(),
            supporter_word_en: String::new(),
            recipient_word: "受援方".into(),
            recipient_word_en: String::new(),
            themes: vec![],
            clusters: vec![],
            flags: vec![],
        },
        units: Units::new(vec![
            unit("jiangjin", "江津区", UnitRole::Supporter, "500116"),
            unit("wanzhou", "万州区", UnitRole::Recipient, "500101"),
            unit("kaizhou", "开州区", UnitRole::Recipient, "500154"),
        ]),
        links: vec![],
        clauses: vec![],
        registers: vec![register],
        indicators: vec![indicator],
        briefs: vec![],
        roles: Vec::new(),
        boundaries: String::new(),
        digest: String::new(),
    }
}

/// One row with everything, one with as little as possible, one that looks like formulas.
pub(crate) fn records() -> Vec<Record> {
    let text = |t: &str| Value::Text(t.into());
    let decimal = |t: &str| Value::Decimal(t.parse().unwrap());
    let bare = |code: &str, name: &str| {
        let mut row = vec![Value::Null; 13];
        row[0] = text(code);
        row[1] = text(name);
        row
    };
    let rows = vec![
        vec![
            text("0021-001"),
            text("江津·开州, \"示范园\"\n二期"),
            text("jiangjin"),
            text("kaizhou"),
            text("已开工"),
            decimal("92003500.01"),
            decimal("99999999999999.99"),
            Value::Date(date(2021, 6, 30)),
            Value::Int(1_234),
            decimal("12.3456"),
            decimal("0.125"),
            Value::Bool(true),
            text("13800001234"),
        ],
        bare("0021-002", "无"),
        bare("=1+1", "'@SUM(A1)"),
    ];
    let states = [
        Confirmation::Agreed,
        Confirmation::Contested,
        Confirmation::Pending,
    ];
    let record = |(nth, (values, confirmation))| Record {
        record: nth,
        rev: 1,
        from_seq: 1,
        to_seq: None,
        key: String::new(),
        confirmation,
        retracted: false,
        source: String::new(),
        place: String::new(),
        values,
    };
    (1..)
        .zip(rows.into_iter().zip(states))
        .map(record)
        .collect()
}
