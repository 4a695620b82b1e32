"""The 32 figures a third time: DuckDB over exported Parquet, with SQL that knows nothing of packs.

    python figures.py FOLDER PACK END

FOLDER holds <register>.parquet (written by `qipan export --format parquet`), PACK the pack's unit
tables, END is the period's last day. Prints, for each indicator,

    {"whole": "144", "recipient": {"kaizhou": "9", …}, "supporter": {…}}

with exact decimals as texts; parts without rows are left out. Every query is written by hand from
the words of the indicator cards, so that a mistake in the product's compiler shows.
"""

import datetime
import json
import sys
from decimal import Decimal
from pathlib import Path

import duckdb

FOLDER, PACK, END = Path(sys.argv[1]), Path(sys.argv[2]), datetime.date.fromisoformat(sys.argv[3])
YEAR = END.replace(month=1, day=1)
START = datetime.date(2021, 1, 1)  # the mechanism

REGISTERS = """commissioner compensation consumption fund investment land marketing park project
research secondment statistic tourism training twinning vacancy visit""".split()

# Indicator: (aggregate, rows with recipient, supporter and what is aggregated).
# Only what both sides agree to, or what was arbitrated, is in the views that these read.
FIGURES = {
    "PRJ-N-ISSUED": (
        "count(DISTINCT x)",
        "SELECT recipient, supporter, code AS x FROM project WHERE issued_date BETWEEN $year AND $end",
    ),
    "PRJ-V-TOTAL": (
        "sum(x)",
        """SELECT recipient, supporter, total_investment AS x FROM project
           WHERE issued_date BETWEEN $year AND $end""",
    ),
    "FND-V-ISSUED": (
        "sum(x)",
        "SELECT recipient, supporter, issued AS x FROM fund WHERE issued_date BETWEEN $year AND $end",
    ),
    "PRJ-N-STARTED": (
        "count(DISTINCT x)",
        """SELECT recipient, supporter, code AS x FROM project
           WHERE issued_date BETWEEN $year AND $end AND start_date <= $end""",
    ),
    "INV-S-JOINT": ("count(DISTINCT supporter)", "SELECT recipient, supporter, 1 AS x FROM joint"),
    "INV-R-JOINT": ("count(DISTINCT recipient)", "SELECT recipient, supporter, 1 AS x FROM joint"),
    "PRK-N-PLANNED": (
        "count(*)",
        """SELECT recipient, supporter, 1 AS x FROM park
           WHERE planned_date <= $end AND (end_date IS NULL OR end_date > $end)""",
    ),
    "PRK-N-OPEN": (
        "count(*)",
        """SELECT recipient, supporter, 1 AS x FROM park
           WHERE plaque_date <= $end AND (end_date IS NULL OR end_date > $end)""",
    ),
    "TOU-S": (
        "count(DISTINCT supporter)",
        "SELECT recipient, supporter, 1 AS x FROM tourism WHERE held_date BETWEEN $start AND $end",
    ),
    "TOU-R": (
        "count(DISTINCT recipient)",
        "SELECT recipient, supporter, 1 AS x FROM tourism WHERE held_date BETWEEN $start AND $end",
    ),
    "FND-V-INFRA": (
        "sum(x)",
        """SELECT recipient, supporter, issued AS x FROM fund
           WHERE issued_date BETWEEN $start AND $end
             AND project_category IN ('基础设施', '公共服务', '产业配套')""",
    ),
    "EDU-P": (
        "count(DISTINCT recipient)",
        "SELECT recipient, supporter, 1 AS x FROM twinned WHERE kind IN ('学校', '医院')",
    ),
    "EDU-N-SCHOOL": (
        "count(DISTINCT x)",
        "SELECT recipient, supporter, recipient_org AS x FROM twinned WHERE kind = '学校'",
    ),
    "MED-N-HOSP": (
        "count(DISTINCT x)",
        "SELECT recipient, supporter, recipient_org AS x FROM twinned WHERE kind = '医院'",
    ),
    "STF-N-EXCH": (
        "count(*)",
        """SELECT recipient, supporter, 1 AS x FROM secondment
           WHERE start_date BETWEEN $start AND $end AND category IS DISTINCT FROM '科技特派员'""",
    ),
    "CON-S": (
        "count(DISTINCT supporter)",
        "SELECT recipient, supporter, amount AS x FROM bought WHERE amount > 0",
    ),
    "CON-R-POOR": (
        "count(DISTINCT recipient)",
        """SELECT recipient, supporter, amount AS x FROM bought SEMI JOIN poor ON recipient = poor.unit
           WHERE amount > 0""",
    ),
    "CON-V": ("sum(x)", "SELECT recipient, supporter, amount AS x FROM bought"),
    "SCI-S": (
        "count(DISTINCT supporter)",
        "SELECT recipient, supporter, 1 AS x FROM research WHERE start_date BETWEEN $start AND $end",
    ),
    "SCI-N-INCUB": (
        "sum(x)",
        "SELECT recipient, '' AS supporter, value AS x FROM newest WHERE stat = '市级以上孵化平台'",
    ),
    "SCI-N-FIN": (
        "sum(x)",
        "SELECT recipient, '' AS supporter, value AS x FROM newest WHERE stat = '区域科技金融服务中心'",
    ),
    "SCI-N-START": (
        "sum(x)",
        "SELECT recipient, '' AS supporter, value AS x FROM newest WHERE stat = '初创企业和团队'",
    ),
    "STF-N-STI": (
        "count(DISTINCT x)",
        """SELECT recipient, supporter, person_id AS x FROM commissioner
           WHERE start_date BETWEEN $start AND $end""",
    ),
    "LAB-S": (
        "count(DISTINCT supporter)",
        """SELECT recipient, supporter, posts AS x FROM vacancy
           WHERE published_date BETWEEN $year AND $end AND posts > 0""",
    ),
    "LAB-N-POST": (
        "sum(x)",
        "SELECT recipient, supporter, posts AS x FROM vacancy WHERE published_date BETWEEN $year AND $end",
    ),
    "LAB-N-COURSE": (
        "count(*)",
        "SELECT recipient, supporter, 1 AS x FROM training WHERE start_date BETWEEN $year AND $end",
    ),
    "LAB-N-TRAIN": (
        "sum(x)",
        """SELECT recipient, supporter, attendances AS x FROM training
           WHERE start_date BETWEEN $year AND $end""",
    ),
    "MKT-P": (
        "count(DISTINCT recipient)",
        "SELECT recipient, supporter, 1 AS x FROM marketing WHERE held_date BETWEEN $start AND $end",
    ),
    "ECO-P": (
        "count(DISTINCT recipient)",
        """SELECT recipient, supporter, 1 AS x FROM compensation
           WHERE agreement_date BETWEEN $start AND $end
              OR (paid_date BETWEEN $start AND $end AND paid > 0)""",
    ),
    "ECO-V-SETTLED": (
        "sum(x)",
        "SELECT recipient, supporter, paid AS x FROM compensation WHERE paid_date BETWEEN $start AND $end",
    ),
    "LND-P": (
        "count(DISTINCT recipient)",
        "SELECT recipient, supporter, 1 AS x FROM land WHERE event_date BETWEEN $start AND $end",
    ),
}

VIEWS = """
CREATE VIEW poor AS
    SELECT unit FROM flags WHERE flag = 'poor14'
    AND coalesce(valid_from, DATE '0001-01-01') <= $end
    AND coalesce(valid_to, DATE '9999-12-31') >= $end;
CREATE VIEW joint AS
    SELECT recipient, supporter FROM investment
    WHERE contact_date BETWEEN $start AND $end AND coalesce(
        joint, mode IN ('联合引资', '互荐引资', '组建专班', '项目置换', '税收分成', '招商奖励'))
    UNION ALL
    SELECT recipient, supporter FROM visit
    WHERE visit_date BETWEEN $start AND $end AND topic = '联合招商';
CREATE VIEW twinned AS
    SELECT * FROM twinning WHERE start_date <= $end AND (end_date IS NULL OR end_date > $end);
CREATE VIEW bought AS
    SELECT * FROM consumption
    WHERE deal_date BETWEEN $start AND $end AND coalesce(channel, '一区两群') = '一区两群';
CREATE VIEW newest AS
    SELECT * FROM statistic AS s WHERE stat_date <= $end AND date_trunc('month', stat_date) = (
        SELECT max(date_trunc('month', stat_date)) FROM statistic AS o
        WHERE o.stat_date <= $end AND o.recipient = s.recipient AND o.stat = s.stat);
"""


def days(sql):
    """Writes the three days into a query."""
    for name, day in (("$start", START), ("$year", YEAR), ("$end", END)):
        sql = sql.replace(name, f"DATE '{day}'")
    return sql


def main():
    db = duckdb.connect()
    for table in ("unit_codes", "unit_flags"):
        types = "{'valid_from': 'DATE', 'valid_to': 'DATE'}"
        db.execute(
            f"CREATE TABLE {table.removeprefix('unit_')} AS "
            f"FROM read_csv('{PACK / table}.csv', types = {types}, all_varchar = false, header = true)"
        )
    # Exports name units by code; on one day one code is one unit.
    db.execute(
        days(
            """CREATE TABLE named AS SELECT CAST(code AS VARCHAR) AS code, unit FROM codes
               WHERE coalesce(valid_from, DATE '0001-01-01') <= $end
                 AND coalesce(valid_to, DATE '9999-12-31') >= $end"""
        )
    )
    for register in REGISTERS:
        columns = {row[0] for row in db.execute(f"DESCRIBE FROM '{FOLDER / register}.parquet'").fetchall()}
        sides = [side for side in ("recipient", "supporter") if side in columns]
        replaced = ", ".join(
            f"coalesce((SELECT unit FROM named WHERE named.code = raw.{side}), raw.{side}, '') AS {side}"
            for side in sides
        )
        db.execute(
            f"CREATE TABLE {register} AS SELECT * REPLACE ({replaced}) "
            f"FROM '{FOLDER / register}.parquet' AS raw WHERE _state IN ('agreed', 'arbitrated')"
        )
    db.execute(days(VIEWS))

    answers = {}
    for indicator, (aggregate, rows) in FIGURES.items():
        rows = days(rows)
        # A sum over nothing but empty amounts has no rows to stand on.
        present = f"FROM ({rows}) WHERE x IS NOT NULL"
        whole = db.execute(f"SELECT {aggregate} {present} HAVING count(*) > 0").fetchone()
        answer = {"whole": str(whole[0]) if whole else None}
        for side in ("recipient", "supporter"):
            parts = db.execute(
                f"SELECT {side}, {aggregate} {present} AND {side} <> '' GROUP BY {side}"
            ).fetchall()
            answer[side] = {unit: str(value) for unit, value in parts}
        answers[indicator] = answer
    answers["PRJ-R-START"] = rate(answers["PRJ-N-STARTED"], answers["PRJ-N-ISSUED"])
    json.dump(answers, sys.stdout, ensure_ascii=False, indent=1)


def rate(above, below):
    """Percentages of two counts."""

    def percent(part, all_):
        return str(100 * Decimal(part or 0) / Decimal(all_))

    return {
        "whole": percent(above["whole"], below["whole"]) if below["whole"] else None,
        **{
            side: {unit: percent(above[side].get(unit), value) for unit, value in below[side].items()}
            for side in ("recipient", "supporter")
        },
    }


main()
