//! What a caller may write of a register: judged on the row before and on the row after.

use qipan_model::{Action, Confirmation, Record, Register, Scope};
use qipan_store::NewRow;

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

/// The state asked for; what the coordinator decides is theirs to set who see everything.
pub(crate) fn state(
    caller: &Caller,
    register: &Register,
    asked: Option<&str>,
) -> Result<Option<Confirmation>, Problem> {
    let Some(word) = asked else { return Ok(None) };
    let state = Confirmation::parse(word).filter(|state| {
        *state != Confirmation::Arbitrated
            || *caller.access.scope(Action::Write, &register.id) == Scope::All
    });
    state.map(Some).ok_or_else(|| {
        Problem::new(
            Kind::Values,
            format!("状态“{word}”不能填：请填 pending、agreed 或 contested；arbitrated 由市级统筹裁定"),
            format!("The state “{word}” may not be set: pending, agreed or contested; arbitrated is the coordinator's"),
        )
    })
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
