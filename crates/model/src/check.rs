//! What every record must pass, however it comes in: derived fields, required fields, row rules.

use jiff::civil::Date;

use crate::{Register, RowRule, Value};

impl Register {
    /// Computes the derived fields of a row, in order; gives the indices of those that could not
    /// be computed, which are left as they were. `values` are the fields in order.
    pub fn derive(&self, values: &mut Vec<Value>, today: Date) -> Vec<usize> {
        values.truncate(self.fields.len());
        values.push(Value::Date(today));
        let mut failed = Vec::new();
        for (index, field) in self.fields.iter().enumerate() {
            match field.derived.as_ref().map(|derived| derived.eval(values)) {
                None => {}
                Some(Ok(value)) => values[index] = value,
                Some(Err(_)) => failed.push(index),
            }
        }
        values.truncate(self.fields.len());
        failed
    }

    /// Fields without which a record is refused and which are empty. Without its key a record
    /// cannot be found again, so key fields are among them.
    pub fn missing(&self, values: &[Value]) -> impl Iterator<Item = usize> {
        self.fields
            .iter()
            .enumerate()
            .filter(|(index, field)| {
                (field.required || self.key.contains(index))
                    && values.get(*index).is_none_or(Value::is_null)
            })
            .map(|(index, _)| index)
    }

    /// Rules that a row breaks. `values` are the fields in order; derived fields must be filled.
    pub fn broken_rules<'a>(
        &'a self,
        values: &[Value],
        today: Date,
    ) -> impl Iterator<Item = &'a RowRule> + use<'a> {
        let mut row = values.to_vec();
        row.truncate(self.fields.len());
        row.push(Value::Date(today));
        self.rules.iter().filter(move |rule| breaks(rule, &row))
    }

    /// The same of a row that has `today` behind its fields already.
    pub fn broken<'a>(&'a self, row: &'a [Value]) -> impl Iterator<Item = &'a RowRule> {
        self.rules.iter().filter(move |rule| breaks(rule, row))
    }
}

/// An evaluation that fails (overflow) cannot be shown to hold.
fn breaks(rule: &RowRule, row: &[Value]) -> bool {
    !matches!(rule.holds.eval(row), Ok(Value::Bool(true) | Value::Null))
}
