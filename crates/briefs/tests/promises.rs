//! What a brief must never do: turn missing into zero, let text become markup, change between
//! two runs, or print a number that does not open.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod fixture;

use fixture::{Fixture, LABEL, brief};
use qipan_briefs::{
    Block, BriefData, Inline, Problem, compose, needed_cuts, to_docx, to_html, to_markdown,
};
use qipan_figures::By;
use qipan_model::{Brief, BriefPart};
use qipan_raster::Rasteriser;

fn of(parts: Vec<BriefPart>) -> Brief {
    Brief { parts, ..brief() }
}

fn prose(text: &str) -> BriefPart {
    BriefPart::Prose {
        text: text.to_owned(),
    }
}

/// The words of the first paragraph.
fn check(text: &str, expect: &str) {
    let fixture = Fixture::new();
    let document = compose(&of(vec![prose(text)]), &fixture.data()).unwrap();
    let Some(Block::Paragraph(inlines)) = document.blocks.first() else {
        panic!("no paragraph");
    };
    let words: String = inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) => text.clone(),
            Inline::Figure(figure) => figure.display.clone(),
        })
        .collect();
    assert_eq!(words, expect);
}

#[test]
fn slots_print_figures_numbers_and_the_period() {
    check("{period}{PRJ-V-TOTAL}", "2021年上半年7.5亿元");
    check("{PRJ-V-TOTAL:number}", "7.5");
    check("{SAL-V} {SAL-V:number}", "7400余万元 7400余");
    check("{PRJ-R-START:number}", "36.8");
}

#[test]
fn missing_is_not_zero_and_zero_is_not_missing() {
    check("{SEC-N}，{SEC-N:number}", "未报，未报");
    check("{TRN-N}，{TRN-N:number}", "0场次，0");
    // Known to the pack, but without any figure.
    let mut fixture = Fixture::new();
    fixture
        .figures
        .retain(|figure| figure.indicator != "PRJ-N-ISSUED");
    let parts = vec![
        prose("{PRJ-N-ISSUED}"),
        BriefPart::Chart {
            caption: "图".to_owned(),
            indicator: "PRJ-N-ISSUED".to_owned(),
            by: "recipient".to_owned(),
            top: 5,
        },
    ];
    let document = compose(&of(parts), &fixture.data()).unwrap();
    let markdown = to_markdown(&document);
    assert!(markdown.contains("[未报](#fig-PRJ-N-ISSUED)"), "{markdown}");
    assert!(markdown.contains("“图”：本期没有可画的数字（未报）"));
    assert!(!to_html(&document).contains("<svg"));
}

#[test]
fn everything_wrong_is_said_at_once() {
    let fixture = Fixture::new();
    let chart = |by: &str| BriefPart::Chart {
        caption: "图".to_owned(),
        indicator: "PRJ-N-ISSUED".to_owned(),
        by: by.to_owned(),
        top: 5,
    };
    let parts = vec![
        prose("{NO-SUCH}"),
        prose("{PRJ-N-ISSUED"),
        chart("county"),
        BriefPart::Table {
            caption: "表".to_owned(),
            indicators: vec!["ALSO-NOT".to_owned()],
        },
    ];
    let error = compose(&of(parts), &fixture.data()).unwrap_err();
    assert_eq!(error.problems.len(), 4, "{error}");
    assert!(
        matches!(&error.problems[0], Problem::UnknownIndicator { part: 1, id } if id == "NO-SUCH")
    );
    assert!(error.to_string().contains("half-year"));
    assert!(error.to_string().contains("第 3 部分的 by = “county”"));
}

#[test]
fn every_number_opens() {
    let fixture = Fixture::new();
    // Also when the declaration has no list of figures.
    let document = compose(&of(vec![prose("{PRJ-N-ISSUED}{TRN-N}")]), &fixture.data()).unwrap();
    let html = to_html(&document);
    let mut links = 0;
    for link in html.split("href=\"#").skip(1) {
        let target = link.split('"').next().unwrap();
        assert!(html.contains(&format!("id=\"{target}\"")), "{target}");
        links += 1;
    }
    assert_eq!(links, 2);
}

#[test]
fn the_label_is_everywhere_or_nowhere() {
    let mut fixture = Fixture::new();
    let raster = Rasteriser::new(Vec::new());
    let labelled = compose(&brief(), &fixture.data()).unwrap();
    assert_eq!(to_markdown(&labelled).matches(LABEL).count(), 2);
    assert!(to_html(&labelled).contains(LABEL));
    let docx = to_docx(&labelled, &raster).unwrap();
    let count = |docx: &[u8], name: &str| {
        docx.windows(name.len())
            .filter(|w| *w == name.as_bytes())
            .count()
    };
    assert_eq!(count(&docx, LABEL), 2, "odd and even pages");
    fixture.label = None;
    let real = compose(&brief(), &fixture.data()).unwrap();
    assert!(!to_markdown(&real).contains(LABEL));
    assert!(!to_html(&real).contains("class=\"label\""));
    assert_eq!(count(&to_docx(&real, &raster).unwrap(), LABEL), 0);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let fixture = Fixture::new();
    let raster = Rasteriser::new(Vec::new());
    let make = || {
        let document = compose(&brief(), &fixture.data()).unwrap();
        (
            to_markdown(&document),
            to_html(&document),
            to_docx(&document, &raster).unwrap(),
        )
    };
    let first = make();
    assert!(first == make());
    // Also from another thread, where the library's own counters stand elsewhere.
    let docx = std::thread::scope(|scope| scope.spawn(|| make().2).join()).unwrap();
    assert!(first.2 == docx);
}

#[test]
fn hostile_text_stays_text() {
    const HOSTILE: &str = "</w:t></title><script>alert(1)</script>&amp;\u{0}\u{b}\u{202e}|`*[x](javascript:y)\" onload='z";
    let mut fixture = Fixture::new();
    for figure in &mut fixture.figures {
        figure.name = HOSTILE.to_owned();
        figure.display = HOSTILE.to_owned();
        figure.as_of = HOSTILE.to_owned();
        figure.cut_units = [HOSTILE.to_owned(), HOSTILE.to_owned()];
        figure.cut = HOSTILE.to_owned();
    }
    for register in &mut fixture.coverage {
        register.name = HOSTILE.to_owned();
        register.missing = vec![HOSTILE.to_owned()];
    }
    for indicator in &mut fixture.pack.indicators {
        indicator.name = HOSTILE.to_owned();
        indicator.owner = HOSTILE.to_owned();
    }
    fixture.pack.mechanism.supporter_word = HOSTILE.to_owned();
    let mut brief = brief();
    brief.title = HOSTILE.to_owned();
    brief.issuer = HOSTILE.to_owned();
    brief.parts.push(prose(HOSTILE));
    brief.parts.push(BriefPart::Heading {
        level: 9,
        text: HOSTILE.to_owned(),
    });
    let document = compose(&brief, &fixture.data()).unwrap();
    let html = to_html(&document);
    let markdown = to_markdown(&document);
    for text in [&html, &markdown] {
        assert!(!text.contains("<script"), "script");
        assert!(!text.contains("</w:t>"), "closing tag");
        assert!(!text.contains('\u{0}') && !text.contains('\u{202e}'));
    }
    // No attribute was opened by a quotation mark of the text.
    assert!(!html.contains("\" onload='"));
    assert!(markdown.contains("\\[x\\](javascript:y)"));
    // Every row of a Markdown table still has the cells of its head.
    let bars = |line: &str| line.matches('|').count() - line.matches("\\|").count();
    for line in markdown.lines().filter(|line| line.starts_with("| ")) {
        assert!([3, 5, 8].contains(&bars(line)), "{line}");
    }
    let docx = to_docx(&document, &Rasteriser::new(Vec::new())).unwrap();
    assert!(!docx.windows(7).any(|w| w == b"<script"));
    // One closing tag for each opening one: nothing broke out.
    let text = String::from_utf8_lossy(&docx);
    assert_eq!(
        text.matches("<w:t ").count(),
        text.matches("</w:t>").count()
    );
}

#[test]
fn no_request_leaves_the_page() {
    let fixture = Fixture::new();
    let html = to_html(&compose(&brief(), &fixture.data()).unwrap());
    let html = html.replace("http://www.w3.org/2000/svg", "");
    for outside in [
        "src=",
        "url(http",
        "@import",
        "<link",
        "<script",
        "href=\"http",
    ] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn a_docx_without_fonts_says_which_picture_and_what_to_install() {
    let fixture = Fixture::new();
    let folder = tempfile::tempdir().unwrap();
    let raster = Rasteriser::only(vec![folder.path().to_path_buf()]);
    let document = compose(&brief(), &fixture.data()).unwrap();
    let error = to_docx(&document, &raster).unwrap_err().to_string();
    assert!(
        error.contains("图1") && error.contains("fonts-noto-cjk"),
        "{error}"
    );
    // Without pictures no font is needed.
    let plain = compose(&of(vec![prose("{PRJ-N-ISSUED}")]), &fixture.data()).unwrap();
    assert!(to_docx(&plain, &raster).is_ok());
}

#[test]
fn opens_with_whom_it_is_sent_to() {
    let fixture = Fixture::new();
    let parts = vec![prose("各区县，市级有关部门："), prose("现通报如下：")];
    let document = compose(&of(parts), &fixture.data()).unwrap();
    assert_eq!(
        document.blocks[0],
        Block::Addressee("各区县，市级有关部门：".to_owned())
    );
    assert!(matches!(document.blocks[1], Block::Paragraph(_)));
}

#[test]
fn says_which_cuts_it_needs() {
    let cuts: Vec<_> = needed_cuts(&brief()).into_iter().collect();
    assert_eq!(
        cuts,
        [
            ("PRJ-N-ISSUED".to_owned(), By::Recipient),
            ("PRJ-V-TOTAL".to_owned(), By::Link)
        ]
    );
}

#[test]
fn a_limited_brief_says_so_in_its_title() {
    let fixture = Fixture::new();
    let limited = BriefData {
        scope: Some("只含江津区的结对关系"),
        ..fixture.data()
    };
    let document = compose(&brief(), &limited).unwrap();
    assert!(
        document.title.ends_with("（只含江津区的结对关系）"),
        "{}",
        document.title
    );
    for written in [to_html(&document), to_markdown(&document)] {
        assert!(written.contains("只含江津区的结对关系"));
    }
    let whole = compose(&brief(), &fixture.data()).unwrap();
    assert!(!whole.title.contains("只含"), "{}", whole.title);
}
