//! What a caller may write of a register: judged on the row before and on the row after.

use qipan_model::{Action, Confirmation, Record, Register, Scope};
use qipan_store::{NewRow, Reader};

use crate::caller::Caller;
use crate::problem::{Kind, Problem};
use crate::state::App;

/// Refuses callers who may write nothing of a register.
pub(crate) fn may_write(caller: &Caller, register: &Register) -> Result<(), Problem> {
    caller.need(Action::Write)?;
    if *caller.access.scope(Action::Write, &register.id) == Scope::Nothing {
        return Err(not_yours(register));
    }
    Ok(())
}

/// Refuses callers who may see a record and not change it.
pub(crate) fn may_change(
    caller: &Caller,
    register: &Register,
    old: &Record,
) -> Result<(), Problem> {
    may_write(caller, register)?;
    let scope = caller.access.scope(Action::Write, &register.id);
    if scope.admits(register, &old.values) {
        Ok(())
    } else {
        Err(not_yours(register))
    }
}

/// Refuses rows that would not be the caller's.
pub(crate) fn own(caller: &Caller, register: &Register, row: &NewRow) -> Result<(), Problem> {
    let scope = caller.access.scope(Action::Write, &register.id);
    if scope.admits(register, &row.values) {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Forbidden,
        format!(
            "“{}”只能填本单位参与的记录：请核对帮扶方和受援方",
            register.name
        ),
        format!(
            "In “{}” you may enter records of your own unit only: check the two sides",
            register.name_en
        ),
    ))
}

fn not_yours(register: &Register) -> Problem {
    Problem::new(
        Kind::Forbidden,
        format!(
            "这条“{}”记录您只能看，不能改：请联系有填报权限的单位",
            register.name
        ),
        format!(
            "You may see this record of “{}” and not change it: turn to a unit that may",
            register.name_en
        ),
    )
}

/// The state asked for, else `now`; only what the caller may set.
pub(crate) fn state(
    asked: Option<&str>,
    now: Confirmation,
    allowed: &[Confirmation],
) -> Result<Confirmation, Problem> {
    let Some(word) = asked else { return Ok(now) };
    let state = Confirmation::parse(word);
    state
        .filter(|state| *state == now || allowed.contains(state))
        .ok_or_else(|| {
            let zh: Vec<&str> = allowed.iter().map(|state| state.word()).collect();
            let en: Vec<&str> = allowed.iter().map(|state| state.as_str()).collect();
            let (zh, en) = if allowed.is_empty() {
                (
                    "此时应由对方或市级表态".to_owned(),
                    "it is for the others to answer now".to_owned(),
                )
            } else {
                (
                    format!("可填{}", zh.join("、")),
                    format!("you may set {}", en.join(", ")),
                )
            };
            Problem::new(
                Kind::Values,
                format!("确认状态“{word}”不能由您填：{zh}"),
                format!("You may not set the state “{word}”: {en}"),
            )
        })
}

/// What the caller may answer to a record.
pub(crate) async fn answers(
    app: &App,
    reader: &mut Reader,
    caller: &Caller,
    register: &Register,
    record: &Record,
) -> Result<&'static [Confirmation], Problem> {
    let scope = caller.access.scope(Action::Write, &register.id);
    if record.retracted || !scope.admits(register, &record.values) {
        return Ok(&[]);
    }
    let own = match &caller.unit {
        Some(unit) if !record.confirmation.counts() => {
            said_by(app, reader, register, record).await?.as_ref() == Some(unit)
        }
        _ => false,
    };
    Ok(record.confirmation.answers(scope, own))
}

/// The unit of whoever brought a record to where it stands between its sides.
async fn said_by(
    app: &App,
    reader: &mut Reader,
    register: &Register,
    record: &Record,
) -> Result<Option<String>, Problem> {
    let history = reader.record_history(register, record.record).await?;
    let since = history
        .iter()
        .rev()
        .take_while(|one| one.confirmation == record.confirmation)
        .last();
    let Some(since) = since else { return Ok(None) };
    let Some(entry) = reader.entry(since.from_seq).await? else {
        return Ok(None);
    };
    match app.state.accounts.find(&entry.actor).await {
        Ok(account) => Ok(account.unit),
        // A workbook that came in at the command line has nobody's side.
        Err(qipan_accounts::Error::NoAccount(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a withdrawn record is the caller's to let stand again.
pub(crate) async fn reaches(
    app: &App,
    caller: &Caller,
    register: &Register,
    record: i64,
) -> Result<bool, Problem> {
    let mut snapshot = app.snapshot_for(caller, Action::Write, None).await?;
    Ok(snapshot.reader.record(register, record).await?.is_some())
}
