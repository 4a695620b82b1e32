//! Settings (设置): the numbers of the rules for passwords, sessions, lock-out, haste and backups.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use qipan_accounts::{Policy, Setting};
use qipan_model::Action;
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::problem::{Body, Kind, Problem};
use crate::state::App;

/// All settings.
#[derive(Serialize, ToSchema)]
pub(crate) struct Settings {
    /// In the order in which they are shown.
    pub settings: Vec<SettingShape>,
}

/// A number that can be set.
#[derive(Serialize, ToSchema)]
#[schema(as = Setting)]
pub(crate) struct SettingShape {
    /// Key, `idle_minutes`.
    pub key: &'static str,
    /// Value.
    pub value: i64,
    /// Value where none has been set.
    pub default: i64,
    /// Least value.
    pub least: i64,
    /// Greatest value.
    pub most: i64,
    /// What it is, in Chinese, with its unit.
    pub name: &'static str,
    /// The same in English.
    pub name_en: &'static str,
}

fn names(setting: Setting) -> (&'static str, &'static str) {
    match setting {
        Setting::MinLength => ("密码最少字符数", "Least characters of a password"),
        Setting::Classes => (
            "密码最少字符种类（大写、小写、数字、符号）",
            "Least kinds of characters in a password",
        ),
        Setting::History => (
            "不得重复最近几次密码",
            "Last passwords that may not be used again",
        ),
        Setting::MaxAgeDays => (
            "密码有效天数（0 为不限）",
            "Days after which a password must be changed (0 is never)",
        ),
        Setting::LockAfter => ("输错几次密码后锁定", "Failed logins before the first pause"),
        Setting::LockMinutes => (
            "首次锁定分钟数，其后加倍",
            "Minutes of the first pause, then doubled",
        ),
        Setting::LockMostMinutes => ("最长锁定分钟数", "Longest pause in minutes"),
        Setting::IdleMinutes => (
            "无操作多少分钟后退出登录",
            "Minutes without a request after which a session ends",
        ),
        Setting::AbsoluteHours => (
            "登录后最多多少小时",
            "Hours after which a session ends in any case",
        ),
        Setting::TokenDays => ("令牌最长有效天数", "Days that a token may live at the most"),
        Setting::RatePerSecond => (
            "每个账号每秒请求数",
            "Requests of one caller a second, in the long run",
        ),
        Setting::RateBurst => ("每个账号一时最多请求数", "Requests of one caller at once"),
        Setting::BackupHours => (
            "每隔多少小时自动备份（0 为不备份）",
            "Hours between automatic backups (0 is none)",
        ),
        Setting::BackupsKept => ("保留最近几份备份", "Last backups that are kept"),
    }
}

fn shown(policy: &Policy) -> Settings {
    let settings = Setting::ALL.into_iter().map(|setting| {
        let (least, most) = setting.bounds();
        let (name, name_en) = names(setting);
        SettingShape {
            key: setting.key(),
            value: policy.get(setting),
            default: setting.origin(),
            least,
            most,
            name,
            name_en,
        }
    });
    Settings {
        settings: settings.collect(),
    }
}

/// All settings with their values and bounds.
#[utoipa::path(get, path = "/api/v1/settings", tag = "system",
    responses(
        (status = 200, body = Settings), (status = 401, body = Body), (status = 403, body = Body),
    ))]
pub(crate) async fn settings(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Settings>, Problem> {
    caller.need(Action::System)?;
    let policy = app.state.accounts.policy().await?;
    Ok(Json(shown(&policy)))
}

/// Sets numbers, all of those named or none; each change stands in the journal.
#[utoipa::path(patch, path = "/api/v1/settings", tag = "system",
    operation_id = "change_settings",
    request_body(content = BTreeMap<String, i64>, description = "Values by key"),
    responses(
        (status = 200, body = Settings), (status = 400, body = Body), (status = 401, body = Body),
        (status = 403, body = Body), (status = 422, body = Body),
    ))]
pub(crate) async fn change(
    State(app): State<App>,
    caller: Caller,
    body: Result<Json<BTreeMap<String, i64>>, JsonRejection>,
) -> Result<Json<Settings>, Problem> {
    caller.need(Action::System)?;
    let Json(asked) = body.map_err(|rejection| not_understood(&rejection.body_text()))?;
    let mut values = Vec::with_capacity(asked.len());
    for (key, value) in asked {
        let setting = Setting::of(&key)
            .ok_or_else(|| not_understood(&format!("there is no setting “{key}”")))?;
        values.push((setting, value));
    }
    let policy = app.state.accounts.set_policy(&values, &caller.by()).await?;
    Ok(Json(shown(&policy)))
}

fn not_understood(why: &str) -> Problem {
    Problem::new(
        Kind::BadQuery,
        format!("设置看不懂（{why}）：键与上下限见 GET /api/v1/settings"),
        format!(
            "The settings are not understood ({why}): GET /api/v1/settings lists keys and bounds"
        ),
    )
}
