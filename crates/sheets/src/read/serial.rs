//! Excel's serial days.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// The day of a serial number; the time of day is dropped. `None` outside 1900 to 9999 and for
/// serial 60 of the 1900 system, a 29 February 1900 that never was.
pub(crate) fn serial_to_date(serial: f64, is_1904: bool) -> Option<Date> {
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let days = serial.floor() as i64;
    let (epoch, days) = match (is_1904, days) {
        (true, days) => (date(1904, 1, 1), days),
        (false, 0 | 60) => return None,
        (false, days) if days < 60 => (date(1899, 12, 31), days),
        (false, days) => (date(1899, 12, 30), days),
    };
    epoch.checked_add(days.days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_both_systems() {
        let check = |serial, is_1904, expect: &str| {
            assert_eq!(serial_to_date(serial, is_1904).unwrap().to_string(), expect);
        };
        check(44377.0, false, "2021-06-30");
        check(44377.9, false, "2021-06-30");
        check(42915.0, true, "2021-06-30");
        check(1.0, false, "1900-01-01");
        check(61.0, false, "1900-03-01");
        for serial in [60.0, 0.0, -1.0, f64::NAN, f64::INFINITY, 3e9] {
            assert_eq!(serial_to_date(serial, false), None);
        }
    }
}
