"""Writes docs/coverage.md from what tests/oracle/opcheck.py reported: write_coverage.py REPORT.json."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

OUTPUT = Path(__file__).resolve().parent.parent / "docs" / "coverage.md"

INTRODUCTION = """\
# How much of PyTorch passes

Made by `make coverage`: `tests/oracle/opcheck.py` runs the samples of PyTorch {torch}'s own test databases
(values, dtypes, gradients, in-place and `out=` forms, errors) on Lampas. *Part* means that some checks of an
entry fail, *absent* that the name is not there. Dtypes: {dtypes}; {samples} samples each{quick}.
"""
KINDS = {
    "ops": "ops",
    "modules": "`nn` modules",
    "legacy": "`nn` modules, older tests",
    "optims": "optimizers",
    "scheds": "learning-rate schedules",
}


# opcheck's word for each outcome of an entry, and this page's.
STATUSES = {
    "pass": "pass",
    "partial": "part",
    "wrong": "wrong",
    "missing": "absent",
    "crash": "crash or hang",
    "untested": "not testable",
    "harness_error": "not testable",
}


def totals(report: dict) -> list[str]:
    titles = list(dict.fromkeys(STATUSES.values()))
    lines = [f"| what | entries | {' | '.join(titles)} |", "|---|---|" + "---|" * len(titles)]
    for kind, name in KINDS.items():
        for is_internal, shown in ((False, name), (True, f"PyTorch's internal {name}")):
            found = report.get(kind, {"items": []})["items"]
            items = [item for item in found if (item["group"] == "internal") == is_internal]
            counts = Counter(STATUSES[item["status"]] for item in items)
            if items:
                lines.append(
                    f"| {shown} | {len(items)} | {' | '.join(str(counts[each]) for each in titles)} |"
                )
    return lines


def per_group(items: list[dict]) -> list[str]:
    """Return a table with a row for each group of ops: how many pass, and which do not."""
    groups: dict[str, list[dict]] = defaultdict(list)
    for item in items:
        groups[item["group"]].append(item)
    lines = ["| group | pass | do not pass |", "|---|---|---|"]
    for group, members in sorted(groups.items()):
        failing = [item for item in members if item["status"] != "pass"]
        named = ", ".join(f"`{item['id']}` ({STATUSES[item['status']]})" for item in failing)
        lines.append(f"| {group} | {len(members) - len(failing)} of {len(members)} | {named} |")
    return lines


def main(path: str) -> None:
    report = json.loads(Path(path).read_text())
    introduction = INTRODUCTION.format(
        torch=report["torch"].split("+")[0],
        dtypes=", ".join(report["dtypes"]),
        samples=report["samples"],
        quick=" (a quick run)" if report["quick"] else "",
    )
    lines = [introduction, *totals(report)]
    if "names" in report:
        lines += ["", "## Names", "", "| module | there |", "|---|---|"]
        lines += [
            f"| `{name}` | {names['have']} of {names['of']} |" for name, names in report["names"].items()
        ]
        lines += ["", "Which ones are missing: `docs/differences.md`."]
    for kind, title in KINDS.items():
        if kind in report:
            lines += ["", f"## {title[0].upper()}{title[1:]}", "", *per_group(report[kind]["items"])]
    OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {OUTPUT}")


if __name__ == "__main__":
    main(*sys.argv[1:])
