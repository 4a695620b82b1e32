"""What all sample registers share: the links, a deterministic dice, days and shares."""

import csv
from datetime import date, timedelta
from pathlib import Path

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
