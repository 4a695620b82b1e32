#!/usr/bin/env python3
"""Writes the illustrative half-year samples/2021H1/*.csv and checks it against the article.

Run by hand after changing it: `python3 packs/chongqing/samples/make_samples.py`
(`--check` writes nothing and also tells when the committed files are not what this writes). Standard library only (Python 3.11 or later), no clock and no outside
randomness: the same files come out every time.

The totals are the 32 figures of the published article; every single record is invented and says
示例. The check in `oracle.py` reads the written files back and counts them on its own.
"""

import csv
import io
import sys
import tomllib

import oracle
import rows_industry
import rows_projects
import rows_reform
import rows_rural
import rows_science
from sampling import OUT, PACK


def table(register, rows):
    """The CSV of one register, after checking the rows against its declaration."""
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
    return sheet(head, [[row.get(name, "") for name in head] for row in rows])


def sheet(head, rows):
    """A CSV as text."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerows([head, *rows])
    return text.getvalue()


def main():
    """Writes the files, or compares them when `--check` is given; then counts the figures."""
    files = {"expected.csv": sheet(["indicator", "value"], oracle.ARTICLE.items())}
    for theme in (rows_projects, rows_industry, rows_rural, rows_science, rows_reform):
        for register, rows in theme.registers().items():
            files[f"{register}.csv"] = table(register, rows)
    for name, text in files.items():
        if "--check" not in sys.argv:
            (OUT / name).write_text(text, encoding="utf-8", newline="")
        elif (OUT / name).read_text(encoding="utf-8") != text:
            sys.exit(f"{name} is not what make_samples.py writes: run it again")
    oracle.check(OUT, PACK)


if __name__ == "__main__":
    main()
