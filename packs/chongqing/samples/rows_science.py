"""Sample research cooperation, technical commissioners and departments' statistics (T11, T12, T20)."""

from datetime import date

from sampling import (
    BEFORE, Dice, H1, LATER, LINKS, NOTE, OF, PENDING, RECIPIENTS, SHORT, WAN, day, sided, split,
    spread,
)


def research(dice):
    """Ten supporters have begun; two begin later, one is not confirmed."""
    names = ["liangjiang-zone", "jiangjin", "bishan", "beibei", "yuzhong", "yongchuan", "shapingba",
             "nanan", "gaoxin-zone", "changshou"]
    topics = [("特色农产品精深加工技术", "科研"), ("农业科技创新平台", "平台"), ("良种良法成果转化", "成果转化"),
              ("山地农机联合攻关", "科研")]
    rows = []
    for nth, supporter in enumerate(spread(dice, 17, names) + ["hechuan", "banan", "tongliang"]):
        link, (topic, kind) = (supporter, OF[supporter]), topics[0 if nth < 10 else nth % 4]
        start = day(dice, *(LATER if nth in (17, 18) else H1))
        rows.append(sided(link, name=f"{SHORT[link[1]]}{topic}（{nth + 1}）", kind=kind,
                          supporter_org=f"{SHORT[link[0]]}示例院所", recipient_org=f"{SHORT[link[1]]}示例农技站",
                          budget=dice.roll(5, 80) * WAN, start_date=start,
                          end_date=start.replace(year=start.year + 2, day=1), services=dice.roll(1, 30),
                          **(PENDING if nth == 19 else {})))
    return rows


def commissioners(dice):
    """36 people (one serves two counties), three chosen later, two of the year before."""
    rows = []
    fields = ["果树栽培", "畜禽养殖", "中药材种植", "农产品加工", "水产养殖"]

    def add(nth, link, start):
        rows.append(sided(link, person_id=f"SLTP{nth:03}", name=f"示例特派员{nth:02}",
                          gender="女" if dice.roll(0, 2) == 0 else "男", from_org=f"{SHORT[link[0]]}示例农科单位",
                          place=f"{SHORT[link[1]]}示例乡镇", specialty=fields[nth % 5], start_date=start,
                          end_date=start.replace(year=start.year + 1, day=1), service_days=dice.roll(10, 80),
                          trained=dice.roll(20, 300), demo_area=dice.roll(5, 60) * 10,
                          households=dice.roll(10, 120)))

    for nth in range(36):
        add(nth + 1, LINKS[nth % len(LINKS)], day(dice, *H1))
    add(8, ("tongnan", "youyang"), day(dice, *H1))  # the same person serves a second county
    for nth, window in enumerate([LATER] * 3 + [BEFORE] * 2):
        add(51 + nth, LINKS[nth * 4], day(dice, *window))
    return rows


def statistics(dice):
    """Stocks of the 17 counties at three dates; only the June ones belong to the half-year."""
    shares = [dice.roll(2, 9) for _ in RECIPIENTS]
    stats = [("市级以上孵化平台", "家", split(66, shares)), ("初创企业和团队", "家", split(3032, shares)),
             ("区域科技金融服务中心", "个", [1] * 17)]
    days = [(date(2020, 12, 31), -1), (date(2021, 6, 30), 0), (date(2021, 9, 30), 1)]
    return [{"stat": stat, "stat_date": when, "recipient": recipient, "value": max(value + more * (value // 8), 0),
             "value_unit": unit, "source": "市科技局", "doc_no": f"示例统计〔{when.year}〕{when.month}号", "note": NOTE}
            for when, more in days for stat, unit, values in stats
            for recipient, value in zip(RECIPIENTS, values)]


def registers():
    """Rows by register."""
    return {"research": research(Dice(11)), "commissioner": commissioners(Dice(12)),
            "statistic": statistics(Dice(20))}
