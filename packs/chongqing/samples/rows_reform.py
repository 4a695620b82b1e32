"""Sample marketing, jobs, training, employment, compensation, land and finance (T10, T13–T17, T21)."""

from datetime import date, timedelta

from sampling import (
    BEFORE, CONTESTED, Dice, H1, LATER, LINKS, OF, PENDING, SHORT, WAN, day, sided, split, spread,
)


def marketing(dice):
    """Seven pairs; two more only later, one contested."""
    names = ["liangjiang-zone", "jiangjin", "bishan", "beibei", "yongchuan", "hechuan", "nanan"]
    forms = [("农特产品展销", "产品展示"), ("直播带货专场", "直播带货"), ("农超对接洽谈", "农超对接")]
    rows = []
    for nth, supporter in enumerate(spread(dice, 15, names) + ["fuling", "yubei", "qijiang"]):
        link, (form, kind) = (supporter, OF[supporter]), forms[nth % 3]
        signed = dice.roll(20, 300) * WAN
        rows.append(sided(link, name=f"{SHORT[link[1]]}{form}（{nth + 1}）", kind=kind, place=SHORT[link[0]],
                          held_date=day(dice, *(LATER if nth in (15, 16) else H1)), firms=dice.roll(5, 40),
                          products="农特产品", signed=signed, dealt=signed * dice.roll(20, 80) // 100,
                          **(CONTESTED if nth == 17 else {})))
    return rows


def vacancies(dice):
    """36,891 posts of 22 supporters; 大渡口 only last year, 万盛 not confirmed."""
    out = ("dadukou", "wansheng-zone")
    links = [link for link in LINKS if link[0] not in out]
    rows = []
    jobs = ["装配工", "缝纫工", "保洁员", "餐饮服务员", "快递分拣员", "护理员"]

    def add(link, posts, when, **more):
        nth = len(rows) + 1
        rows.append(sided(link, code=f"SLGW{nth:04}", published_date=when, posts=posts, job=dice.pick(jobs),
                          employer=f"{SHORT[link[0]]}示例企业{nth}", wage="4000—6000元/月",
                          channel=dice.pick(["专场招聘会", "线上平台", "劳务协作站"]),
                          valid_until=when + timedelta(days=60), hired=posts * dice.roll(2, 30) // 100, **more))

    wanted = spread(dice, 120, links)
    for link, posts in zip(wanted, split(36_891, [dice.roll(20, 160) for _ in wanted])):
        add(link, posts, day(dice, *H1))
    for link in LINKS[:6]:
        add(link, dice.roll(50, 400), day(dice, *LATER))
    add(("dadukou", "chengkou"), 320, day(dice, *BEFORE))
    add(("wansheng-zone", "shizhu"), 260, day(dice, *H1), **PENDING)
    return rows


def trainings(dice):
    """52 classes with 2,171 attendances; four classes later."""
    trades = ["家政服务", "中式烹调", "电商运营", "叉车司机", "育婴员", "焊工"]
    rows = []
    wanted = split(2171, [dice.roll(30, 55) for _ in range(52)]) + [40] * 4
    for nth, attendances in enumerate(wanted):
        link, trade = LINKS[nth * 7 % len(LINKS)], trades[nth % 6]
        start = day(dice, *(H1 if nth < 52 else LATER))
        persons = attendances - attendances * dice.roll(0, 20) // 100
        rows.append(sided(link, code=f"SLPX{nth + 1:03}", name=f"{SHORT[link[1]]}{trade}培训班（{nth + 1}）",
                          trade=trade, place=SHORT[link[1]], start_date=start, end_date=start + timedelta(days=9),
                          hours=dice.pick([24, 40, 56]), attendances=attendances, persons=persons,
                          certified=persons * dice.roll(50, 95) // 100, employed=persons * dice.roll(20, 60) // 100,
                          subsidy=persons * 600))
    return rows


def employments(dice):
    """People who found work."""
    return [sided(link, person_id=f"SLWG{nth + 1:04}", name=f"示例务工人员{nth + 1:02}",
                  identity=dice.pick(["脱贫人口", "监测对象", "其他"]), work_place=SHORT[link[0]],
                  employer=f"{SHORT[link[0]]}示例企业{nth + 1}", start_date=day(dice, *H1), stability="满3个月",
                  income=dice.roll(35, 70) * 100, mode=dice.pick(["有组织输出", "劳务协作", "自主就业"]))
            for nth, link in enumerate(spread(dice, 48, LINKS))]


def compensations(dice):
    """Four pairs have settled 4,336 万元; others agree later or are not confirmed."""
    rows = []

    def add(supporter, instrument, target, term, payable, paid, when, agreed, **more):
        recipient, nth = OF[supporter], len(rows) + 1
        row = sided((supporter, recipient), instrument=instrument, target=target, payer=supporter, term=term,
                    agreement_no=f"示例协议{nth:02}", agreement_date=agreed, payable=payable * WAN, **more)
        if instrument == "森林":
            row["area"] = 12_000
        if paid:
            row.update(paid=paid * WAN, paid_date=when, voucher=f"SLZF{nth:03}")
        rows.append(row)

    signed = date(2021, 2, 24)
    for supporter, paid in (("yuzhong", (900, 600)), ("jiangbei", (1000, 875))):
        for nth, amount in enumerate(paid):
            add(supporter, "森林", f"{SHORT[OF[supporter]]}示例小班", f"2021年第{nth + 1}期", amount + 100, amount,
                day(dice, date(2021, 3, 8) if nth == 0 else date(2021, 5, 10), H1[1]), signed)
    for nth in range(3):
        add("fuling", "河流", "示例断面甲", f"2021年第{nth + 1}期", 130, (120, 120, 121)[nth],
            date(2021, 4 + nth, 15), signed)
    for nth in range(2):
        add("yongchuan", "其他", "示例水源地", f"2021年第{nth + 1}期", 300, 300, date(2021, 4 + nth, 20), signed)
    add("yuzhong", "森林", "巫溪示例小班", "2021年第3期", 800, 700, date(2021, 8, 16), signed)  # later
    add("dazu", "森林", "忠县示例小班", "2021年第1期", 500, 0, None, date(2021, 8, 3))
    add("hechuan", "森林", "秀山示例小班", "2021年第1期", 500, 400, date(2021, 6, 1), signed, **PENDING)
    return rows


def lands(dice):
    """Three pairs exchange information or quotas; one begins later, one is contested."""
    rows = []
    plans = [("liangjiang-zone", "通报", H1, {}), ("liangjiang-zone", "规模平移", H1, {}), ("jiangjin", "通报", H1, {}),
             ("yongchuan", "通报", H1, {}), ("yongchuan", "地票", H1, {}), ("bishan", "通报", LATER, {}),
             ("beibei", "增减挂钩", H1, CONTESTED)]
    for nth, (supporter, kind, window, more) in enumerate(plans):
        when = day(dice, *window)
        row = sided((supporter, OF[supporter]), kind=kind, item=f"建设用地指标{kind}（示例{nth + 1}）", event_date=when, **more)
        if kind == "地票":
            row.update(area=60, price=180_000, amount=60 * 180_000, deal_date=when, agreement_date=when,
                       usage="示例，价款归农户和集体")
        rows.append(row)
    return rows


def finances(dice):
    """Loans, guarantees and funds."""
    rows = []
    for nth, link in enumerate(LINKS[::2]):
        amount, start = dice.roll(5, 60) * 100 * WAN, day(dice, *H1)
        rows.append(sided(link, institution="示例银行" if nth % 3 else "示例担保公司", kind="银行贷款" if nth % 3 else "融资担保",
                          borrower=f"{SHORT[link[1]]}示例企业", amount=amount, balance=amount * dice.roll(60, 100) // 100,
                          interest="4.35", months=36, start_date=start,
                          end_date=start.replace(year=start.year + 3, day=1)))
    return rows


def registers():
    """Rows by register."""
    return {"marketing": marketing(Dice(10)), "vacancy": vacancies(Dice(13)), "training": trainings(Dice(14)),
            "employment": employments(Dice(15)), "compensation": compensations(Dice(16)), "land": lands(Dice(17)),
            "finance": finances(Dice(21))}
