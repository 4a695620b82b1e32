//! The files of a pack as they are written: what serde reads and what the JSON Schemas describe.
//!
//! Every key has a default, so that a file with mistakes can still be read for further mistakes;
//! which keys are missing is found by [`crate::shape`] from the schemas' `required`.

use std::collections::BTreeMap;

use qipan_model::{Action, Certainty, MoneyUnit, Reach, Severity, Side, UnitRole};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::spanned::{Day, Number, Sp, Word};
use crate::words::{Cut, Frequency, MeasureWord, PartKind, TimeWord, TypeWord};

type Text = Sp<String>;

/// `mechanism.toml`: names, calendar and words of the mechanism.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "version", "name", "start", "supporter_word", "recipient_word", "registers"]))]
pub(crate) struct RawMechanism {
    /// Id of the mechanism, `chongqing`.
    pub(crate) id: Text,
    /// Version of the pack, for people.
    pub(crate) version: Text,
    /// Full name.
    pub(crate) name: Text,
    /// English name.
    pub(crate) name_en: String,
    /// Day from which cumulative figures count.
    pub(crate) start: Option<Sp<Day>>,
    /// First day in force.
    pub(crate) valid_from: Option<Sp<Day>>,
    /// Last day in force.
    pub(crate) valid_to: Option<Sp<Day>>,
    /// ISO 4217 code of the currency; `CNY` unless said otherwise.
    pub(crate) currency: Option<Text>,
    /// What the supporters are called.
    pub(crate) supporter_word: Text,
    /// The same in English.
    pub(crate) supporter_word_en: String,
    /// What the recipients are called.
    pub(crate) recipient_word: Text,
    /// The same in English.
    pub(crate) recipient_word_en: String,
    /// Ids of the registers in printing order; each is a file `registers/<id>.toml`.
    pub(crate) registers: Vec<Text>,
    /// Themes (领域) in printing order.
    pub(crate) theme: Vec<RawTheme>,
    /// Clusters of units.
    pub(crate) cluster: Vec<RawName>,
    /// Flags that units may carry.
    pub(crate) flag: Vec<RawName>,
}

/// A theme.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "name"]))]
pub(crate) struct RawTheme {
    /// Id, `industry`.
    pub(crate) id: Text,
    /// Name.
    pub(crate) name: Text,
    /// English name.
    pub(crate) name_en: String,
    /// Other headings under which the theme was published.
    pub(crate) aliases: Vec<String>,
}

/// An id with its name.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "name"]))]
pub(crate) struct RawName {
    /// Id.
    pub(crate) id: Text,
    /// Name.
    pub(crate) name: Text,
    /// English name.
    pub(crate) name_en: String,
}

/// `clauses.toml`: the provisions of the policy.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawClauses {
    /// Provisions in order.
    pub(crate) clause: Vec<RawClause>,
}

/// A provision.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "title", "text"]))]
pub(crate) struct RawClause {
    /// Number within the mechanism, `2.3`.
    pub(crate) id: Text,
    /// Heading.
    pub(crate) title: Text,
    /// Heading in English.
    pub(crate) title_en: String,
    /// The provision in the pack's own words.
    pub(crate) text: Text,
    /// The same in English.
    pub(crate) text_en: String,
    /// Theme id; empty for general provisions.
    pub(crate) theme: Text,
    /// Registers that hold the facts.
    pub(crate) registers: Vec<Text>,
    /// Indicators that count them.
    pub(crate) indicators: Vec<Text>,
    /// Where the provision is known from.
    pub(crate) source: String,
}

/// `registers/<id>.toml`: a declared table of facts (台账).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "code", "name", "key", "reporter", "frequency", "field"]))]
pub(crate) struct RawRegister {
    /// Id; the table's name in SQL and the file's name.
    pub(crate) id: Text,
    /// Number of the ledger in the policy's own list, `T2`.
    pub(crate) code: Text,
    /// Name.
    pub(crate) name: Text,
    /// English name.
    pub(crate) name_en: String,
    /// Theme id; empty for registers that serve several.
    pub(crate) theme: Text,
    /// Fields whose values together tell one fact from another.
    pub(crate) key: Vec<Text>,
    /// Field that names the supporter.
    pub(crate) supporter: Option<Text>,
    /// Field that names the recipient.
    pub(crate) recipient: Option<Text>,
    /// Field whose day places a record in a period.
    pub(crate) date: Option<Text>,
    /// Side that files returns; its units are the denominator of coverage.
    pub(crate) reporter: Option<Word<Side>>,
    /// How often returns are due.
    pub(crate) frequency: Option<Word<Frequency>>,
    /// Fields in order.
    pub(crate) field: Vec<Sp<RawField>>,
    /// Rules that every row must keep.
    pub(crate) rule: Vec<RawRule>,
    /// How the register looks as people's workbook.
    pub(crate) layout: Sp<RawLayout>,
}

/// A field of a register.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "label", "type"]))]
pub(crate) struct RawField {
    /// Id; the column's name in SQL, CSV and JSON.
    pub(crate) id: Text,
    /// Label, the header people know.
    pub(crate) label: Text,
    /// English label.
    pub(crate) label_en: String,
    /// What the field holds.
    #[serde(rename = "type")]
    pub(crate) ty: Option<Sp<Word<TypeWord>>>,
    /// Former id of a renamed field: its values are kept.
    pub(crate) was: Option<Text>,
    /// Whether a record without it is refused.
    pub(crate) required: bool,
    /// Other headers under which it arrives.
    pub(crate) synonyms: Vec<Text>,
    /// Help for whoever fills it in.
    pub(crate) help: String,
    /// The same in English.
    pub(crate) help_en: String,
    /// Unit of measure for people (人, 所 …); money is always kept in 元, area in 亩.
    pub(crate) measure: String,
    /// The same in English, as it reads after a label: `households`.
    pub(crate) measure_en: String,
    /// Least value (int, decimal).
    pub(crate) min: Option<Sp<Number>>,
    /// Most characters (text) or greatest value (int, decimal).
    pub(crate) max: Option<Sp<Number>>,
    /// Places after the point (decimal), 0 to 6.
    pub(crate) scale: Option<Sp<u8>>,
    /// Whether money below zero is allowed.
    pub(crate) signed: Option<Sp<bool>>,
    /// Whether days after the day of import are allowed (plans, deadlines).
    pub(crate) future: Option<Sp<bool>>,
    /// Part that the unit must play; any unit when left out.
    pub(crate) role: Option<Sp<Word<UnitRole>>>,
    /// Options of a choice: words, or tables with `label`, `label_en` and `synonyms`.
    pub(crate) options: Option<Sp<Vec<Sp<RawOption>>>>,
    /// Expression over the fields before it; then the field is never typed in.
    pub(crate) derived: Option<Text>,
    /// Last day on which the field was in use; its column and values are kept.
    pub(crate) retired: Option<Sp<Day>>,
    /// Personal data: masked in print and export unless asked for by right.
    pub(crate) personal: bool,
}

/// An option of a choice.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum RawOption {
    /// The label alone.
    Label(String),
    /// The label with more.
    Full(RawChoice),
}

impl Default for RawOption {
    fn default() -> Self {
        Self::Label(String::new())
    }
}

/// An option with English label and other spellings.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["label"]))]
pub(crate) struct RawChoice {
    /// Label, stored as it is.
    pub(crate) label: String,
    /// English label.
    pub(crate) label_en: String,
    /// Other spellings understood on import.
    pub(crate) synonyms: Vec<String>,
}

/// A rule of a register.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "holds", "message"]))]
pub(crate) struct RawRule {
    /// Id within the register.
    pub(crate) id: Text,
    /// Expression that must come out true.
    pub(crate) holds: Text,
    /// What to tell people when it does not: cause and remedy.
    pub(crate) message: Text,
    /// The same in English.
    pub(crate) message_en: String,
    /// How bad it is; `error` unless said otherwise.
    pub(crate) severity: Option<Word<Severity>>,
}

/// The users' workbook of a register.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawLayout {
    /// Sheet name; the register's name when left out.
    pub(crate) sheet: Option<Text>,
    /// Title line; `{period}` stands for the period's name.
    pub(crate) title: Option<Text>,
    /// Money unit of the sheet when no cell or header says otherwise; 万元 when left out.
    pub(crate) money: Option<Word<MoneyUnit>>,
    /// Footnotes under the table.
    pub(crate) notes: Vec<String>,
    /// Columns in order; all fields in use when left out.
    pub(crate) columns: Vec<RawColumn>,
}

/// A column of a layout.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["field"]))]
pub(crate) struct RawColumn {
    /// Field id.
    pub(crate) field: Text,
    /// Header cells above the label, outermost first; equal neighbours are merged.
    pub(crate) heads: Vec<String>,
    /// Width in characters; 12 when left out.
    pub(crate) width: Option<Sp<u16>>,
}

/// `indicators/*.toml`: versioned definitions of what is counted (指标口径).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawIndicators {
    /// Indicators in printing order within their theme.
    pub(crate) indicator: Vec<Sp<RawIndicator>>,
}

/// One version of one indicator.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "name", "clause", "owner", "definition", "certainty", "unit", "measure"]))]
pub(crate) struct RawIndicator {
    /// Id, `PRJ-N-ISSUED`.
    pub(crate) id: Text,
    /// Version of the definition, from 1; 1 when left out.
    pub(crate) version: Option<Sp<u32>>,
    /// First day of the version: periods that end on or after it use it.
    pub(crate) valid_from: Option<Sp<Day>>,
    /// Last day of the version.
    pub(crate) valid_to: Option<Sp<Day>>,
    /// Name.
    pub(crate) name: Text,
    /// English name.
    pub(crate) name_en: String,
    /// Theme id; empty for the general ones.
    pub(crate) theme: Text,
    /// Clause id.
    pub(crate) clause: Text,
    /// Department that owns the definition.
    pub(crate) owner: Text,
    /// The same in English.
    pub(crate) owner_en: String,
    /// Definition in words.
    pub(crate) definition: Text,
    /// The same in English.
    pub(crate) definition_en: String,
    /// What is open or arguable about it.
    pub(crate) remark: String,
    /// The same in English.
    pub(crate) remark_en: String,
    /// How sure the definition is.
    pub(crate) certainty: Option<Word<Certainty>>,
    /// Base unit of the value: 元 for money, % for percentages, else the classifier.
    pub(crate) unit: Text,
    /// What is done with the rows.
    pub(crate) measure: Option<Sp<Word<MeasureWord>>>,
    /// Relation to time; a percentage takes it from its numerator.
    pub(crate) time: Option<Sp<Word<TimeWord>>>,
    /// First day of a cumulative figure: `year-start`, `mechanism-start` (when left out) or a date.
    pub(crate) since: Option<Sp<RawSince>>,
    /// Indicator above the line (percent).
    pub(crate) numerator: Option<Text>,
    /// Indicator below the line (percent).
    pub(crate) denominator: Option<Text>,
    /// Only units that carry a flag at the end of the period.
    pub(crate) subset: Option<Sp<RawSubset>>,
    /// How the figure is printed.
    pub(crate) format: Sp<RawFormat>,
    /// Where the rows come from; several are united.
    pub(crate) source: Vec<Sp<RawSource>>,
    /// How texts speak of the indicator.
    pub(crate) press: RawPress,
}

/// `since` of an indicator.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct RawSince(pub(crate) String);

impl JsonSchema for RawSince {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Since".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [
            { "type": "string", "enum": ["year-start", "mechanism-start"] },
            { "type": "string", "format": "date" },
        ] })
    }
}

/// Units taken in.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["side", "flag"]))]
pub(crate) struct RawSubset {
    /// Which side must carry the flag.
    pub(crate) side: Option<Sp<Word<Side>>>,
    /// Flag id.
    pub(crate) flag: Text,
}

/// Printing rule.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawFormat {
    /// Unit as printed; the base unit when left out.
    pub(crate) unit: Option<Text>,
    /// Base units in one printed unit; 1 when left out.
    pub(crate) per: Option<Sp<Number>>,
    /// Places after the point, rounded half away from zero; 0 when left out.
    pub(crate) decimals: Option<Sp<u8>>,
    /// Whether trailing zeros are dropped; true when left out.
    pub(crate) trim: Option<bool>,
    /// Round down to a multiple of this many printed units and add 余 when something is left.
    pub(crate) floor_to: Option<Sp<Number>>,
}

/// A register from which an indicator takes rows.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["register"]))]
pub(crate) struct RawSource {
    /// Register id.
    pub(crate) register: Text,
    /// Expression that tells which rows count; all when left out.
    pub(crate) filter: Option<Text>,
    /// Field whose day must lie in the window; the register's own `date` when left out.
    pub(crate) date: Option<Text>,
    /// Field of a second day that must not be later than the end of the period.
    pub(crate) done_by: Option<Text>,
    /// Field of the day after which a row no longer stands (stock).
    pub(crate) ends: Option<Text>,
    /// Expression that is summed (sum).
    pub(crate) value: Option<Text>,
    /// Field whose different values are counted (distinct-key).
    pub(crate) distinct: Option<Text>,
}

/// Words of the press check.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawPress {
    /// Groups of alternatives; every group should be met near the number.
    pub(crate) all: Vec<Vec<String>>,
    /// Words that speak against it.
    pub(crate) none: Vec<String>,
    /// Classifiers and units after the number.
    pub(crate) units: Vec<String>,
}

/// `briefs/*.toml`: what a document says and in which order (简报).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "title", "issuer", "part"]))]
pub(crate) struct RawBrief {
    /// Id and file name.
    pub(crate) id: Text,
    /// Title; `{period}` stands for the period's name.
    pub(crate) title: Text,
    /// Who issues it.
    pub(crate) issuer: Text,
    /// Parts in order.
    pub(crate) part: Vec<Sp<RawPart>>,
}

/// A part of a brief.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["kind"]))]
pub(crate) struct RawPart {
    /// What the part is.
    pub(crate) kind: Option<Sp<Word<PartKind>>>,
    /// Level of a heading, 1 to 3.
    pub(crate) level: Option<Sp<u8>>,
    /// Words of a heading or of prose; prose has slots such as `{PRJ-N-ISSUED}`.
    pub(crate) text: Option<Text>,
    /// Caption of a table, chart or map.
    pub(crate) caption: Option<Text>,
    /// Indicators of a table, in order.
    pub(crate) indicators: Option<Sp<Vec<Text>>>,
    /// Indicator of a chart or map.
    pub(crate) indicator: Option<Text>,
    /// Cut of a chart.
    pub(crate) by: Option<Sp<Word<Cut>>>,
    /// Most bars of a chart; 20 when left out.
    pub(crate) top: Option<Sp<u16>>,
}

/// `access.toml`: the roles (角色) that accounts may hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawAccess {
    /// Roles in the order in which they are offered.
    pub(crate) role: Vec<Sp<RawRole>>,
}

/// A role.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["id", "name", "reach", "actions"]))]
pub(crate) struct RawRole {
    /// Id.
    pub(crate) id: Text,
    /// Name.
    pub(crate) name: Text,
    /// English name.
    pub(crate) name_en: String,
    /// What the role is for.
    pub(crate) help: String,
    /// The same in English.
    pub(crate) help_en: String,
    /// Which rows it reaches.
    pub(crate) reach: Option<Sp<Word<Reach>>>,
    /// Whether accounts list the registers that they see; else all are meant.
    pub(crate) named_registers: Option<Sp<bool>>,
    /// What it may do.
    pub(crate) actions: Vec<Sp<Word<Action>>>,
    /// Whether personal data is shown unmasked.
    pub(crate) personal: bool,
    /// One of the three offices (三员): its holder has no other role.
    pub(crate) office: bool,
}

/// `tests/*.toml`: sample records with the figures that they must give.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["period", "figures"]))]
pub(crate) struct RawTest {
    /// What the test shows.
    pub(crate) name: String,
    /// Period of the figures, `2021H1`.
    pub(crate) period: Text,
    /// Records that are in the registers.
    pub(crate) record: Vec<Sp<RawRecord>>,
    /// Indicator id → exact value in the base unit, or the empty text for no value.
    pub(crate) figures: BTreeMap<String, Sp<RawValue>>,
}

/// A sample record.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["register", "values"]))]
pub(crate) struct RawRecord {
    /// Register id.
    pub(crate) register: Text,
    /// Where it stands between the sides: `agreed` when left out, `pending`, `contested`,
    /// `arbitrated`.
    pub(crate) state: Option<Text>,
    /// Field id → value: units by id, money in 元, areas in 亩.
    pub(crate) values: BTreeMap<String, Sp<RawValue>>,
}

/// A value of a sample record.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawValue {
    /// 是/否.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal, a date or text, as written.
    Text(String),
}

impl Default for RawValue {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl JsonSchema for RawValue {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Value".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [
            { "type": "boolean" },
            { "type": "number" },
            { "type": "string", "format": "date" },
            { "type": "string" },
        ] })
    }
}
