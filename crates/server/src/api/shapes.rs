//! The shapes of answers. Those marked "as it is sent" describe types of other crates that
//! serialise themselves; a test holds them against real answers.

use qipan_model::{Confirmation, FieldType, Record, Register, Value};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

/// Schema of an exact number that may be missing.
pub(crate) fn exact() -> Schema {
    let types = SchemaType::Array(vec![Type::Number, Type::Null]);
    Schema::Object(
        ObjectBuilder::new()
            .schema_type(types)
            .description(Some("Exact decimal"))
            .build(),
    )
}

/// A value as JSON: numbers digit by digit, days ISO 8601.
pub(crate) fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(whole) => (*whole).into(),
        Value::Decimal(decimal) => {
            let text = decimal.normalize().to_string();
            serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))
        }
        Value::Date(day) => day.to_string().into(),
        Value::Text(text) => text.clone().into(),
    }
}

/// One revision of a record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Record)]
pub(crate) struct RecordShape {
    /// Number within the register; the same through all revisions.
    pub record: i64,
    /// Number of the revision, from 1.
    pub rev: i64,
    /// Natural key, the key fields joined by `|`.
    pub key: String,
    /// `pending`, `agreed`, `contested` or `arbitrated`.
    #[schema(value_type = String)]
    pub confirmation: Confirmation,
    /// Whether the revision withdraws the record.
    pub retracted: bool,
    /// Journal entry that wrote the revision.
    pub entry: i64,
    /// Journal entry that ended it; `null` while it stands.
    pub ended: Option<i64>,
    /// Digest of the file it came from, hex; empty when entered by hand.
    pub source: String,
    /// Place within the file, `项目台账!A5`.
    pub place: String,
    /// Values by field id, `null` where empty; the register's schema is `Values.<register>`.
    #[schema(value_type = Object)]
    pub values: serde_json::Map<String, serde_json::Value>,
}

impl RecordShape {
    /// A revision as the caller may see it; `personal` says whether nothing is masked.
    pub(crate) fn of(register: &Register, record: &Record, personal: bool) -> Self {
        let values = register.fields.iter().zip(&record.values);
        let values = values.map(|(field, value)| {
            let shown = if field.personal && !personal {
                json(&qipan_model::masked(value))
            } else {
                json(value)
            };
            (field.id.clone(), shown)
        });
        Self {
            record: record.record,
            rev: record.rev,
            key: record.key.clone(),
            confirmation: record.confirmation,
            retracted: record.retracted,
            entry: record.from_seq,
            ended: record.to_seq,
            source: record.source.clone(),
            place: record.place.clone(),
            values: values.collect(),
        }
    }
}

/// [`RecordShape`] as it is written in a list, without a copy of anything.
pub(crate) struct Shown<'a> {
    pub register: &'a Register,
    pub record: &'a Record,
    /// Whether nothing is masked.
    pub personal: bool,
    /// Only these fields; all when `None`.
    pub fields: Option<&'a [usize]>,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(10))?;
        let record = self.record;
        map.serialize_entry("record", &record.record)?;
        map.serialize_entry("rev", &record.rev)?;
        map.serialize_entry("key", &record.key)?;
        map.serialize_entry("confirmation", &record.confirmation)?;
        map.serialize_entry("retracted", &record.retracted)?;
        map.serialize_entry("entry", &record.from_seq)?;
        map.serialize_entry("ended", &record.to_seq)?;
        map.serialize_entry("source", &record.source)?;
        map.serialize_entry("place", &record.place)?;
        map.serialize_entry("values", &ShownValues(self))?;
        map.end()
    }
}

struct ShownValues<'a>(&'a Shown<'a>);

impl Serialize for ShownValues<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let shown = self.0;
        let mut map = to.serialize_map(None)?;
        let fields = shown.register.fields.iter().zip(&shown.record.values);
        for (index, (field, value)) in fields.enumerate() {
            if shown.fields.is_some_and(|fields| !fields.contains(&index)) {
                continue;
            }
            if field.personal && !shown.personal {
                map.serialize_entry(&field.id, &json(&qipan_model::masked(value)))?;
                continue;
            }
            match value {
                Value::Null => map.serialize_entry(&field.id, &()),
                Value::Bool(truth) => map.serialize_entry(&field.id, truth),
                Value::Int(whole) => map.serialize_entry(&field.id, whole),
                Value::Text(text) => map.serialize_entry(&field.id, text),
                Value::Decimal(_) | Value::Date(_) => map.serialize_entry(&field.id, &json(value)),
            }?;
        }
        map.end()
    }
}

/// JSON Schema of a field's values.
pub(crate) fn field_schema(field: &qipan_model::Field) -> serde_json::Value {
    use serde_json::json;
    let mut schema = match &field.ty {
        FieldType::Text { max } => json!({"type": ["string", "null"], "maxLength": max}),
        FieldType::Choice { options } => {
            let labels: Vec<_> = options
                .iter()
                .map(|option| json!(option.label))
                .chain([serde_json::Value::Null])
                .collect();
            json!({"type": ["string", "null"], "enum": labels})
        }
        FieldType::Int { .. } => json!({"type": ["integer", "null"]}),
        FieldType::Decimal { .. } => json!({"type": ["number", "null"]}),
        FieldType::Money { .. } => json!({"type": ["number", "null"], "x-unit": "元"}),
        FieldType::Area => json!({"type": ["number", "null"], "x-unit": "亩"}),
        FieldType::Date { .. } => json!({"type": ["string", "null"], "format": "date"}),
        FieldType::Unit { .. } => json!({"type": ["string", "null"], "x-ref": "unit"}),
        FieldType::Bool => json!({"type": ["boolean", "null"]}),
    };
    schema["title"] = field.label.clone().into();
    schema["description"] = field.label_en.clone().into();
    if field.personal {
        schema["x-masked"] = true.into();
    }
    if field.retired.is_some() {
        schema["deprecated"] = true.into();
    }
    schema
}

/// JSON Schema of what may be sent for a field: numbers as number or text, units by id, name or
/// code.
pub(crate) fn given_schema(field: &qipan_model::Field) -> serde_json::Value {
    use serde_json::json;
    let mut schema = field_schema(field);
    match &field.ty {
        FieldType::Int { .. }
        | FieldType::Decimal { .. }
        | FieldType::Money { .. }
        | FieldType::Area => schema["type"] = json!(["number", "string", "null"]),
        FieldType::Choice { .. } => {
            // Synonyms of options are understood too.
            schema.as_object_mut().map(|schema| schema.remove("enum"));
        }
        FieldType::Date { .. } => {
            schema.as_object_mut().map(|schema| schema.remove("format"));
        }
        FieldType::Text { .. } | FieldType::Unit { .. } | FieldType::Bool => {}
    }
    schema
}

/// Who has reported, out of whom.
#[derive(Serialize, ToSchema)]
#[schema(as = Coverage)]
pub(crate) struct CoverageShape {
    /// Units that have filed.
    reported: u32,
    /// Units that were to file.
    due: u32,
}

/// One figure, as `qipan figures --format json` gives it.
#[derive(Serialize, ToSchema)]
#[schema(as = Figure)]
pub(crate) struct FigureShape {
    /// Indicator id, `PRJ-N-ISSUED`.
    indicator: String,
    /// Version of its definition.
    version: u32,
    /// Indicator's name.
    name: String,
    /// Value in the base unit; `null` when nobody has reported.
    #[schema(schema_with = exact)]
    value: (),
    /// Base unit: 元 for money, `%`, or a classifier.
    unit: String,
    /// As a brief prints it, `4.24亿元`; `未报` when nobody has reported.
    display: String,
    /// Period, `2021H1`.
    period: String,
    /// `whole`, `group`, `link`, `supporter` or `recipient`.
    by: String,
    /// Name of the part of the cut.
    cut: String,
    /// Unit ids of the part: supporter, recipient; empty where not cut by it.
    cut_units: Vec<String>,
    /// Who has reported.
    #[schema(value_type = CoverageShape)]
    coverage: (),
    /// Moment as of which it was read, RFC 3339 UTC.
    as_of: String,
    /// What unconfirmed rows would add; absent when nothing.
    #[schema(schema_with = exact, required = false)]
    unconfirmed: (),
}

/// A figure of another period, in short.
#[derive(ToSchema)]
#[schema(as = Past)]
#[expect(dead_code, reason = "describes qipan_figures::Past as it is sent")]
pub(crate) struct PastShape {
    /// Period.
    period: String,
    /// Version of its definition.
    version: u32,
    /// Value in the base unit; `null` when nobody had reported.
    #[schema(schema_with = exact)]
    value: (),
    /// As a brief prints it.
    display: String,
    /// Who had reported.
    #[schema(value_type = CoverageShape)]
    coverage: (),
}

/// A figure; asked with `compare=1`, beside what it was.
#[derive(Serialize, ToSchema)]
#[schema(as = Compared)]
pub(crate) struct ComparedShape {
    #[serde(flatten)]
    figure: FigureShape,
    /// What it was the period before; `null` where no definition was in force then.
    #[schema(value_type = Option<PastShape>, required = false)]
    previous: (),
    /// What it was the same period a year ago.
    #[schema(value_type = Option<PastShape>, required = false)]
    last_year: (),
    /// Value less that of the period before, exact; `null` when either has none.
    #[schema(schema_with = exact, required = false)]
    change: (),
    /// As a brief prints it, `+0.24亿元`; empty when there is none.
    #[schema(required = false)]
    change_display: String,
    /// Value less that of a year ago, exact.
    #[schema(schema_with = exact, required = false)]
    change_year: (),
    /// As a brief prints it.
    #[schema(required = false)]
    change_year_display: String,
    /// Unit of both changes: the base unit, of percentages 个百分点 (percentage points).
    #[schema(required = false)]
    change_unit: String,
}

/// The colour of a light.
#[derive(ToSchema)]
#[schema(as = Light, rename_all = "kebab-case")]
#[expect(dead_code, reason = "describes qipan_model::Light as it is sent")]
pub(crate) enum LightShape {
    /// All that was to be filed has been.
    Green,
    /// A part of it, or nothing although the period is over.
    Amber,
    /// Nothing for two periods in a row, both of which are over.
    Red,
    /// Nothing yet, or nothing was to be filed.
    Grey,
}

/// A figure of the board.
#[derive(Serialize, ToSchema)]
#[schema(as = BoardFigure)]
pub(crate) struct BoardFigureShape {
    #[serde(flatten)]
    compared: ComparedShape,
    /// Indicator's English name.
    name_en: String,
    /// `attested`, `likely` or `open` (待确认).
    certainty: String,
    /// Who has reported what the figure needs, as a light.
    #[schema(value_type = LightShape)]
    light: (),
    /// Why it is lit so, in Chinese.
    why: String,
    /// Why, in English.
    why_en: String,
}

/// One period of a trend.
#[derive(ToSchema)]
#[schema(as = TrendPoint)]
#[expect(dead_code, reason = "describes qipan_figures::Point as it is sent")]
pub(crate) struct PointShape {
    /// Period.
    period: String,
    /// Version of the definition; `null` where none was in force.
    version: Option<u32>,
    /// Value in the base unit; `null` when nobody has reported or no definition was in force.
    #[schema(schema_with = exact)]
    value: (),
    /// As a brief prints it; `—` where no definition was in force.
    display: String,
    /// Who has reported; `null` where no definition was in force.
    #[schema(value_type = Option<CoverageShape>)]
    coverage: (),
}

/// The definition card of an indicator.
#[derive(ToSchema)]
#[schema(as = Definition)]
#[expect(
    dead_code,
    reason = "describes qipan_figures::Definition as it is sent"
)]
pub(crate) struct DefinitionShape {
    /// Indicator id.
    indicator: String,
    /// Version in force at the period's end.
    version: u32,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Definition in words.
    definition: String,
    /// The same in English.
    definition_en: String,
    /// What is open about it.
    remark: String,
    /// The same in English.
    remark_en: String,
    /// `attested`, `likely` or `open` (待确认).
    certainty: String,
    /// Department that owns it.
    owner: String,
    /// The same in English.
    owner_en: String,
    /// Clause it rests on.
    clause: String,
    /// Relation to time, in words.
    time: String,
    /// The same in English.
    time_en: String,
    /// First and last day of the window; the first is empty when open.
    window: Vec<String>,
}

/// One row behind a figure.
#[derive(ToSchema)]
#[schema(as = FigureRow)]
#[expect(dead_code, reason = "describes qipan_figures::Row as it is sent")]
pub(crate) struct FigureRowShape {
    /// Register id.
    register: String,
    /// Record number within the register.
    record: i64,
    /// Revision that stood.
    rev: i64,
    /// Natural key.
    key: String,
    /// `pending`, `agreed`, `contested` or `arbitrated`.
    confirmation: String,
    /// Whether the figure counts it.
    counted: bool,
    /// Journal entry that wrote the revision.
    entry: i64,
    /// Digest of the file it came from, hex; empty when entered by hand.
    source: String,
    /// Place within that file.
    place: String,
    /// Values by field id; empty fields are left out.
    values: serde_json::Map<String, serde_json::Value>,
}

/// A figure opened.
#[derive(ToSchema)]
#[schema(as = Explanation)]
#[expect(
    dead_code,
    reason = "describes qipan_figures::Explanation as it is sent"
)]
pub(crate) struct ExplanationShape {
    /// The figure.
    figure: FigureShape,
    /// Its definition.
    definition: DefinitionShape,
    /// The SQL of each source, with its values written in.
    sql: Vec<String>,
    /// Names of the units that have not reported.
    missing: Vec<String>,
    /// Rows in all.
    total: usize,
    /// Rows of them that are counted; the others are still open between the sides.
    counted: usize,
    /// The rows, counted ones and those still open.
    rows: Vec<FigureRowShape>,
    /// For a percentage: its parts, opened likewise.
    #[schema(no_recursion)]
    parts: Vec<ExplanationShape>,
}

/// One journal entry.
#[derive(ToSchema)]
#[schema(as = Entry)]
#[expect(dead_code, reason = "describes qipan_store::Entry as it is sent")]
pub(crate) struct EntryShape {
    /// Number, from 1 without gaps.
    seq: i64,
    /// Moment, RFC 3339 UTC.
    at: String,
    /// Who.
    actor: String,
    /// Why.
    reason: String,
    /// What sort of change.
    action: String,
    /// Register touched; empty for changes of the pack.
    register: String,
    /// Rows written.
    rows: i64,
    /// Particulars.
    #[schema(value_type = Object)]
    payload: (),
    /// Digest of what was written, hex.
    digest: String,
    /// Hash of the entry before, hex.
    prev: String,
    /// Hash of this entry, hex.
    hash: String,
}

/// One thing that does not fit.
#[derive(ToSchema)]
#[schema(as = Broken)]
#[expect(dead_code, reason = "describes qipan_store::Broken as it is sent")]
pub(crate) struct BrokenShape {
    /// Journal entry to which it belongs.
    seq: i64,
    /// Register; empty when it is the journal itself.
    register: String,
    /// Record, when it is a row.
    record: Option<i64>,
    /// Revision, when it is a row.
    rev: Option<i64>,
    /// What does not fit, in Chinese.
    what: String,
    /// The same in English.
    what_en: String,
}

/// What the walk along the journal found.
#[derive(ToSchema)]
#[schema(as = VerifyReport)]
#[expect(
    dead_code,
    reason = "describes qipan_store::VerifyReport as it is sent"
)]
pub(crate) struct VerifyShape {
    /// Whether everything fits.
    ok: bool,
    /// Journal entries read.
    entries: i64,
    /// Hash of the last entry, hex.
    head: String,
    /// What does not fit, the first entry first.
    broken: Vec<BrokenShape>,
}
