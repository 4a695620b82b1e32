//! Names of units as they may be written: never one that could mean another unit.

use jiff::civil::Date;
use qipan_model::{Resolved, Unit, Units};

/// Whether a name means this unit and no other on a day; on any day when none is known.
pub(super) fn is_clear(units: &Units, unit: &Unit, name: &str, day: Option<Date>) -> bool {
    let days = match day {
        Some(day) => [day, day],
        None => [Date::MIN, Date::MAX],
    };
    days.iter()
        .all(|&day| matches!(units.resolve(name, day), Resolved::One(found) if found.id == unit.id))
}

/// The unit's name, or its code where the name means another unit on that day (两江新区 was a
/// zone before it became a district), or its key where both do.
pub(super) fn written<'a>(units: &Units, unit: &'a Unit, day: Option<Date>) -> &'a str {
    let code = units.written_code(unit, day.unwrap_or(Date::MAX));
    [unit.name.as_str(), code]
        .into_iter()
        .find(|name| is_clear(units, unit, name, day))
        .unwrap_or(unit.id.as_str())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use qipan_model::Validity;

    use super::*;
    use crate::write::testing;

    #[test]
    fn a_shared_name_gives_way_to_the_code() {
        let pack = testing::pack();
        let [mut zone, mut district] =
            ["jiangjin", "wanzhou"].map(|id| pack.units.get(id).unwrap().clone());
        for unit in [&mut zone, &mut district] {
            unit.name = "两江新区".into();
            unit.short = "两江".into();
        }
        let change = date(2025, 11, 6);
        zone.validity = Validity {
            from: None,
            to: Some(change.yesterday().unwrap()),
        };
        district.validity = Validity {
            from: Some(change),
            to: None,
        };
        let units = Units::new(vec![zone.clone(), district.clone()]);
        assert_eq!(written(&units, &zone, Some(date(2021, 1, 1))), "两江新区");
        assert_eq!(written(&units, &district, Some(date(2021, 1, 1))), "500101");
        assert_eq!(
            written(&units, &district, Some(date(2026, 1, 1))),
            "两江新区"
        );
        assert_eq!(written(&units, &zone, None), "500116");
    }
}
