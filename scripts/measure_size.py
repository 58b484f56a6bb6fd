"""Prints what each family of the core costs: bytes of machine code and data, and seconds to compile.

Compiles the core once more, from nothing and without a compiler cache, into build/size.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "size"
CORE_LIMIT = 15_000_000
SECONDS_LIMIT = 8 * 60


def run(*command: str) -> str:
    """Run a command in the repository's root and return what it printed; end the program where it fails."""
    environment = dict(os.environ, CCACHE_DISABLE="1")
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{result.stdout}{result.stderr}")
    return result.stdout


def compile_seconds() -> dict[str, float]:
    """Return the seconds each object took, from Ninja's log (start and end in milliseconds)."""
    seconds = {}
    for line in (BUILD / ".ninja_log").read_text().splitlines()[1:]:
        start, end, _, output, _ = line.split("\t")
        seconds[output] = (int(end) - int(start)) / 1000
    return seconds


def object_bytes(path: Path) -> int:
    """Return the bytes of machine code, constants and data in an object file."""
    text, data = run("size", str(path)).splitlines()[1].split()[:2]
    return int(text) + int(data)


def family_of(output: str) -> str:
    """Return the source file without its extension: the instruction sets of one source are one family."""
    return re.sub(r"^CMakeFiles/[^/]+/", "", output).removesuffix(".cpp.o")


def main() -> None:
    shutil.rmtree(BUILD, ignore_errors=True)
    compiler = run("scripts/find_tool.sh", "compiler").strip()
    run(
        "cmake", "-S", ".", "-B", str(BUILD), "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={compiler}",
        f"-DPython_EXECUTABLE={sys.executable}", "-DLAMPAS_LINK_INTO_SOURCE=OFF",
    )  # fmt: skip
    jobs = os.cpu_count() or 1
    start = time.monotonic()
    run("ninja", "-C", str(BUILD), "-j", str(jobs), "_core")
    elapsed = time.monotonic() - start

    size: dict[str, int] = defaultdict(int)
    seconds: dict[str, float] = defaultdict(float)
    for output, duration in compile_seconds().items():
        if output.endswith(".cpp.o"):
            size[family_of(output)] += object_bytes(BUILD / output)
            seconds[family_of(output)] += duration

    width = max(len(family) for family in size)
    print(f"{'family':{width}}  {'bytes':>10}  {'seconds':>7}")
    for family in sorted(size, key=lambda name: -size[name]):
        print(f"{family:{width}}  {size[family]:>10,}  {seconds[family]:>7.1f}")
    print(f"{'all objects':{width}}  {sum(size.values()):>10,}  {sum(seconds.values()):>7.1f}")

    extension = next(BUILD.glob("_core*.so"))
    stripped = BUILD / "stripped.so"
    run("strip", "-o", str(stripped), str(extension))
    installed = stripped.stat().st_size
    print(f"\nextension, stripped: {installed:,} bytes (limit {CORE_LIMIT:,})")
    print(f"clean build with {jobs} jobs: {elapsed:.0f} s (limit {SECONDS_LIMIT} s on two cores)")
    if installed > CORE_LIMIT:
        sys.exit("the extension is larger than its limit")


if __name__ == "__main__":
    main()
