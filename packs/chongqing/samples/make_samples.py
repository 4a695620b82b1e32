#!/usr/bin/env python3
"""Writes the illustrative half-year samples/2021H1/*.csv and checks it against the article.

Run by hand after changing it: `python3 packs/chongqing/samples/make_samples.py`
(`--check` only checks). Standard library only (Python 3.11 or later), no clock and no outside
randomness: the same files come out every time.

The totals are the 32 figures of the published article; every single record is invented and says
示例. The check in `oracle.py` reads the written files back and counts them on its own.
"""

import csv
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

import oracle

HERE = Path(__file__).resolve().parent
PACK = HERE.parent
OUT = HERE / "2021H1"
NOTE = "示例"
WAN = 10_000

# Links for which there is public evidence (pairs.csv); 彭水 has two supporters.
ATTESTED = [
    ("liangjiang-zone", "wanzhou"), ("jiangjin", "kaizhou"), ("bishan", "liangping"),
    ("dazu", "zhongxian"), ("yuzhong", "wuxi"), ("beibei", "wushan"), ("jiangbei", "youyang"),
    ("yongchuan", "pengshui"), ("tongnan", "pengshui"), ("hechuan", "xiushan"),
    ("fuling", "wulong"),
]
# Sample-only links: the other supporters and recipients dealt out in turn, so that all 24 and 17
# appear. They say nothing about the real pairs, which are 待确认.
INVENTED = [
    ("dadukou", "chengkou"), ("shapingba", "fengdu"), ("jiulongpo", "dianjiang"),
    ("nanan", "yunyang"), ("qijiang", "fengjie"), ("yubei", "shizhu"), ("banan", "qianjiang"),
    ("changshou", "chengkou"), ("nanchuan", "fengdu"), ("tongliang", "dianjiang"),
    ("rongchang", "yunyang"), ("gaoxin-zone", "fengjie"), ("wansheng-zone", "shizhu"),
]
LINKS = ATTESTED + INVENTED
OF = dict(LINKS)
RECIPIENTS = list(dict.fromkeys(recipient for _, recipient in LINKS))


def units():
    """Short names by unit id."""
    with open(PACK / "units.csv", encoding="utf-8", newline="") as file:
        return {row["id"]: row["short"] or row["name"] for row in csv.DictReader(file)}


SHORT = units()


class Dice:
    """A tiny linear congruential generator, so that the files never depend on Python's own."""

    def __init__(self, seed):
        self.state = seed

    def roll(self, low, high):
        """A whole number from low to high, both inclusive."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return low + (self.state >> 33) % (high - low + 1)

    def pick(self, items):
        """One of the items."""
        return items[self.roll(0, len(items) - 1)]


def split(total, weights):
    """Shares a whole total over weights without losing or making anything."""
    whole, parts, given = sum(weights), [], 0
    run = 0
    for weight in weights:
        run += weight
        parts.append(total * run // whole - given)
        given += parts[-1]
    return parts


def day(dice, first, last):
    """A working day between two days."""
    found = first + timedelta(days=dice.roll(0, (last - first).days))
    while found.weekday() > 4:
        found = found - timedelta(days=1) if found > first else found + timedelta(days=1)
    return found


def spread(dice, count, links):
    """Deals rows over links: each gets one first, the rest fall at random."""
    return list(links)[:count] + [dice.pick(links) for _ in range(count - len(links))]


def sided(link, **values):
    """A row of one link."""
    return {"supporter": link[0], "recipient": link[1], "note": NOTE, **values}


H1 = (date(2021, 1, 11), date(2021, 6, 28))
LATER = (date(2021, 7, 5), date(2021, 9, 24))
BEFORE = (date(2020, 9, 7), date(2020, 12, 18))
PENDING, CONTESTED = {"对方确认": "待确认"}, {"对方确认": "有异议"}

WORKS = {
    "基础设施": ["物流港口作业区道路", "农村公路改建工程", "乡镇供水管网延伸工程", "产业路硬化工程"],
    "公共服务": ["政务服务中心设备配套", "便民服务中心改造", "养老服务站建设"],
    "产业配套": ["农业示范基地配套设施", "农特产品冷链物流中心", "园区标准厂房配套"],
    "产业": ["特色水果种植基地", "中药材加工车间", "生态养殖基地"],
    "民生": ["乡镇卫生院设备购置", "乡镇学校校舍维修", "职业学校实训室"],
    "乡村振兴": ["示范村人居环境整治", "帮扶车间建设", "村集体经济发展"],
    "科技": ["农业科技示范园", "智慧农业试验点"],
}
FIELD = {"产业": "产业协同", "产业配套": "产业协同", "科技": "科技协同"}
INFRA = ("基础设施", "公共服务", "产业配套")
PLAN = ["基础设施", "乡村振兴", "产业", "公共服务", "民生", "产业配套", "乡村振兴", "产业", "民生",
        "基础设施", "科技", "产业"]


def project_row(dice, nth, link, category, total, fund, issued):
    """A project that was handed down and has not started."""
    recipient = SHORT[link[1]]
    work = WORKS[category][nth // 2 % len(WORKS[category])]
    return sided(
        link, code=f"SL2021-{nth:03}", name=f"{recipient}{work}（{nth}号）",
        theme=FIELD.get(category, "城乡互动"), category=category, place=f"{recipient}境内（示例）",
        content=f"{work}，示例内容", nature=dice.pick(["新建", "新建", "改建", "扩建"]),
        owner=f"{recipient}示例项目单位", total_investment=total, fund=fund,
        local_fund=total - fund, issued_doc=f"示例〔2021〕{1 + nth // 12}号", issued_date=issued,
        villages=dice.roll(1, 6), persons=dice.roll(4, 30) * 100, status=dice.pick(["前期", "未开工"]))


def projects(dice):
    """144 issued projects, 53 of them started by 30 June, and ten that must not count."""
    links = [link for link, n in zip(LINKS, split(144, [dice.roll(4, 8) for _ in LINKS]))
             for _ in range(n)]
    categories = [PLAN[nth % len(PLAN)] for nth in range(144)]
    funds, own = [0] * 144, split(326_000, [dice.roll(20, 320) for _ in range(144)])
    for wanted, infra in ((163_000, True), (261_000, False)):  # in 1,000 元
        chosen = [n for n in range(144) if (categories[n] in INFRA) == infra]
        for n, fund in zip(chosen, split(wanted, [dice.roll(60, 400) for _ in chosen])):
            funds[n] = fund
    started = set(sorted(range(144), key=lambda n: (n * 89 + 7) % 144)[:53])
    later = set(sorted(set(range(144)) - started, key=lambda n: (n * 59) % 144)[:14])
    rows = []
    for n in range(144):
        issued = day(dice, date(2021, 2, 22), date(2021, 4, 30) if n in started else H1[1])
        row = project_row(dice, n + 1, links[n], categories[n], (funds[n] + own[n]) * 1000,
                          funds[n] * 1000, issued)
        if n in started:
            row["start_date"] = day(dice, issued + timedelta(days=7), date(2021, 6, 25))
            row["status"] = "已开工"
            row["done_investment"] = row["total_investment"] * dice.roll(5, 60) // 100_000 * 1000
            row["paid"] = row["done_investment"] * dice.roll(30, 90) // 100_000 * 1000
            if row["start_date"] < date(2021, 4, 1):
                row.update(finish_date=date(2021, 6, 29), status="已完工")
        elif n in later:  # started only after the half-year
            row.update(start_date=day(dice, *LATER), status="已开工")
        rows.append(row)
    for link, work in ((("jiangjin", "kaizhou"), "重庆江津•开州产业合作示范园道路"),
                       (("bishan", "liangping"), "璧山梁平产业合作示范园管网")):
        next(r for r in rows if (r["supporter"], r["recipient"]) == link
             and r["category"] in INFRA)["name"] = work
    for n in range(145, 155):  # outside the window, not issued, or not agreed
        total = dice.roll(80, 900) * WAN
        row = project_row(dice, n, dice.pick(LINKS), PLAN[n % 12], total, total // 2,
                          day(dice, *LATER))
        if n >= 152:
            row.update(issued_date=day(dice, *H1), **(PENDING if n < 154 else CONTESTED))
        elif n >= 149:
            del row["issued_date"], row["issued_doc"]
            row["status"] = "前期"
        rows.append(row)
    return rows


def funds(dice, projects):
    """The same money as events; every ninth project got it in two batches."""
    rows = []
    for nth, project in enumerate(projects):
        total, issued = project["fund"], project.get("issued_date")
        batches = [total] if nth % 9 else split(total, [3, 2])
        for batch, amount in enumerate(batches):
            row = sided((project["supporter"], project["recipient"]), year=2021,
                        item=project["name"] + ("" if len(batches) == 1 else f"第{batch + 1}批"),
                        project_code=project["code"], project_category=project["category"],
                        channel=dice.pick(["财政", "财政", "财政", "国企"]), form="现金",
                        agreed=amount, agreed_date=date(2021, 2, dice.roll(1, 19)))
            row.update({k: project[k] for k in ("对方确认",) if k in project})
            if issued:
                given = issued if not batch else min(issued + timedelta(days=21), date(2021, 6, 30))
                row.update(issued=amount, issued_date=given, issued_doc=project["issued_doc"])
                if dice.roll(1, 10) <= 6:
                    row.update(received=amount, received_date=given + timedelta(dice.roll(5, 40)),
                               receipt=f"SLHD{nth:04}{batch}")
                    if "paid" in project:
                        row.update(allocated=amount, spent=min(amount, project["paid"]))
            rows.append(row)
    for nth, link in enumerate(LINKS[:3]):  # the round before: not of this mechanism's years
        rows.append(sided(link, year=2020, item=f"2020年结转帮扶资金（{nth + 1}）", channel="财政",
                          project_category="基础设施", form="现金", issued=300 * WAN,
                          issued_date=day(dice, *BEFORE), issued_doc="示例〔2020〕9号"))
    return rows


def write(register, rows):
    """Writes one register after checking the rows against its declaration."""
    with open(PACK / "registers" / f"{register}.toml", "rb") as file:
        declared = tomllib.load(file)
    fields = {field["id"]: field for field in declared["field"]}
    for row in rows:
        for name, value in row.items():
            field = fields.get(name)
            assert field or name == "对方确认", f"{register}: no field {name}"
            labels = [o["label"] if isinstance(o, dict) else o for o in (field or {}).get("options", [])]
            assert not labels or value in labels, f"{register}.{name}: {value}"
        for name, field in fields.items():
            assert not field.get("required") or row.get(name) not in (None, ""), (register, name, row)
    keys = [tuple(row[name] for name in declared["key"]) for row in rows]
    assert len(keys) == len(set(keys)), f"{register}: a key stands twice"
    head = [name for name in [*fields, "对方确认"] if any(name in row for row in rows)]
    with open(OUT / f"{register}.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, head, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def main():
    """Writes the files unless `--check` is given, then checks them."""
    if "--check" not in sys.argv:
        import sample_rows

        OUT.mkdir(exist_ok=True)
        for register, rows in sample_rows.registers().items():
            write(register, rows)
        with open(OUT / "expected.csv", "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["indicator", "value"])
            out.writerows(oracle.ARTICLE.items())
    oracle.check(OUT, PACK)


if __name__ == "__main__":
    main()
