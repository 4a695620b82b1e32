use jiff::civil::date;
use parquet::file::reader::{FileReader, SerializedFileReader};
use qipan_model::{
    Confirmation, Field, Layout, MoneyUnit, Register, Side, Unit, UnitId, UnitKind, UnitRole,
    Validity,
};

use super::*;

fn register() -> Register {
    let field = |id: &str, ty: FieldType| Field {
        id: id.into(),
        label: id.into(),
        label_en: id.into(),
        ty,
        measure: String::new(),
        measure_en: String::new(),
        required: false,
        synonyms: vec![],
        help: String::new(),
        help_en: String::new(),
        derived: None,
        retired: None,
        personal: id == "person",
    };
    Register {
        id: "fund".into(),
        code: "T3".into(),
        name: "资金".into(),
        name_en: "Funds".into(),
        theme: String::new(),
        fields: vec![
            field("recipient", FieldType::Unit { role: None }),
            field("amount", FieldType::Money { signed: true }),
            field("day", FieldType::Date { future: false }),
            field(
                "count",
                FieldType::Int {
                    min: None,
                    max: None,
                },
            ),
            field("done", FieldType::Bool),
            field("person", FieldType::Text { max: 9 }),
        ],
        key: vec![0],
        supporter: None,
        recipient: Some(0),
        date: Some(2),
        reporter: Side::Recipient,
        frequency: "event".into(),
        rules: vec![],
        layout: Layout {
            sheet: "资金".into(),
            title: String::new(),
            money: MoneyUnit::Wan,
            columns: vec![],
            notes: vec![],
        },
    }
}

/// 开县 500234 became 开州区 500154 in 2016.
fn units() -> Units {
    let until = |to| Validity { from: None, to };
    Units::new(vec![Unit {
        id: UnitId::new("kaizhou"),
        kind: UnitKind::District,
        name: "开州区".into(),
        short: "开州".into(),
        name_en: "Kaizhou".into(),
        role: UnitRole::Recipient,
        cluster: String::new(),
        validity: Validity::default(),
        codes: vec![
            ("500234".into(), until(Some(date(2016, 6, 7)))),
            ("500154".into(), until(None)),
        ],
        flags: vec![],
        aliases: vec![],
        within: vec![],
        successor: None,
        note: String::new(),
    }])
}

fn row(amount: &str, day: Date) -> Record {
    record(vec![
        Value::Text("kaizhou".into()),
        Value::Decimal(amount.parse().unwrap()),
        Value::Date(day),
        Value::Int(7),
        Value::Null,
        Value::Text("张三".into()),
    ])
}

fn record(values: Vec<Value>) -> Record {
    Record {
        record: 1,
        rev: 1,
        from_seq: 1,
        to_seq: None,
        key: String::new(),
        confirmation: Confirmation::Agreed,
        retracted: false,
        source: String::new(),
        place: String::new(),
        values,
    }
}

fn written(rows: &[Record]) -> Result<Vec<u8>, ColumnarError> {
    let (register, units) = (register(), units());
    let mut out = Vec::new();
    let mut exporter =
        ParquetExporter::begin(&register, &units, date(2021, 6, 30), false, &mut out)?;
    for row in rows {
        exporter.row(row)?;
    }
    assert_eq!(exporter.finish()?, rows.len() as u64);
    Ok(out)
}

fn reader(bytes: &[u8]) -> SerializedFileReader<std::fs::File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    SerializedFileReader::new(file).unwrap()
}

#[test]
fn every_type_comes_back_exactly() {
    let bytes = written(&[
        row("92003500.01", date(2021, 6, 30)),
        row("-0.5", date(2015, 1, 1)),
        record(vec![Value::Null; 6]),
    ])
    .unwrap();
    let file = reader(&bytes);
    let rows: Vec<String> = file
        .get_row_iter(None)
        .unwrap()
        .map(|row| row.unwrap().to_string())
        .collect();
    assert_eq!(
        rows,
        [
            r#"{recipient: "500154", amount: 92003500.01, day: 2021-06-30, count: 7, done: null, person: "张*", _state: "agreed"}"#,
            r#"{recipient: "500234", amount: -0.50, day: 2015-01-01, count: 7, done: null, person: "张*", _state: "agreed"}"#,
            r#"{recipient: null, amount: null, day: null, count: null, done: null, person: null, _state: "agreed"}"#,
        ]
    );
}

#[test]
fn row_groups_are_bounded() {
    let rows = vec![row("1", date(2021, 1, 1)); GROUP_ROWS + 1];
    let file = reader(&written(&rows).unwrap());
    let sizes: Vec<i64> = file
        .metadata()
        .row_groups()
        .iter()
        .map(|group| group.num_rows())
        .collect();
    assert_eq!(sizes, [65_536, 1]);
}

#[test]
fn lost_places_and_wrong_types_are_refused() {
    assert!(written(&[row("0.001", date(2021, 1, 1))]).is_err());
    assert!(written(&[row("92233720368547758.08", date(2021, 1, 1))]).is_err());
    let mut wrong = row("1", date(2021, 1, 1));
    wrong.values[3] = Value::Text("七".into());
    let error = written(&[wrong]).unwrap_err().to_string();
    assert!(error.contains("count"), "{error}");
}
