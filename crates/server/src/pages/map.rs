//! The map of links: supporters, recipients coloured by an indicator, arcs for known links.

use maud::{Markup, PreEscaped, html};
use qipan_briefs::map::map_svg;
use qipan_briefs::recipient_map;
use qipan_figures::Figure;
use qipan_model::{Certainty, Indicator, Link, Pack};

use super::frame::View;
use super::show;
use crate::state::App;

/// The map, its choice of indicator and the links in words.
pub(crate) fn section(
    app: &App,
    view: &View,
    pack: &Pack,
    indicator: &Indicator,
    figures: &[Figure],
) -> Markup {
    let name = show::indicator_name(view.lang, indicator);
    let all: Vec<&Figure> = figures.iter().collect();
    let mut spec = recipient_map(pack, view.period, &all, &indicator.id, name);
    for region in &mut spec.regions {
        region.href = Some(view.to(&format!("/units/{}", region.unit), &[]));
    }
    let drawn = app
        .boundaries(pack)
        .map(|boundaries| map_svg(&boundaries, &spec));
    let here: Vec<&Link> = pack
        .links
        .iter()
        .filter(|link| {
            link.validity
                .overlaps(view.period.start(), view.period.end())
        })
        .collect();
    let known = here
        .iter()
        .filter(|link| link.supporter.is_some() && link.recipient.is_some());
    let unknown: Vec<&&Link> = here
        .iter()
        .filter(|link| link.supporter.is_none() || link.recipient.is_none())
        .collect();
    let side = |link: &Link| {
        link.recipient
            .as_ref()
            .or(link.supporter.as_ref())
            .map(ToString::to_string)
    };
    let unknown: Vec<String> = unknown.iter().filter_map(|link| side(link)).collect();
    html! {
        @match drawn {
            // The drawing is made of numbers and escaped words by qipan-briefs.
            Some(svg) => figure.map lang="zh-CN" { (PreEscaped(svg)) },
            None => p.empty { (view.say("机制包没有可画的边界文件。", "The pack has no boundaries to draw.")) },
        }
        details.links {
            summary { (view.say("结对关系", "Links")) " (" (known.clone().count()) ")" }
            ul {
                @for link in known {
                    @if let (Some(supporter), Some(recipient)) = (&link.supporter, &link.recipient) {
                        li {
                            a href=(view.to(&format!("/units/{supporter}"), &[])) { (show::unit_name(pack, view.lang, supporter.as_str())) }
                            " → "
                            a href=(view.to(&format!("/units/{recipient}"), &[])) { (show::unit_name(pack, view.lang, recipient.as_str())) }
                            " " (show::certainty(view.lang, link.certainty))
                        }
                    }
                }
            }
        }
        @if !unknown.is_empty() {
            p.absent {
                b { (view.say("结对待确认：", "Pairing to be confirmed: ")) }
                (super::coverage::names(view, pack, &unknown))
                (view.say("（公开资料未见，不作推测）", " (no public evidence; not guessed)"))
            }
        }
    }
}

/// Evidence of a link, for the page of a unit.
pub(crate) fn evidence(view: &View, link: &Link) -> Markup {
    html! {
        (show::certainty(view.lang, link.certainty))
        @if link.certainty != Certainty::Open || !link.evidence.is_empty() {
            " " span.evidence lang="zh-CN" { (link.evidence) }
        }
    }
}
