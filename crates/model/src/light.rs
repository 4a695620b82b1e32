//! Lights (进度灯): how far a unit, or a figure, is with what was to be filed. One rule, stated in
//! words with every light.
//!
//! The pack knows no deadlines, so no light turns red because a day has passed. What has not been
//! filed is unknown, not bad: it is grey until the period is over.

use serde::Serialize;

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Light {
    /// All that was to be filed has been.
    Green,
    /// A part of it, or nothing although the period is over.
    Amber,
    /// Nothing for two periods in a row, both of which are over.
    Red,
    /// Nothing yet, or nothing was to be filed.
    Grey,
}

/// What a light goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filing {
    /// Pieces filed: registers of a unit, units of a figure.
    pub reported: u32,
    /// Pieces that were to be filed.
    pub due: u32,
    /// Whether the period is over.
    pub over: bool,
    /// Whether something was to be filed the period before and nothing was.
    pub silent_before: bool,
}

/// A light with its reason in Chinese and English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lit {
    /// The colour.
    pub light: Light,
    /// Why, in Chinese.
    pub why: String,
    /// Why, in English.
    pub why_en: String,
}

impl Filing {
    /// The rule.
    #[must_use]
    pub fn light(self) -> Light {
        match (self.reported, self.due) {
            (_, 0) => Light::Grey,
            (0, _) if self.over && self.silent_before => Light::Red,
            (0, _) if self.over => Light::Amber,
            (0, _) => Light::Grey,
            (reported, due) if reported >= due => Light::Green,
            _ => Light::Amber,
        }
    }

    /// The light with its reason; `what` is the measure word with its noun in both languages
    /// (`本台账` and `registers`, `个单位` and `units`).
    #[must_use]
    pub fn lit(self, what: (&str, &str)) -> Lit {
        let (light, (zh, en)) = (self.light(), what);
        let (reported, due) = (self.reported, self.due);
        let (why, why_en) = match (light, reported) {
            (Light::Grey, _) if due == 0 => (
                "本期没有应报的".to_owned(),
                "nothing is due in this period".to_owned(),
            ),
            (Light::Grey, _) => (
                format!("未报：应报{due}{zh}，本期还没有结束"),
                format!("nothing filed of {due} {en}; the period is not over"),
            ),
            (Light::Red, _) => (
                format!("连续两期未报：应报{due}{zh}，上一期也没有报"),
                format!("nothing filed of {due} {en}, for the second period in a row"),
            ),
            (Light::Amber, 0) => (
                format!("未报：应报{due}{zh}，本期已结束"),
                format!("nothing filed of {due} {en} although the period is over"),
            ),
            (Light::Amber, _) => (
                format!("已报{reported}/{due}{zh}"),
                format!("{reported} of {due} {en} filed"),
            ),
            (Light::Green, _) => (
                format!("应报{due}{zh}，已报齐"),
                format!("all {due} {en} filed"),
            ),
        };
        Lit { light, why, why_en }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing_due(0, 0, true, true, Light::Grey, "没有应报的")]
    #[case::not_yet(0, 5, false, false, Light::Grey, "还没有结束")]
    #[case::not_yet_after_a_silent_one(0, 5, false, true, Light::Grey, "还没有结束")]
    #[case::over(0, 5, true, false, Light::Amber, "本期已结束")]
    #[case::twice(0, 5, true, true, Light::Red, "连续两期未报")]
    #[case::a_part(2, 5, true, true, Light::Amber, "已报2/5本台账")]
    #[case::a_part_in_time(2, 5, false, false, Light::Amber, "已报2/5本台账")]
    #[case::all(5, 5, false, true, Light::Green, "已报齐")]
    #[case::all_and_over(5, 5, true, false, Light::Green, "已报齐")]
    fn goes_by_what_was_filed(
        #[case] reported: u32,
        #[case] due: u32,
        #[case] over: bool,
        #[case] silent_before: bool,
        #[case] light: Light,
        #[case] why: &str,
    ) {
        let filing = Filing {
            reported,
            due,
            over,
            silent_before,
        };
        let lit = filing.lit(("本台账", "registers"));
        assert_eq!(lit.light, light);
        assert!(lit.why.contains(why), "{}", lit.why);
        assert!(!lit.why_en.is_empty());
    }
}
