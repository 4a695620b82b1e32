//! What a mechanism is made of: units and links in time, periods, registers,
//! indicators, clauses, briefs. Pure: knows no file, database or socket.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod access;
mod brief;
mod check;
mod clause;
mod field;
mod format;
mod indicator;
mod light;
mod link;
mod mechanism;
mod period;
mod personal;
mod record;
mod register;
mod todo;
mod unit;

pub use access::{Access, AccountProblem, Action, Reach, Role, Scope, check_account};
pub use brief::{Brief, BriefPart};
pub use clause::Clause;
pub use field::{AreaUnit, Choice, Field, FieldType, MoneyUnit};
pub use format::Format;
pub use indicator::{DistinctOf, Indicator, Measure, PressTerms, Since, Source, Subset, TimeType};
pub use light::{Filing, Light, Lit};
pub use link::{Certainty, Link};
pub use mechanism::{Mechanism, Named, Pack, Theme};
pub use period::{Period, PeriodError};
pub use personal::masked;
pub use qipan_expr::{Expr, Type, Value};
pub use record::{Confirmation, Record};
pub use register::{Layout, LayoutColumn, Register, RowRule, Severity, Side};
pub use todo::{
    FREE_PERCENT, FilingFacts, ImportFacts, Keeping, Todo, TodoFacts, TodoKind, Urgency,
    VERIFY_DAYS, todo,
};
pub use unit::{Resolved, Unit, UnitId, UnitKind, UnitRole, Units, Validity};
