"""Sample parks, investment promotion and tourism marketing (T4–T6)."""

from datetime import date, timedelta

from rows_projects import PROMOTION_VISITS
from sampling import (
    BEFORE, CONTESTED, Dice, H1, LATER, LINKS, OF, PENDING, SHORT, WAN, day, sided, spread,
)


def parks(dice):
    """16 planned parks, six of them opened; two planned later, one given up, one not confirmed."""
    named = {"jiangjin": "重庆江津•开州产业合作示范园", "bishan": "璧山梁平产业合作示范园"}
    order = ["jiangjin", "bishan", "liangjiang-zone", "dazu", "beibei", "hechuan", "yuzhong", "jiangbei",
             "yongchuan", "fuling", "dadukou", "shapingba", "jiulongpo", "nanan", "qijiang", "yubei",
             "changshou", "tongliang", "banan", "rongchang"]
    rows = []
    for nth, supporter in enumerate(order):
        recipient = OF[supporter]
        row = sided((supporter, recipient), host=recipient, status="计划",
                    name=named.get(supporter) or f"{SHORT[supporter]}{SHORT[recipient]}产业协作园区（示例）",
                    kind=dice.pick(["共建产业园", "产业飞地", "景园共建"]),
                    planned_date=day(dice, date(2020, 11, 9) if nth == 2 else H1[0],
                                     date(2020, 12, 18) if nth == 2 else date(2021, 3, 26)),
                    area=dice.roll(2, 18) * 100)
        if nth < 6:
            row.update(kind="共建产业园", signed_date=date(2021, 3, 29 + nth % 2),
                       plaque_date=day(dice, date(2021, 4, 12), H1[1]),
                       status="运行" if nth < 4 else "挂牌", invested=dice.roll(20, 90) * 100 * WAN,
                       firms=dice.roll(3, 25), output=dice.roll(30, 200) * 100 * WAN,
                       jobs=dice.roll(80, 600), share_rule="地方留存部分五五分成（示例）")
        elif nth == 6:  # opened after the half-year
            row.update(signed_date=date(2021, 4, 20), plaque_date=date(2021, 9, 16), status="挂牌")
        elif nth in (16, 17):
            row["planned_date"] = day(dice, *LATER)
        elif nth == 18:
            row.update(status="终止", end_date=date(2021, 5, 20))
        elif nth == 19:
            row.update(PENDING)
        rows.append(row)
    return rows


# Nine pairs with joint projects; nanan and the like promote on their own.
JOINT = ["liangjiang-zone", "jiangjin", "bishan", "dazu", "beibei", "yongchuan", "dadukou",
         "changshou", "shapingba"]
ALONE = ["fuling", "nanan", "qijiang", "jiangbei"]


def investments(dice):
    """Joint and other promotion; with six visits 13 supporters and 10 recipients."""
    assert len({*JOINT, *PROMOTION_VISITS}) == 13
    rows = []

    def add(supporter, when, joint, **more):
        recipient, nth = OF[supporter], len(rows) + 1
        agreed = dice.roll(10, 300) * 100 * WAN
        row = sided((supporter, recipient), name=f"{SHORT[recipient]}示例招商项目{nth:02}",
                    joint="是" if joint else "否", landing=recipient, currency="人民币",
                    mode=dice.pick(["联合引资", "互荐引资", "组建专班"]) if joint else "独立招商",
                    clue_unit=supporter, investor=f"示例企业{nth:02}", contact_date=when,
                    industry=dice.pick(["装备制造", "食品加工", "电子信息", "文旅康养"]), status="在谈")
        if dice.roll(0, 2):
            row.update(agreed=agreed, status="签约", signed_date=when + timedelta(dice.roll(10, 60)))
        rows.append({**row, **more})

    for supporter in spread(dice, 22, JOINT):
        add(supporter, day(dice, H1[0], date(2021, 4, 30)), True)
    for supporter in ALONE:
        add(supporter, day(dice, *H1), False)
    add("jiangbei", day(dice, *LATER), True)
    add("banan", day(dice, *BEFORE), True)
    add("yubei", day(dice, *H1), True, **PENDING)
    add("rongchang", day(dice, *H1), True, **CONTESTED)
    rows[1].update(agreed=12_900 * WAN, currency="美元", fx_amount=2000, fx_rate="6.45", status="签约",
                   signed_date=date(2021, 6, 18))
    return rows


def tourism(dice):
    """19 supporters with 16 recipients; 黔江 only later, 重庆高新区 not confirmed."""
    out = ("banan", "gaoxin-zone", "wansheng-zone", "rongchang", "tongliang")
    links = [link for link in LINKS if link[0] not in out]
    forms = [("旅游推介会", "推介会"), ("精品线路产品", "旅游线路"), ("文化旅游节", "文旅活动"),
             ("互送客源活动", "互送客源")]
    rows = []
    for nth, link in enumerate(spread(dice, 34, links) + [(s, OF[s]) for s in out[:2]]):
        form, kind = forms[(nth + nth // 19) % 4]
        attendance = dice.roll(10, 90) * 10
        row = sided(link, name=f"{SHORT[link[0]]}—{SHORT[link[1]]}{form}（{nth + 1}）", kind=kind,
                    held_date=day(dice, *H1), place=SHORT[dice.pick(link)], host="两地文化旅游委",
                    attendance=attendance, tourists=attendance * dice.roll(2, 20),
                    income=attendance * dice.roll(100, 900))
        if nth == 34:
            row["held_date"] = day(dice, *LATER)
        if nth == 35:
            row.update(PENDING)
        rows.append(row)
    return rows


def registers():
    """Rows by register."""
    return {"park": parks(Dice(4)), "investment": investments(Dice(5)), "tourism": tourism(Dice(6))}
