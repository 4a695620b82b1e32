//! The numbers of the rules for passwords, sessions, lock-out and backups, as the system officer
//! has set them. Kept in the table `setting`; what is not there has its value of origin.

/// A number that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Least characters of a password.
    MinLength,
    /// Least kinds of characters in a password.
    Classes,
    /// Passwords that may not be used again.
    History,
    /// Days after which a password must be changed; 0 is never.
    MaxAgeDays,
    /// Failed logins before the first pause.
    LockAfter,
    /// Minutes of the first pause; each further failure doubles it.
    LockMinutes,
    /// Longest pause in minutes.
    LockMostMinutes,
    /// Minutes without a request after which a session ends.
    IdleMinutes,
    /// Hours after which a session ends in any case.
    AbsoluteHours,
    /// Days that a token may live at the most.
    TokenDays,
    /// Requests of one caller a second, in the long run.
    RatePerSecond,
    /// Requests of one caller at once.
    RateBurst,
    /// Hours between two backups that are made unasked; 0 is never.
    BackupHours,
    /// How many backups are kept.
    BackupsKept,
}

impl Setting {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 14] = [
        Self::MinLength,
        Self::Classes,
        Self::History,
        Self::MaxAgeDays,
        Self::LockAfter,
        Self::LockMinutes,
        Self::LockMostMinutes,
        Self::IdleMinutes,
        Self::AbsoluteHours,
        Self::TokenDays,
        Self::RatePerSecond,
        Self::RateBurst,
        Self::BackupHours,
        Self::BackupsKept,
    ];

    /// Key, value of origin, least, greatest.
    const fn facts(self) -> (&'static str, i64, i64, i64) {
        match self {
            Self::MinLength => ("password_min_length", 10, 8, 64),
            Self::Classes => ("password_classes", 3, 1, 4),
            Self::History => ("password_history", 5, 0, 24),
            Self::MaxAgeDays => ("password_max_age_days", 90, 0, 3650),
            Self::LockAfter => ("lock_after", 5, 3, 20),
            Self::LockMinutes => ("lock_minutes", 5, 1, 60),
            Self::LockMostMinutes => ("lock_most_minutes", 60, 1, 1440),
            Self::IdleMinutes => ("idle_minutes", 30, 5, 480),
            Self::AbsoluteHours => ("absolute_hours", 12, 1, 72),
            Self::TokenDays => ("token_days", 365, 1, 730),
            Self::RatePerSecond => ("rate_per_second", 50, 1, 1_000_000),
            Self::RateBurst => ("rate_burst", 200, 10, 1_000_000),
            Self::BackupHours => ("backup_hours", 24, 0, 24 * 30),
            Self::BackupsKept => ("backups_kept", 7, 1, 365),
        }
    }

    /// Its key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.facts().0
    }

    /// Least and greatest value.
    #[must_use]
    pub const fn bounds(self) -> (i64, i64) {
        let (_, _, least, most) = self.facts();
        (least, most)
    }

    /// The value where none has been set.
    #[must_use]
    pub const fn origin(self) -> i64 {
        self.facts().1
    }

    /// The setting of a key.
    #[must_use]
    pub fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.key() == key)
    }
}

/// All settings with their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    values: [i64; Setting::ALL.len()],
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            values: Setting::ALL.map(Setting::origin),
        }
    }
}

impl Policy {
    /// The value of a setting.
    #[must_use]
    pub fn get(&self, setting: Setting) -> i64 {
        self.values[setting as usize]
    }

    /// Sets a value, kept within its bounds.
    pub(crate) fn set(&mut self, setting: Setting, value: i64) {
        let (least, most) = setting.bounds();
        self.values[setting as usize] = value.clamp(least, most);
    }

    /// Seconds that a login is paused after so many failures; 0 is not at all.
    pub(crate) fn pause(&self, failures: i64) -> i64 {
        let over = failures - self.get(Setting::LockAfter);
        if over < 0 {
            return 0;
        }
        let most = self.get(Setting::LockMostMinutes);
        let doubled = u32::try_from(over)
            .ok()
            .and_then(|over| 2_i64.checked_pow(over))
            .and_then(|times| times.checked_mul(self.get(Setting::LockMinutes)));
        doubled.map_or(most, |minutes| minutes.min(most)) * 60
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_stand_at_their_place() {
        for (nth, setting) in Setting::ALL.into_iter().enumerate() {
            assert_eq!(setting as usize, nth);
            assert_eq!(Setting::of(setting.key()), Some(setting));
            let (least, most) = setting.bounds();
            assert!(
                (least..=most).contains(&setting.origin()),
                "{}",
                setting.key()
            );
        }
    }

    #[test]
    fn pauses_grow_and_end() {
        let policy = Policy::default();
        let minutes: Vec<i64> = [0, 4, 5, 6, 7, 8, 9, 100, i64::MAX]
            .map(|failures| policy.pause(failures) / 60)
            .into();
        assert_eq!(minutes, [0, 0, 5, 10, 20, 40, 60, 60, 60]);
    }
}
