//! Briefs (简报): what a document says and in which order.

use serde::{Deserialize, Serialize};

/// The declaration of one brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// Id, `half-year`.
    pub id: String,
    /// Title template; `{period}` stands for the period's name.
    pub title: String,
    /// Who issues it.
    pub issuer: String,
    /// Parts in order.
    pub parts: Vec<BriefPart>,
}

/// One part of a brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum BriefPart {
    /// A heading; level 1 to 3.
    Heading {
        /// 1 is 一、, 2 is （一）, 3 is 1.
        level: u8,
        /// Words.
        text: String,
    },
    /// Prose with slots: `{PRJ-N-ISSUED}` prints the display form, `{PRJ-V-TOTAL:number}` the
    /// number without its unit, `{period}` the period's name.
    Prose {
        /// Words with slots.
        text: String,
    },
    /// A table of a theme's figures.
    Table {
        /// Caption.
        caption: String,
        /// Indicators, in order.
        indicators: Vec<String>,
    },
    /// A bar chart of one indicator by a cut.
    Chart {
        /// Caption.
        caption: String,
        /// Indicator.
        indicator: String,
        /// `group`, `link`, `supporter` or `recipient`.
        by: String,
        /// How many bars at the most.
        top: usize,
    },
    /// A map coloured by one indicator per recipient, with the links as arcs.
    Map {
        /// Caption.
        caption: String,
        /// Indicator.
        indicator: String,
    },
    /// Coverage of every register: who has reported, who has not.
    Coverage,
    /// The list of all figures with indicator, version and as-of mark.
    FigureList,
}
