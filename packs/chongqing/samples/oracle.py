"""Counts the article's 32 figures from the sample files, in plain loops over the CSVs.

It shares nothing with the generator or with the product: it is the independent sum that both
must meet. Base units (元, 个 …); the definitions are those of the pack's indicators.
"""

import csv
from decimal import Decimal

# As published on 2021-08-09, base units; 7400余万 is printed rounded down.
ARTICLE = {
    "PRJ-N-ISSUED": "144", "PRJ-V-TOTAL": "750000000", "FND-V-ISSUED": "424000000",
    "PRJ-N-STARTED": "53", "PRJ-R-START": "36.8", "INV-S-JOINT": "13", "INV-R-JOINT": "10",
    "PRK-N-PLANNED": "16", "PRK-N-OPEN": "6", "TOU-S": "19", "TOU-R": "16",
    "FND-V-INFRA": "163000000", "EDU-P": "15", "EDU-N-SCHOOL": "21", "MED-N-HOSP": "11",
    "STF-N-EXCH": "126", "CON-S": "18", "CON-R-POOR": "14", "CON-V": "7400余万", "SCI-S": "10",
    "SCI-N-INCUB": "66", "SCI-N-FIN": "17", "SCI-N-START": "3032", "STF-N-STI": "36",
    "LAB-S": "22", "LAB-N-POST": "36891", "LAB-N-COURSE": "52", "LAB-N-TRAIN": "2171",
    "MKT-P": "7", "ECO-P": "4", "ECO-V-SETTLED": "43360000", "LND-P": "3",
}
START, END = "2021-01-01", "2021-06-30"


def read(path):
    """Rows of a CSV; empty cells are left out."""
    with open(path, encoding="utf-8", newline="") as file:
        return [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]


def count(folder, pack):
    """The 32 figures of the sample, as text."""
    every = {path.stem: read(path) for path in sorted(folder.glob("*.csv")) if path.stem != "expected"}

    def rows(register, field, upto_only=False):
        """Agreed rows whose day lies in the half-year (or simply not after it)."""
        return [row for row in every[register]
                if row.get("对方确认", "已确认") == "已确认" and field in row
                and (upto_only or row[field] >= START) and row[field] <= END]

    def standing(register, field):
        return [row for row in rows(register, field, True) if row.get("end_date", "9999") > END]

    def sides(side, *lists):
        return len({row[side] for some in lists for row in some})

    def total(some, field):
        return sum((Decimal(row[field]) for row in some if field in row), Decimal(0))

    flags = read(pack / "unit_flags.csv")
    poor = {flag["unit"] for flag in flags if flag["flag"] == "poor14"
            and flag.get("valid_from", START) <= END <= flag.get("valid_to", END)}
    issued = rows("project", "issued_date")
    started = [row for row in issued if "start_date" in row and row["start_date"] <= END]
    money = rows("fund", "issued_date")
    infra = [row for row in money if row.get("project_category") in ("基础设施", "公共服务", "产业配套")]
    promoted = [row for row in rows("investment", "contact_date") if row["joint"] == "是"]
    promoted += [row for row in rows("visit", "visit_date") if row["topic"] == "联合招商"]
    twins = standing("twinning", "start_date")
    schools = [row for row in twins if row["kind"] == "学校"]
    hospitals = [row for row in twins if row["kind"] == "医院"]
    bought = [row for row in rows("consumption", "deal_date") if row["channel"] == "一区两群"]
    posts, classes = rows("vacancy", "published_date"), rows("training", "start_date")
    settled = rows("compensation", "paid_date")

    def stock(stat):
        latest = {}
        for row in rows("statistic", "stat_date", True):
            if row["stat"] == stat:
                latest[row["recipient"]] = max(latest.get(row["recipient"], ("", "")),
                                               (row["stat_date"], row["value"]))
        return sum(Decimal(value) for _, value in latest.values())

    hundred_wan = int(total(bought, "amount")) // 1_000_000
    found = {
        "PRJ-N-ISSUED": len(issued), "PRJ-V-TOTAL": total(issued, "total_investment"),
        "FND-V-ISSUED": total(money, "issued"), "PRJ-N-STARTED": len(started),
        "PRJ-R-START": round(Decimal(len(started)) * 100 / len(issued), 1),
        "INV-S-JOINT": sides("supporter", promoted), "INV-R-JOINT": sides("recipient", promoted),
        "PRK-N-PLANNED": len(standing("park", "planned_date")),
        "PRK-N-OPEN": len(standing("park", "plaque_date")),
        "TOU-S": sides("supporter", rows("tourism", "held_date")),
        "TOU-R": sides("recipient", rows("tourism", "held_date")),
        "FND-V-INFRA": total(infra, "issued"), "EDU-P": sides("recipient", schools, hospitals),
        "EDU-N-SCHOOL": sides("recipient_org", schools), "MED-N-HOSP": sides("recipient_org", hospitals),
        "STF-N-EXCH": sum(row["category"] != "科技特派员" for row in rows("secondment", "start_date")),
        "CON-S": sides("supporter", bought),
        "CON-R-POOR": len({row["recipient"] for row in bought} & poor),
        "CON-V": f"{hundred_wan * 100}余万", "SCI-S": sides("supporter", rows("research", "start_date")),
        "SCI-N-INCUB": stock("市级以上孵化平台"), "SCI-N-FIN": stock("区域科技金融服务中心"),
        "SCI-N-START": stock("初创企业和团队"),
        "STF-N-STI": sides("person_id", rows("commissioner", "start_date")),
        "LAB-S": sides("supporter", posts), "LAB-N-POST": total(posts, "posts"),
        "LAB-N-COURSE": len(classes), "LAB-N-TRAIN": total(classes, "attendances"),
        "MKT-P": sides("recipient", rows("marketing", "held_date")),
        "ECO-P": sides("recipient", settled, rows("compensation", "agreement_date")),
        "ECO-V-SETTLED": total(settled, "paid"), "LND-P": sides("recipient", rows("land", "event_date")),
    }
    # The projects' own column must tell the same money as the funds' events.
    assert total(issued, "fund") == total(money, "issued"), "project.fund differs from fund.issued"
    return {name: str(value) for name, value in found.items()}


def check(folder, pack):
    """Raises when a figure of the sample is not the article's, or a row is not marked 示例."""
    found = count(folder, pack)
    wrong = {name: (found[name], value) for name, value in ARTICLE.items() if found[name] != value}
    assert not wrong, f"found, wanted: {wrong}"
    written = {row["indicator"]: row["value"] for row in read(folder / "expected.csv")}
    assert written == ARTICLE, "expected.csv does not hold the article's figures"
    for path in sorted(folder.glob("*.csv")):
        if path.stem != "expected":
            assert all("示例" in row.get("note", "") for row in read(path)), f"{path.name}: a row without 示例"
    seen = {side: {row[side] for path in folder.glob("*.csv") for row in read(path) if side in row}
            for side in ("supporter", "recipient")}
    assert (len(seen["supporter"]), len(seen["recipient"])) == (24, 17), seen
    print(f"{len(ARTICLE)} figures agree with the article")
