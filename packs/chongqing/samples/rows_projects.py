"""Sample projects and funds (T2, T3), tasks and visits (T1, T18)."""

from datetime import date, timedelta

from sampling import (
    BEFORE, CONTESTED, Dice, H1, LATER, LINKS, OF, PENDING, SHORT, WAN, day, sided, split,
)

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
                row.update(finish_date=date(2021, 6, 29), status="已完工",
                           done_investment=row["total_investment"])
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
        batches = split(total, [3, 2]) if nth % 9 == 0 and nth < 144 else [total]
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


TASKS = [
    ("产业协同", "共建产业协作园区", "市经济信息委对口部门", "签订共建协议，完成年度建设任务"),
    ("产业协同", "联合开展招商引资", "招商投资局", "联合招商活动不少于2次"),
    ("城乡互动", "落实对口帮扶项目和资金", "发展改革委", "资金按协议下达，项目按期开工"),
    ("城乡互动", "学校、医院结对帮扶", "教委、卫生健康委", "新增结对不少于1对"),
    ("科技协同", "选派科技特派员", "科技局", "选派不少于1名"),
    ("改革协同", "组织就业岗位推送和培训", "人力社保局", "推送岗位不少于800个"),
]


def tasks(dice):
    """Six tasks of each pair for 2021 and one of the year before."""
    rows = []
    for link in LINKS:
        for nth, (theme, title, lead, target) in enumerate(TASKS):
            done = dice.roll(0, 3) == 0
            row = sided(link, year=2021, theme=theme, title=title, target=target, lead_unit=lead,
                        due_date=date(2021, 12, 31), status="完成" if done else "推进中",
                        progress="示例进展")
            if nth == 1:
                row.update(target_value=2, target_unit="次", done_value=2 if done else 1)
            if done:
                row["finished_date"] = day(dice, *H1)
            rows.append(row)
    rows.append(sided(LINKS[0], year=2020, theme="产业协同", title="联合开展招商引资", status="完成",
                      due_date=date(2020, 12, 31), finished_date=date(2020, 12, 18)))
    return rows


# Pairs whose joint promotion is known from a visit only; with those of the investment register
# they make 13 supporters and 10 recipients.
PROMOTION_VISITS = ["yuzhong", "tongnan", "nanchuan", "hechuan", "jiangjin", "bishan"]


def visits(dice):
    """Joint meetings of all pairs and the promotion visits."""
    rows = []
    for link in LINKS:
        names = f"{SHORT[link[0]]}—{SHORT[link[1]]}"
        rows.append(sided(link, visit_date=day(dice, date(2021, 1, 11), date(2021, 3, 26)),
                          title=f"{names}2021年对口协同发展党政联席会议", level="党政主要领导",
                          direction=dice.pick(["帮扶方赴受援方", "受援方赴帮扶方"]),
                          people=dice.roll(12, 40), topic="联席会议",
                          outcome="审议年度协议和任务清单（示例）"))
        rows.append(sided(link, visit_date=day(dice, date(2021, 4, 6), H1[1]),
                          title=f"{names}部门对接", level="部门", direction="帮扶方赴受援方",
                          people=dice.roll(4, 15), agenda="项目和任务推进（示例）",
                          topic=dice.pick(["项目推进", "产业对接", "文旅合作", "教育医疗", "消费帮扶"])))
    for supporter in PROMOTION_VISITS:
        rows.append(sided((supporter, OF[supporter]), visit_date=day(dice, *H1), level="分管领导",
                          title=f"{SHORT[supporter]}—{SHORT[OF[supporter]]}联合招商推介会", topic="联合招商",
                          direction="共同", people=dice.roll(20, 90), outcome="组建招商专班（示例）"))
    for supporter, more in (("fuling", {}), ("rongchang", PENDING)):  # later; not yet confirmed
        rows.append(sided((supporter, OF[supporter]), visit_date=day(dice, *(H1 if more else LATER)),
                          title="联合招商推介会", level="分管领导", topic="联合招商", people=30,
                          outcome="示例事项", **more))
    return rows


def registers():
    """Rows by register."""
    made = projects(Dice(2))
    return {"task": tasks(Dice(1)), "project": made, "fund": funds(Dice(3), made),
            "visit": visits(Dice(18))}
