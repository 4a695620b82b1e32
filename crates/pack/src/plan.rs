//! What applying a pack over another would change: a pure comparison, made before anything is
//! touched, like a migration's dry run.

use jiff::civil::Date;
use qipan_model::FieldType;
use serde::Serialize;

/// One change. Ids are those of the new pack unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// The mechanism's names, calendar or words.
    Mechanism {
        /// What of it.
        what: Vec<&'static str>,
    },
    /// A register that was not there: a new table.
    AddRegister {
        /// Register id.
        register: String,
    },
    /// A register that the new pack leaves out: its table and history stay, nothing is added.
    LeaveRegister {
        /// Register id in the old pack.
        register: String,
    },
    /// Names, sides, date, frequency or workbook layout of a register.
    Register {
        /// Register id.
        register: String,
        /// What of it.
        what: Vec<&'static str>,
    },
    /// Refused: other key fields would make other facts out of the records that are there.
    RekeyRegister {
        /// Register id.
        register: String,
    },
    /// A new column, empty in all records that are there.
    AddField {
        /// Register id.
        register: String,
        /// Field id.
        field: String,
        /// Whether new records must state it.
        required: bool,
    },
    /// A column with a new name and its old values.
    RenameField {
        /// Register id.
        register: String,
        /// Id in the old pack.
        from: String,
        /// Id now.
        to: String,
    },
    /// A field out of use: column and values stay.
    RetireField {
        /// Register id.
        register: String,
        /// Field id.
        field: String,
        /// Last day in use.
        last: Date,
    },
    /// Refused: a field that vanishes would take its values along.
    RemoveField {
        /// Register id.
        register: String,
        /// Field id in the old pack.
        field: String,
    },
    /// A type that takes everything it took before, and more.
    WidenField {
        /// Register id.
        register: String,
        /// Field id.
        field: String,
        /// Type in the old pack.
        from: FieldType,
        /// Type now.
        to: FieldType,
    },
    /// Refused: a type that would not take what is there.
    RetypeField {
        /// Register id.
        register: String,
        /// Field id.
        field: String,
        /// Type in the old pack.
        from: FieldType,
        /// Type now.
        to: FieldType,
    },
    /// Labels, help, duty or derivation of a field.
    Field {
        /// Register id.
        register: String,
        /// Field id.
        field: String,
        /// What of it.
        what: Vec<&'static str>,
    },
    /// Row rules; they hold for what comes in from now on.
    Rules {
        /// Register id.
        register: String,
        /// Rules that are new.
        added: Vec<String>,
        /// Rules that are gone.
        removed: Vec<String>,
        /// Rules that read otherwise.
        changed: Vec<String>,
    },
    /// An indicator that was not there.
    AddIndicator {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
    },
    /// A further version; the ones before it go on counting their own periods.
    AddVersion {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
    },
    /// The last day of a version.
    CloseVersion {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
        /// Last day; `None` when it is open again.
        last: Option<Date>,
    },
    /// Words about an indicator; it counts as before.
    RewordIndicator {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
        /// What of it.
        what: Vec<&'static str>,
    },
    /// Refused: figures published under this version would change their meaning.
    RedefineIndicator {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
        /// What of it.
        what: Vec<&'static str>,
    },
    /// Refused: figures published under this version would lose their definition.
    RemoveIndicator {
        /// Indicator id.
        indicator: String,
        /// Version.
        version: u32,
    },
    /// Units.
    Units {
        /// Units that are new.
        added: Vec<String>,
        /// Units that are gone: records may name them, so this is refused when not empty.
        removed: Vec<String>,
        /// Units that read otherwise.
        changed: Vec<String>,
    },
    /// Links.
    Links {
        /// How many are new.
        added: usize,
        /// How many are gone.
        removed: usize,
    },
    /// Clauses.
    Clauses {
        /// Clauses that are new.
        added: Vec<String>,
        /// Clauses that are gone.
        removed: Vec<String>,
        /// Clauses that read otherwise.
        changed: Vec<String>,
    },
    /// Briefs.
    Briefs {
        /// Briefs that are new.
        added: Vec<String>,
        /// Briefs that are gone.
        removed: Vec<String>,
        /// Briefs that read otherwise.
        changed: Vec<String>,
    },
    /// Boundaries of the map.
    Boundaries,
}

/// All changes, in the order in which they are made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Plan {
    /// The changes.
    pub changes: Vec<Change>,
}

impl Plan {
    /// Changes that keep the pack from being applied.
    pub fn refused(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_refused())
    }

    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Renames that the database must make: register, former id, id now.
    pub fn renames(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.changes.iter().filter_map(|change| match change {
            Change::RenameField { register, from, to } => Some((&**register, &**from, &**to)),
            _ => None,
        })
    }
}

impl Change {
    /// Whether the pack cannot be applied because of it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        match self {
            Self::RekeyRegister { .. }
            | Self::RemoveField { .. }
            | Self::RetypeField { .. }
            | Self::RedefineIndicator { .. }
            | Self::RemoveIndicator { .. } => true,
            Self::Units { removed, .. } => !removed.is_empty(),
            _ => false,
        }
    }

    /// Whether tables of the database must be made or altered.
    #[must_use]
    pub fn needs_sql(&self) -> bool {
        matches!(
            self,
            Self::AddRegister { .. }
                | Self::AddField { .. }
                | Self::RenameField { .. }
                | Self::WidenField { .. }
        )
    }

    /// The change as a sentence in Chinese; a refused one says how to get what was meant.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Mechanism { what } => format!("机制：改 {}", what.join("、")),
            Self::AddRegister { register } => format!("新增台账 {register}：建表"),
            Self::LeaveRegister { register } => {
                format!("台账 {register} 不再使用：表和历史保留")
            }
            Self::Register { register, what } => {
                format!("台账 {register}：改 {}", what.join("、"))
            }
            Self::RekeyRegister { register } => format!(
                "拒绝：台账 {register} 的主键变了，已有记录会变成另一些事；请另立台账，或改回原主键"
            ),
            Self::AddField {
                register,
                field,
                required,
            } => {
                let duty = if *required {
                    "（必填，旧记录此栏为空）"
                } else {
                    ""
                };
                format!("台账 {register} 新增字段 {field}{duty}")
            }
            Self::RenameField { register, from, to } => {
                format!("台账 {register} 的字段 {from} 改名为 {to}，原有的值保留")
            }
            Self::RetireField {
                register,
                field,
                last,
            } => format!("台账 {register} 的字段 {field} 用到 {last} 为止，原有的值保留"),
            Self::RemoveField { register, field } => format!(
                "拒绝：台账 {register} 的字段 {field} 不见了，它的值会丢失；不用了请写 retired = 日期，改名请在新字段写 was = \"{field}\""
            ),
            Self::WidenField {
                register, field, ..
            } => {
                format!("台账 {register} 的字段 {field} 放宽，原有的值都仍合规")
            }
            Self::RetypeField {
                register, field, ..
            } => format!(
                "拒绝：台账 {register} 的字段 {field} 换了类型或收紧了界限，原有的值可能不合规；请新增一个字段，并把旧字段标 retired"
            ),
            Self::Field {
                register,
                field,
                what,
            } => format!("台账 {register} 的字段 {field}：改 {}", what.join("、")),
            Self::Rules {
                register,
                added,
                removed,
                changed,
            } => format!(
                "台账 {register} 的规则：{}；只管以后收到的行",
                lists("增", "删", "改", added, removed, changed)
            ),
            Self::AddIndicator { indicator, version } => {
                format!("新增指标 {indicator} 第 {version} 版")
            }
            Self::AddVersion { indicator, version } => {
                format!("指标 {indicator} 有了第 {version} 版，旧版照算旧报送期")
            }
            Self::CloseVersion {
                indicator,
                version,
                last,
            } => match last {
                Some(last) => format!("指标 {indicator} 第 {version} 版用到 {last} 为止"),
                None => format!("指标 {indicator} 第 {version} 版不再限定截止日"),
            },
            Self::RewordIndicator {
                indicator,
                version,
                what,
            } => format!(
                "指标 {indicator} 第 {version} 版改说明：{}",
                what.join("、")
            ),
            Self::RedefineIndicator {
                indicator,
                version,
                what,
            } => format!(
                "拒绝：指标 {indicator} 第 {version} 版的口径变了（{}），已发布的数字会改变含义；请另写一版：版本号加一，用 valid_from 和旧版的 valid_to 分开",
                what.join("、")
            ),
            Self::RemoveIndicator { indicator, version } => format!(
                "拒绝：指标 {indicator} 第 {version} 版不见了，已发布的数字会失去口径；不用了请写 valid_to"
            ),
            Self::Units {
                added,
                removed,
                changed,
            } => {
                let said = lists("增", "删", "改", added, removed, changed);
                if removed.is_empty() {
                    format!("单位：{said}")
                } else {
                    format!("拒绝：单位：{said}；记录里可能有被删的单位，撤销了请写 valid_to")
                }
            }
            Self::Links { added, removed } => {
                format!("结对关系：增 {added} 行，减 {removed} 行")
            }
            Self::Clauses {
                added,
                removed,
                changed,
            } => format!("条款：{}", lists("增", "删", "改", added, removed, changed)),
            Self::Briefs {
                added,
                removed,
                changed,
            } => format!("简报：{}", lists("增", "删", "改", added, removed, changed)),
            Self::Boundaries => "地图边界有变".to_owned(),
        }
    }

    /// The change as a sentence in English.
    #[must_use]
    pub fn message_en(&self) -> String {
        let three = |added: &[String], removed: &[String], changed: &[String]| {
            lists("add", "remove", "change", added, removed, changed)
        };
        match self {
            Self::Mechanism { what } => format!("mechanism: {} changes", what.join(", ")),
            Self::AddRegister { register } => format!("add register {register}: a new table"),
            Self::LeaveRegister { register } => {
                format!("register {register} is no longer used: table and history stay")
            }
            Self::Register { register, what } => {
                format!("register {register}: {} changes", what.join(", "))
            }
            Self::RekeyRegister { register } => format!(
                "refused: the key of register {register} changes, so records would be other facts; make another register or keep the key"
            ),
            Self::AddField {
                register,
                field,
                required,
            } => {
                let duty = if *required {
                    " (required; empty in older records)"
                } else {
                    ""
                };
                format!("register {register}: add field {field}{duty}")
            }
            Self::RenameField { register, from, to } => {
                format!("register {register}: field {from} becomes {to}, values stay")
            }
            Self::RetireField {
                register,
                field,
                last,
            } => format!("register {register}: field {field} is used until {last}, values stay"),
            Self::RemoveField { register, field } => format!(
                "refused: field {field} of register {register} is gone and its values with it; retire it with retired = a day, or name it in the new field: was = \"{field}\""
            ),
            Self::WidenField {
                register, field, ..
            } => {
                format!("register {register}: field {field} takes more than before")
            }
            Self::RetypeField {
                register, field, ..
            } => format!(
                "refused: field {field} of register {register} has another or a narrower type; add a field and retire this one"
            ),
            Self::Field {
                register,
                field,
                what,
            } => format!(
                "register {register}, field {field}: {} changes",
                what.join(", ")
            ),
            Self::Rules {
                register,
                added,
                removed,
                changed,
            } => format!(
                "rules of register {register}: {}",
                three(added, removed, changed)
            ),
            Self::AddIndicator { indicator, version } => {
                format!("add indicator {indicator} version {version}")
            }
            Self::AddVersion { indicator, version } => {
                format!(
                    "indicator {indicator} gets version {version}; older ones keep their periods"
                )
            }
            Self::CloseVersion {
                indicator,
                version,
                last,
            } => match last {
                Some(last) => format!("indicator {indicator} version {version} ends on {last}"),
                None => format!("indicator {indicator} version {version} has no last day any more"),
            },
            Self::RewordIndicator {
                indicator,
                version,
                what,
            } => format!(
                "indicator {indicator} version {version}: {} reworded",
                what.join(", ")
            ),
            Self::RedefineIndicator {
                indicator,
                version,
                what,
            } => format!(
                "refused: indicator {indicator} version {version} is redefined ({}); write a new version, parted from this one by valid_from and valid_to",
                what.join(", ")
            ),
            Self::RemoveIndicator { indicator, version } => format!(
                "refused: indicator {indicator} version {version} is gone; end it with valid_to"
            ),
            Self::Units {
                added,
                removed,
                changed,
            } => {
                let said = three(added, removed, changed);
                if removed.is_empty() {
                    format!("units: {said}")
                } else {
                    format!("refused: units: {said}; records may name them, end them with valid_to")
                }
            }
            Self::Links { added, removed } => format!("links: {added} rows more, {removed} less"),
            Self::Clauses {
                added,
                removed,
                changed,
            } => format!("clauses: {}", three(added, removed, changed)),
            Self::Briefs {
                added,
                removed,
                changed,
            } => format!("briefs: {}", three(added, removed, changed)),
            Self::Boundaries => "the map's boundaries change".to_owned(),
        }
    }
}

/// `增 a b，改 c`.
fn lists(
    add: &str,
    remove: &str,
    change: &str,
    added: &[String],
    removed: &[String],
    changed: &[String],
) -> String {
    let said: Vec<String> = [(add, added), (remove, removed), (change, changed)]
        .iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(verb, ids)| format!("{verb} {}", ids.join(" ")))
        .collect();
    said.join("; ")
}
