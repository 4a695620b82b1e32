"""Sample twinning, secondments, consumption assistance and donations (T7–T9, T19)."""

from datetime import date

from sampling import (
    BEFORE, CONTESTED, Dice, H1, LATER, LINKS, OF, PENDING, RECIPIENTS, SHORT, WAN, day, sided,
    split, spread,
)

POOR = [r for r in RECIPIENTS if r not in ("liangping", "zhongxian", "dianjiang")]


def twinnings(dice):
    """21 schools and 11 hospitals of 15 recipients; 垫江's has ended, 秀山's begins in September."""
    out = ("dianjiang", "xiushan")
    links = [link for link in LINKS if link[1] not in out]
    homes = [r for r in RECIPIENTS if r not in out]
    rows = []

    def add(kind, link, supporting, supported, start, end, **more):
        rows.append(sided(link, kind=kind, supporter_org=supporting, recipient_org=supported,
                          start_date=start, end_date=end, content="教学教研、专科共建（示例）",
                          posted=dice.roll(1, 8), trained=dice.roll(10, 120), **more))

    for kind, homes_of, word in (("学校", homes + homes[:6], "学校"), ("医院", homes[:2] + homes[4:13], "医院")):
        for nth, home in enumerate(homes_of):
            mine = [link for link in links if link[1] == home]
            link = mine[nth % len(mine)]
            early = kind == "学校" and nth in (9, 10)  # went on from the round before
            start = day(dice, *(BEFORE if early else H1))
            supported = f"{SHORT[home]}示例{word}{1 + nth // len(homes)}"
            add(kind, link, f"{SHORT[link[0]]}示例{word}{nth + 1}", supported, start,
                start.replace(year=start.year + 3))
            if len(mine) > 1 and nth == homes.index(home) and kind == "学校":
                other = mine[(nth + 1) % len(mine)]  # a second supporter of the same school
                add(kind, other, f"{SHORT[other[0]]}示例{word}{nth + 31}", supported, start,
                    start.replace(year=start.year + 3))
    add("学校", ("jiulongpo", "dianjiang"), "九龙坡示例学校", "垫江示例学校1", date(2018, 4, 2),
        date(2021, 3, 31))
    add("医院", ("hechuan", "xiushan"), "合川示例医院", "秀山示例医院1", date(2021, 9, 1), date(2024, 8, 31))
    add("学校", ("hechuan", "xiushan"), "合川示例学校", "秀山示例学校1", day(dice, *H1),
        date(2024, 8, 31), **PENDING)
    add("其他", ("hechuan", "xiushan"), "合川示例街道", "秀山示例乡镇", day(dice, *H1), date(2024, 8, 31))
    return rows


def secondments(dice):
    """126 people in both directions, six technical commissioners beside them, and others' years."""
    rows = []
    kinds = ["党政", "教育", "卫健", "党政", "农技", "教育", "企业", "卫健", "其他"]

    def add(nth, link, start, category, **more):
        down = nth % 8 < 5
        sides = (SHORT[link[0]], SHORT[link[1]])
        home, away = sides if down else sides[::-1]
        post = {"党政": "副主任", "教育": "教师", "卫健": "医师"}.get(category, "专业技术岗")
        rows.append(sided(link, person_id=f"SLRY{nth:04}", name=f"示例人员{nth:03}",
                          gender="女" if dice.roll(0, 2) == 0 else "男", category=category,
                          direction="一区→两群" if down else "两群→一区", from_org=f"{home}示例单位",
                          to_org=f"{away}示例单位", to_post=f"{post}（挂职）", start_date=start,
                          end_date=start.replace(year=start.year + 1, day=1),
                          issued_doc=f"示例〔{start.year}〕{nth}号") | more)

    for nth, link in enumerate(spread(dice, 126, LINKS)):
        add(nth + 1, link, day(dice, *H1), kinds[nth % len(kinds)])
    for nth, link in enumerate(LINKS[2:8]):  # the same people stand in the commissioners' register
        add(901 + nth * 8, link, day(dice, *H1), "科技特派员", person_id=f"SLTP{nth + 3:03}",
            name=f"示例特派员{nth + 3:02}", direction="一区→两群")
    for nth, window in enumerate([LATER] * 6 + [BEFORE] * 4):
        add(401 + nth, dice.pick(LINKS), day(dice, *window), kinds[nth % len(kinds)])
    add(421, LINKS[5], day(dice, *H1), "教育", **PENDING)
    add(422, LINKS[9], day(dice, *H1), "卫健", **CONTESTED)
    return rows


def consumption(dice):
    """18 supporters buy 7,435.62 万元 from 14 counties out of poverty and a little from 梁平."""
    out = ("gaoxin-zone", "wansheng-zone")
    links = [link for link in LINKS if link[1] in POOR and link[0] not in out]
    goods = [("脐橙", "农产品"), ("腊肉", "特产"), ("高山大米", "农产品"), ("中药材", "特产"), ("乡村旅游券", "文旅产品"),
             ("苗绣", "手工艺品")]
    buyers = [("机关食堂", "机关", "直接采购"), ("工会", "工会", "直接采购"), ("国有公司", "国企", "直接采购"),
              ("商超", "商超", "帮助销售"), ("直播间", "直播", "帮助销售"), ("展销馆", "展销", "帮助销售")]
    rows = []

    def add(link, amount, when, **more):
        nth = len(rows)
        (name, kind), (who, group, mode) = goods[nth * 5 % 6], buyers[(nth + nth // 6) % 6]
        rows.append(sided(link, buyer=f"{SHORT[link[0]]}示例{who}", buyer_kind=group, mode=mode,
                          product=f"{SHORT[link[1]]}{name}（{nth + 1}）", product_kind=kind,
                          supplier=f"{SHORT[link[1]]}示例合作社", amount=amount, deal_date=when,
                          voucher_kind="发票", voucher=f"SLFP{nth + 1:05}",
                          **{"channel": "一区两群", **more}))

    deals = spread(dice, 96, links)
    amounts = split(7_423_12, [dice.roll(10, 300) for _ in deals])  # in 100 元
    for link, amount in zip(deals, amounts):
        add(link, amount * 100, day(dice, *H1))
    add(("jiangjin", "liangping"), 125_000, day(dice, *H1))  # counts in the sum, 梁平 not as 脱贫
    for nth, (link, window) in enumerate([(link, w) for w in (LATER, BEFORE) for link in LINKS[:5]]):
        add(link, dice.roll(5, 60) * WAN, day(dice, *window))
    for link, channel in (("nanan", "832平台"), ("dazu", "鲁渝协作"), ("bishan", "定点帮扶"), ("fuling", "鲁渝协作")):
        add((link, OF[link]), dice.roll(100, 400) * WAN, day(dice, *H1), channel=channel)
    add(("gaoxin-zone", "fengjie"), 88 * WAN, day(dice, *H1), **PENDING)
    add(("wansheng-zone", "shizhu"), 46 * WAN, day(dice, *H1), **CONTESTED)
    return rows


def donations(dice):
    """Gifts of money and goods, small ones too."""
    rows = []
    for nth, link in enumerate(spread(dice, 30, LINKS)):
        goods = nth % 3 == 2
        rows.append(sided(link, donor=f"{SHORT[link[0]]}示例商会", donee=f"{SHORT[link[1]]}示例乡镇",
                          kind="捐物" if goods else "捐款", item=f"{'图书文具' if goods else '助学金'}（{nth + 1}）",
                          amount=dice.roll(1, 60) * 1000, basis="按购置发票折价" if goods else "",
                          donated_date=day(dice, *H1), purpose="助学", receipt=f"SLHZ{nth + 1:03}"))
    return rows


def registers():
    """Rows by register."""
    return {"twinning": twinnings(Dice(7)), "secondment": secondments(Dice(8)),
            "consumption": consumption(Dice(9)), "donation": donations(Dice(19))}
