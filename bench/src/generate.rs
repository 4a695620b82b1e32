//! Generated registers: row `i` of a register is the same in every run, on every machine.

use std::io::{self, Write};

use jiff::civil::{Date, date};
use qipan_model::{Pack, Register};

/// A cell before it is written or bound.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Text(String),
    Int(i64),
    /// In 分.
    Money(i64),
    Day(Date),
    Flag(bool),
    /// Id, and the name that people write.
    Unit(&'static str, &'static str),
}

/// How a column is filled.
#[derive(Debug, Clone, Copy)]
pub enum Fill {
    /// The prefix and the row's number: unique.
    Key(&'static str),
    /// The prefix and one of so many numbers.
    Text(&'static str, u64),
    Pick(&'static [&'static str]),
    Supporter,
    Recipient,
    /// The row's own day, somewhere in 2021.
    Day,
    /// Up to so many days after the day before it in the row, in so many of a hundred rows.
    Later(u64, u64),
    /// By whether the last [`Fill::Later`] was filled.
    Whether(&'static str, &'static str),
    Int(u64, u64),
    /// Between so many whole yuan, with cents.
    Money(u64, u64),
    Flag,
    /// Kind, end of month and recipient by the row's number, so that no two rows share all three.
    Kind(&'static [&'static str]),
    MonthEnd,
    RecipientInTurn,
}

/// The day of all imports.
pub const TODAY: Date = date(2022, 6, 30);

/// Whether a column holds days.
pub fn is_day(fill: Fill) -> bool {
    matches!(fill, Fill::Day | Fill::Later(..) | Fill::MonthEnd)
}

/// One generated register.
#[derive(Debug)]
pub struct Spec {
    pub register: &'static str,
    /// Rows for each thousand of the size measured.
    per_thousand: usize,
    /// Most rows that the key allows.
    most: usize,
    pub columns: &'static [(&'static str, Fill)],
}

impl Spec {
    pub fn rows(&self, size: usize) -> usize {
        (size * self.per_thousand / 1000).clamp(1, self.most)
    }
}

const ANY: usize = usize::MAX;

/// The registers that the 32 indicators take rows from.
pub const SPECS: &[Spec] = &[
    Spec {
        register: "consumption",
        per_thousand: 1000,
        most: ANY,
        columns: &[
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("buyer", Fill::Text("某某区机关事务管理局第", 900)),
            (
                "buyer_kind",
                Fill::Pick(&["机关", "工会", "国企", "学校", "医院", "商超"]),
            ),
            ("mode", Fill::Pick(&["直接采购", "帮助销售"])),
            ("product", Fill::Key("高山大米第")),
            (
                "product_kind",
                Fill::Pick(&["农产品", "特产", "文旅产品", "其他"]),
            ),
            ("supplier", Fill::Text("某某县农业开发有限公司第", 3000)),
            ("supplier_code", Fill::Text("91500000MA5", 90_000)),
            ("certified", Fill::Flag),
            ("amount", Fill::Money(100, 90_000)),
            ("deal_date", Fill::Day),
            ("voucher_kind", Fill::Pick(&["发票", "平台订单", "合同"])),
            ("voucher", Fill::Text("No.", 9_000_000)),
            (
                "channel",
                Fill::Pick(&["一区两群", "一区两群", "一区两群", "鲁渝协作", "832平台"]),
            ),
            ("note", Fill::Text("第", 30)),
        ],
    },
    PROJECT,
    Spec {
        register: "fund",
        per_thousand: 100,
        most: ANY,
        columns: &[
            ("year", Fill::Int(2021, 2021)),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("item", Fill::Key("示范园道路第")),
            (
                "project_category",
                Fill::Pick(&["基础设施", "公共服务", "产业配套", "产业", "民生", "科技"]),
            ),
            ("channel", Fill::Pick(&["财政", "国企", "社会"])),
            ("form", Fill::Pick(&["现金"])),
            ("issued", Fill::Money(10_000, 3_000_000)),
            ("issued_doc", Fill::Text("渝财建〔2021〕", 400)),
            ("issued_date", Fill::Day),
        ],
    },
    Spec {
        register: "vacancy",
        per_thousand: 100,
        most: ANY,
        columns: &[
            ("code", Fill::Key("GW2021-")),
            ("published_date", Fill::Day),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("employer", Fill::Text("某某电子有限公司第", 5000)),
            ("job", Fill::Pick(&["普工", "电工", "司机", "会计"])),
            ("posts", Fill::Int(1, 60)),
            (
                "channel",
                Fill::Pick(&["专场招聘会", "线上平台", "劳务协作站"]),
            ),
        ],
    },
    Spec {
        register: "training",
        per_thousand: 100,
        most: ANY,
        columns: &[
            ("code", Fill::Key("PX2021-")),
            ("name", Fill::Text("电工培训第", 5000)),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("start_date", Fill::Day),
            ("attendances", Fill::Int(20, 80)),
            ("persons", Fill::Int(5, 19)),
        ],
    },
    Spec {
        register: "secondment",
        per_thousand: 100,
        most: ANY,
        columns: &[
            ("person_id", Fill::Key("GZ")),
            ("name", Fill::Text("张", 900)),
            ("gender", Fill::Pick(&["男", "女"])),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("direction", Fill::Pick(&["一区→两群", "两群→一区"])),
            (
                "category",
                Fill::Pick(&["党政", "教育", "卫健", "农技", "科技特派员", "企业"]),
            ),
            ("start_date", Fill::Day),
        ],
    },
    Spec {
        register: "commissioner",
        per_thousand: 100,
        most: ANY,
        columns: &[
            ("person_id", Fill::Key("KT")),
            ("name", Fill::Text("王", 900)),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("start_date", Fill::Day),
            ("service_days", Fill::Int(10, 200)),
        ],
    },
    Spec {
        register: "twinning",
        per_thousand: 50,
        most: ANY,
        columns: &[
            ("kind", Fill::Pick(&["学校", "医院"])),
            ("supporter", Fill::Supporter),
            ("supporter_org", Fill::Key("主城第")),
            ("recipient", Fill::Recipient),
            ("recipient_org", Fill::Text("乡镇第", 40_000)),
            ("start_date", Fill::Day),
            ("end_date", Fill::Later(200, 10)),
        ],
    },
    Spec {
        register: "investment",
        per_thousand: 50,
        most: ANY,
        columns: &[
            ("name", Fill::Key("装备制造项目第")),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("joint", Fill::Flag),
            ("mode", Fill::Pick(&["联合引资", "互荐引资", "独立招商"])),
            ("contact_date", Fill::Day),
            ("agreed", Fill::Money(1_000_000, 90_000_000)),
        ],
    },
    Spec {
        register: "visit",
        per_thousand: 50,
        most: ANY,
        columns: &[
            ("visit_date", Fill::Day),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("title", Fill::Key("对接会第")),
            ("topic", Fill::Pick(&["联合招商", "产业对接", "消费帮扶"])),
        ],
    },
    Spec {
        register: "park",
        per_thousand: 10,
        most: ANY,
        columns: &[
            ("name", Fill::Key("产业合作示范园第")),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("planned_date", Fill::Day),
            ("plaque_date", Fill::Later(150, 60)),
            ("end_date", Fill::Later(90, 5)),
        ],
    },
    Spec {
        register: "tourism",
        per_thousand: 20,
        most: ANY,
        columns: EVENT,
    },
    Spec {
        register: "marketing",
        per_thousand: 20,
        most: ANY,
        columns: EVENT,
    },
    Spec {
        register: "research",
        per_thousand: 20,
        most: ANY,
        columns: &[
            ("name", Fill::Key("联合攻关第")),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("start_date", Fill::Day),
        ],
    },
    Spec {
        register: "compensation",
        per_thousand: 20,
        most: ANY,
        columns: &[
            ("instrument", Fill::Pick(&["河流"])),
            ("target", Fill::Key("河段第")),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
            ("term", Fill::Pick(&["2021年"])),
            ("agreement_date", Fill::Day),
            ("payable", Fill::Money(500_000, 900_000)),
            ("paid", Fill::Money(1_000, 400_000)),
            ("paid_date", Fill::Later(60, 100)),
            ("voucher", Fill::Text("No.", 9_000)),
        ],
    },
    Spec {
        register: "land",
        per_thousand: 20,
        most: ANY,
        columns: &[
            ("kind", Fill::Pick(&["地票", "增减挂钩", "规模平移"])),
            ("item", Fill::Key("指标第")),
            ("event_date", Fill::Day),
            ("supporter", Fill::Supporter),
            ("recipient", Fill::Recipient),
        ],
    },
    Spec {
        register: "statistic",
        per_thousand: 100,
        most: 3 * 12 * 17,
        columns: &[
            (
                "stat",
                Fill::Kind(&["市级以上孵化平台", "区域科技金融服务中心", "初创企业和团队"]),
            ),
            ("stat_date", Fill::MonthEnd),
            ("recipient", Fill::RecipientInTurn),
            ("value", Fill::Int(1, 90)),
            ("source", Fill::Pick(&["市科技局"])),
            ("doc_no", Fill::Text("渝科局〔2021〕", 90)),
        ],
    },
];

/// Projects as an office keeps them: 18 columns of the register's forty.
const PROJECT: Spec = Spec {
    register: "project",
    per_thousand: 1000,
    most: ANY,
    columns: &[
        ("code", Fill::Key("XT2021-")),
        ("name", Fill::Text("产业合作示范园标准厂房第", 90_000)),
        ("supporter", Fill::Supporter),
        ("recipient", Fill::Recipient),
        (
            "theme",
            Fill::Pick(&["产业协同", "城乡互动", "科技协同", "改革协同"]),
        ),
        (
            "category",
            Fill::Pick(&["基础设施", "公共服务", "产业配套", "产业", "民生"]),
        ),
        ("place", Fill::Text("某镇某村", 900)),
        ("nature", Fill::Pick(&["新建", "改建", "扩建"])),
        ("total_investment", Fill::Money(3_000_000, 90_000_000)),
        ("fund", Fill::Money(100_000, 900_000)),
        ("city_fund", Fill::Money(10_000, 500_000)),
        ("issued_doc", Fill::Text("渝发改〔2021〕", 300)),
        ("issued_date", Fill::Day),
        ("start_date", Fill::Later(90, 60)),
        ("households", Fill::Int(1, 500)),
        ("persons", Fill::Int(1, 5000)),
        ("status", Fill::Whether("已开工", "未开工")),
        ("note", Fill::Text("第", 30)),
    ],
};

const EVENT: &[(&str, Fill)] = &[
    ("name", Fill::Key("推介会第")),
    ("held_date", Fill::Day),
    ("supporter", Fill::Supporter),
    ("recipient", Fill::Recipient),
];

/// Links of the generated mechanism: every recipient has two supporters, as the real one nearly
/// has; the rollups grow with links and months, so the number matters.
const SUPPORTERS: [(&str, &str); 9] = [
    ("jiangjin", "江津区"),
    ("bishan", "璧山区"),
    ("dazu", "大足区"),
    ("yuzhong", "渝中区"),
    ("beibei", "北碚区"),
    ("yongchuan", "永川区"),
    ("hechuan", "合川区"),
    ("fuling", "涪陵区"),
    ("tongnan", "潼南区"),
];
const RECIPIENTS: [(&str, &str); 17] = [
    ("wanzhou", "万州区"),
    ("qianjiang", "黔江区"),
    ("kaizhou", "开州区"),
    ("liangping", "梁平区"),
    ("wulong", "武隆区"),
    ("chengkou", "城口县"),
    ("fengdu", "丰都县"),
    ("dianjiang", "垫江县"),
    ("zhongxian", "忠县"),
    ("yunyang", "云阳县"),
    ("fengjie", "奉节县"),
    ("wushan", "巫山县"),
    ("wuxi", "巫溪县"),
    ("shizhu", "石柱县"),
    ("xiushan", "秀山县"),
    ("youyang", "酉阳县"),
    ("pengshui", "彭水县"),
];

/// SplitMix64: one state, good enough for filling cells, the same everywhere.
struct Prng(u64);

impl Prng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }
}

fn plus(day: Date, days: u64) -> Date {
    let span = jiff::Span::new().days(i64::try_from(days).unwrap_or(0));
    day.checked_add(span).unwrap_or(day)
}

fn pick<T: Copy>(of: &[T], nth: u64) -> T {
    of[usize::try_from(nth).unwrap_or(0) % of.len()]
}

impl Spec {
    /// Row `nth` of this register, one cell for each of its columns.
    pub fn row(&self, nth: usize) -> Vec<Cell> {
        let nth = nth as u64;
        let seed = self.register.bytes().fold(17, |seed: u64, byte| {
            seed.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        let mut prng = Prng(seed ^ nth.wrapping_mul(0x2545_F491_4F6C_DD1D));
        let first = date(2021, 1, 1);
        let mut day = first;
        let mut done = false;
        let link = prng.below(34);
        self.columns
            .iter()
            .map(|(_, fill)| match *fill {
                Fill::Key(prefix) => Cell::Text(format!("{prefix}{nth:07}")),
                Fill::Text(prefix, most) => Cell::Text(format!("{prefix}{}号", prng.below(most))),
                Fill::Pick(words) => Cell::Text(pick(words, prng.next()).to_owned()),
                Fill::Supporter => {
                    let (id, name) = pick(&SUPPORTERS, link % 17 + link / 17 * 4);
                    Cell::Unit(id, name)
                }
                Fill::Recipient => {
                    let (id, name) = pick(&RECIPIENTS, link);
                    Cell::Unit(id, name)
                }
                Fill::Day => {
                    day = plus(first, prng.below(365));
                    Cell::Day(day)
                }
                Fill::Later(most, per_hundred) => {
                    done = prng.below(100) < per_hundred;
                    // What has happened cannot lie after the day of the import.
                    let later = plus(day, prng.below(most)).min(TODAY);
                    if done {
                        day = later;
                        Cell::Day(later)
                    } else {
                        Cell::Null
                    }
                }
                Fill::Whether(yes, no) => Cell::Text(if done { yes } else { no }.to_owned()),
                Fill::Int(low, high) => {
                    Cell::Int(i64::try_from(low + prng.below(high - low + 1)).unwrap_or(0))
                }
                Fill::Money(low, high) => {
                    let fen = low * 100 + prng.below((high - low) * 100);
                    Cell::Money(i64::try_from(fen).unwrap_or(0))
                }
                Fill::Flag => Cell::Flag(prng.below(2) == 1),
                Fill::Kind(words) => Cell::Text(pick(words, nth).to_owned()),
                Fill::MonthEnd => {
                    let month = i8::try_from(nth / 3 % 12).unwrap_or(0) + 1;
                    Cell::Day(date(2021, month, 1).last_of_month())
                }
                Fill::RecipientInTurn => {
                    let (id, name) = pick(&RECIPIENTS, nth / 36);
                    Cell::Unit(id, name)
                }
            })
            .collect()
    }

    /// The labels that people put over these columns, money in 元.
    pub fn heads(&self, register: &Register) -> Vec<String> {
        self.columns
            .iter()
            .map(|(id, fill)| {
                let label = register
                    .fields
                    .iter()
                    .find(|field| field.id == *id)
                    .map_or(*id, |field| field.label.as_str());
                let unit = if matches!(fill, Fill::Money(..)) {
                    "（元）"
                } else {
                    ""
                };
                format!("{label}{unit}")
            })
            .collect()
    }

    /// Writes the first rows as a CSV, as an office would send it.
    pub fn write_csv(&self, pack: &Pack, rows: usize, out: &mut impl Write) -> io::Result<()> {
        let register = pack
            .register(self.register)
            .ok_or_else(|| io::Error::other(format!("no register {}", self.register)))?;
        writeln!(out, "{}", self.heads(register).join(","))?;
        for nth in 0..rows {
            for (column, cell) in self.row(nth).iter().enumerate() {
                if column > 0 {
                    out.write_all(b",")?;
                }
                match cell {
                    Cell::Null => {}
                    Cell::Text(text) => out.write_all(text.as_bytes())?,
                    Cell::Unit(_, name) => out.write_all(name.as_bytes())?,
                    Cell::Int(number) => write!(out, "{number}")?,
                    Cell::Money(fen) => write!(out, "{}.{:02}", fen / 100, fen % 100)?,
                    Cell::Day(day) => write!(out, "{day}")?,
                    Cell::Flag(truth) => {
                        out.write_all(if *truth { "是" } else { "否" }.as_bytes())?
                    }
                }
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// The generated register of an id.
pub fn spec(register: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.register == register)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_the_same_whenever_they_are_made() {
        let consumption = spec("consumption").unwrap();
        assert_eq!(consumption.row(123_456), consumption.row(123_456));
        assert_ne!(consumption.row(1), consumption.row(2));
        assert_eq!(consumption.row(0).len(), consumption.columns.len());
    }
}
