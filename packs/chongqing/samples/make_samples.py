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

import oracle
import rows_industry
import rows_projects
import rows_reform
import rows_rural
import rows_science
from sampling import OUT, PACK


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
        OUT.mkdir(exist_ok=True)
        for theme in (rows_projects, rows_industry, rows_rural, rows_science, rows_reform):
            for register, rows in theme.registers().items():
                write(register, rows)
        with open(OUT / "expected.csv", "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["indicator", "value"])
            out.writerows(oracle.ARTICLE.items())
    oracle.check(OUT, PACK)


if __name__ == "__main__":
    main()
