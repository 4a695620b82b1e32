//! Who has reported which register, and who has not.

use maud::{Markup, html};
use qipan_model::{Pack, Side};

use super::frame::View;
use super::show;
use crate::api::RegisterCoverage;

/// The coverage strip of the board: one line per register.
pub(crate) fn strip(view: &View, pack: &Pack, covered: &[RegisterCoverage]) -> Markup {
    let word = |side| match side {
        Side::Supporter => view.say("帮扶方报", "by supporters"),
        Side::Recipient => view.say("受援方报", "by recipients"),
        Side::City => view.say("市级报", "by the city"),
    };
    html! {
        ul.strip {
            @for one in covered {
                @if let Some(register) = pack.register(&one.register) {
                    li {
                        span.who {
                            a href=(view.to(&format!("/registers/{}", register.id), &[])) {
                                (register.code) " " (view.named(&register.name, &register.name_en))
                            }
                            small { (word(register.reporter)) }
                        }
                        (show::coverage(view.lang, count(one.reported.len()), count(one.due)))
                        @if !one.missing.is_empty() {
                            p.absent {
                                b { (view.say("未报：", "Not reported: ")) }
                                @if one.reported.is_empty() && one.due > 1 {
                                    (view.say("全部 ", "all ")) (one.due) (view.say(" 个单位", " units"))
                                } @else { (names(view, pack, &one.missing)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Short names of units in a row; the city has one of its own.
pub(crate) fn names(view: &View, pack: &Pack, units: &[String]) -> String {
    let all: Vec<&str> = units
        .iter()
        .map(|id| {
            if id == "city" {
                view.say("市级", "the city")
            } else {
                show::unit_short(pack, view.lang, id)
            }
        })
        .collect();
    all.join(view.say("、", ", "))
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
