//! Changes of a plan in words.

use crate::plan::Change;

impl Change {
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
            Self::Roles {
                added,
                removed,
                changed,
            } => {
                let said = lists("增", "删", "改", added, removed, changed);
                if removed.is_empty() {
                    format!("角色：{said}")
                } else {
                    format!("角色：{said}；持有被删角色的账号随即失去它的权限")
                }
            }
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
            Self::Roles {
                added,
                removed,
                changed,
            } => {
                let said = three(added, removed, changed);
                if removed.is_empty() {
                    format!("roles: {said}")
                } else {
                    format!("roles: {said}; accounts that hold a removed one lose what it gave")
                }
            }
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
