//! The roles of `access.toml`: from the file as written to the model.

use std::collections::BTreeSet;

use qipan_model::{Action, Reach, Role};

use crate::diagnostic::{Code, Report};
use crate::ids::{Form, Look};
use crate::raw::{RawAccess, RawRole};
use crate::spanned::Sp;

/// Most roles in a pack.
const MAX_ROLES: usize = 100;

/// Lowers `access.toml`.
pub(crate) fn roles(file: &str, raw: &RawAccess, report: &mut Report) -> Vec<Role> {
    let mut look = Look { report, file };
    if let Some(role) = raw.role.get(MAX_ROLES) {
        look.at(
            Code::P1005,
            role.at,
            format!("超过上限 {MAX_ROLES} 个角色"),
            format!("more than {MAX_ROLES} roles"),
        );
    }
    let mut seen = BTreeSet::new();
    raw.role
        .iter()
        .take(MAX_ROLES)
        .map(|role| {
            look.id(&role.id, Form::Slug);
            look.unique(&role.id, "角色", &mut seen);
            look.words(&role.name, "name");
            lower(&mut look, role)
        })
        .collect()
}

fn lower(look: &mut Look, raw: &Sp<RawRole>) -> Role {
    // A role whose reach cannot be read reaches nothing; the finding keeps the pack from use.
    let reach = raw
        .reach
        .as_ref()
        .map_or(Reach::Nothing, |word| word.value.0);
    let mut actions = BTreeSet::new();
    for word in &raw.actions {
        let action = word.value.0;
        if !actions.insert(action) {
            let word_text = action.word();
            look.at(
                Code::P4002,
                word.at,
                format!("`{word_text}` 前面已经写过：请删去一个"),
                format!("`{word_text}` is listed above: remove one of the two"),
            );
        }
        if raw.reach.is_some() {
            fits(look, raw, reach, action, word.at);
        }
    }
    if let (true, Some(at)) = (
        actions.contains(&Action::Accounts),
        place(raw, Action::System),
    ) {
        look.at(
            Code::P8101,
            at,
            "`accounts` 与 `system` 不能归同一角色（三员分立）：请分成两个角色",
            "`accounts` and `system` may not go to one role (the three offices stand apart): make two",
        );
    }
    let named = raw.named_registers.as_ref().filter(|named| named.value);
    if let Some(named) = named.filter(|_| reach == Reach::Nothing && raw.reach.is_some()) {
        look.at(
            Code::P8101,
            named.at,
            "reach = \"nothing\" 的角色看不到任何台账，用不着 `named_registers`：请删去",
            "a role with reach = \"nothing\" sees no register: remove `named_registers`",
        );
    }
    Role {
        id: raw.id.value.clone(),
        name: raw.name.value.clone(),
        name_en: raw.name_en.clone(),
        help: raw.help.clone(),
        help_en: raw.help_en.clone(),
        reach,
        named_registers: named.is_some(),
        actions,
        personal: raw.personal,
        office: raw.office,
    }
}

fn place(raw: &RawRole, action: Action) -> Option<usize> {
    let word = raw.actions.iter().find(|word| word.value.0 == action)?;
    Some(word.at)
}

/// Whether an action goes with a role's reach and office.
fn fits(look: &mut Look, raw: &RawRole, reach: Reach, action: Action, at: usize) {
    let word = action.word();
    let told = match action {
        Action::Journal if reach != Reach::All => Some((
            "日志记着所有单位的事：`journal` 只能给 reach = \"all\" 的角色".to_owned(),
            "the journal tells of all units: `journal` goes with reach = \"all\" only".to_owned(),
        )),
        Action::Accounts | Action::System if !raw.office => Some((
            format!("`{word}` 只能给三员：请写 office = true，或删去它"),
            format!("`{word}` is for the three offices: say office = true or remove it"),
        )),
        _ if action.is_of_rows() && reach == Reach::Nothing => Some((
            format!("reach = \"nothing\" 的角色没有记录可用 `{word}`：请删去它，或放宽 reach"),
            format!(
                "with reach = \"nothing\" there is no record to `{word}`: remove it or widen the reach"
            ),
        )),
        _ if action.changes_rows() && raw.office => Some((
            format!("三员不改业务数据：请删去 `{word}`，或去掉 office"),
            format!("the three offices change no records: remove `{word}` or `office`"),
        )),
        _ => None,
    };
    if let Some((zh, en)) = told {
        look.at(Code::P8101, at, zh, en);
    }
}
