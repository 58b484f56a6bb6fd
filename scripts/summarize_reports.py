"""Prints one line that counts the tests of all reports, and exits non-zero where anything failed:

summarize_reports.py FOLDER SECONDS [FAILED_STEP...]
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

EXPECTED_REPORTS = ("core_tests.txt", "tests.xml", "oracle.xml")


def count_tests(folder: Path) -> tuple[int, int, int]:
    """Return how many tests passed, failed and were skipped; a missing report counts as one failure."""
    passed = failed = skipped = 0
    for name in EXPECTED_REPORTS:
        path = folder / name
        if not path.exists():
            print(f"no report {path}")
            failed += 1
        elif path.suffix == ".txt":
            counts = re.search(r"(\d+) passed, (\d+) failed\s*$", path.read_text())
            passed += int(counts[1]) if counts else 0
            failed += int(counts[2]) if counts else 1
        else:
            for suite in ElementTree.parse(path).getroot().iter("testsuite"):
                broken = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
                left_out = int(suite.get("skipped", 0))
                failed += broken
                skipped += left_out
                passed += int(suite.get("tests", 0)) - broken - left_out
    return passed, failed, skipped


def main() -> int:
    folder, seconds, *failed_steps = sys.argv[1:]
    passed, failed, skipped = count_tests(Path(folder))
    for step in failed_steps:
        print(f"FAILED {step}")
    # A step may fail without a failing test: the linter, or a crash before any report.
    failed = max(failed, len(failed_steps))
    parts = [f"{failed} failed"] if failed else []
    parts.append(f"{passed} passed")
    if skipped:
        parts.append(f"{skipped} skipped")
    print(f"{', '.join(parts)} in {seconds}s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
