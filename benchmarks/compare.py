"""Times the same bodies on Lampas and on PyTorch, interleaved in one run, and prints the ratios.

    python benchmarks/compare.py [--only ROW] [--rounds N] [--seconds S] [--json FILE] [--list]

A row's body is written once against a `framework` argument. Each round times a slice of the one, then of the
other, so that a busy moment of the machine meets both; the medians of the slices and their spread (quartiles)
are printed. Results are in memory when a call returns, nothing is kept between calls, inputs rotate. PyTorch
runs with the threads it chooses.
"""

import argparse
import fnmatch
import importlib
import json
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from benchmarks import rows as all_rows  # noqa: E402

PEERS = ("lampas", "torch")


# PyTorch's threads spin for some milliseconds after its last call, on the processors of the next slice.
SETTLING_SECONDS = 0.01


def time_slice(body, seconds):
    """Return the seconds of one call, over as many as fit into `seconds`, after some that settle."""
    calls, begin = 0, time.perf_counter()
    while calls == 0 or time.perf_counter() - begin < SETTLING_SECONDS:
        body()
        calls += 1
    count = max(1, round(seconds * calls / (time.perf_counter() - begin)))
    begin = time.perf_counter()
    for _ in range(count):
        body()
    return (time.perf_counter() - begin) / count


def measure(make, rounds, seconds, calls=1):
    """Return {framework: seconds of one call in each slice} for a maker of bodies that make `calls` calls."""
    bodies = {peer: make(importlib.import_module(peer)) for peer in PEERS}
    for body in bodies.values():
        for _ in range(3):
            body()
    slices = {peer: [] for peer in PEERS}
    for number in range(rounds):
        order = PEERS if number % 2 else PEERS[::-1]
        for peer in order:
            slices[peer].append(time_slice(bodies[peer], seconds / rounds / 2) / calls)
    return slices


def summary(slices):
    """Return median and quartiles of each framework, and the ratio of the medians (above 1: Lampas leads)."""
    result = {}
    for peer, values in slices.items():
        quartiles = statistics.quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
        result[peer] = {
            "median": quartiles[1],
            "low": quartiles[0],
            "high": quartiles[2],
            "best": min(values),
        }
    result["ratio"] = result["torch"]["median"] / result["lampas"]["median"]
    return result


def written(seconds):
    """Write a duration with three digits and a unit."""
    for unit, factor in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def line_of(name, result, wanted=None, limit=None):
    """One line of the table, with the ratio and the seconds that are asked for where they are missed."""
    ours, theirs = result["lampas"], result["torch"]
    spread = f"{written(ours['low'])} .. {written(ours['high'])}"
    mark = "" if wanted is None else "  ok" if result["ratio"] >= wanted else f"  BELOW {wanted}"
    if limit is not None and ours["median"] > limit:
        mark += f"  ABOVE {written(limit)}"
    return (
        f"{name:<34} {written(ours['median']):>9} {written(theirs['median']):>9} {result['ratio']:>7.2f}"
        f"   {spread:<24}{mark}"
    )


def run_timed_rows(names, rounds, seconds):
    """Time the rows and print the table as it grows."""
    print(f"{'row':<34} {'lampas':>9} {'torch':>9} {'ratio':>7}   {'lampas, quartiles':<24}")
    results = {}
    for name in names:
        row = all_rows.TIMED[name]
        results[name] = summary(measure(row.make, rounds, seconds, row.calls))
        print(line_of(name, results[name], row.wanted_ratio, row.limit), flush=True)
    return results


def run_random_convolutions(count, rounds, seconds, seed):
    """Time convolutions of random shapes; return median and minimum of the ratios of all three passes."""
    ratios, records = [], []
    for shape in all_rows.random_convolution_shapes(count, seed):
        for part in ("forward", "backward"):
            result = summary(measure(all_rows.convolution(shape, part), rounds, seconds))
            ratios.append(result["ratio"])
            records.append({"shape": shape, "part": part, **result})
            print(line_of(f"conv {part} {shape}", result), flush=True)
    print(f"random convolutions: median {statistics.median(ratios):.2f}, minimum {min(ratios):.2f}")
    return {"median": statistics.median(ratios), "minimum": min(ratios), "shapes": records}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="*", help="a row, or a pattern such as 'conv*'")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=1.5, help="for each row, both frameworks together")
    parser.add_argument("--shapes", type=int, default=30, help="how many random convolutions")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="write every figure to this file")
    parser.add_argument("--list", action="store_true", help="name the rows")
    options = parser.parse_args()
    names = [*all_rows.TIMED, "random convolutions", *all_rows.MEASURED]
    chosen = [name for name in names if fnmatch.fnmatch(name, options.only) or name == options.only]
    if options.list or not chosen:
        print("\n".join(names))
        return 0 if options.list else f"no row matches {options.only!r}"
    print(f"lampas and torch {importlib.import_module('torch').__version__}, interleaved")
    figures = run_timed_rows(
        [name for name in chosen if name in all_rows.TIMED], options.rounds, options.seconds
    )
    if "random convolutions" in chosen:
        figures["random convolutions"] = run_random_convolutions(
            options.shapes, max(3, options.rounds // 3), options.seconds / 3, options.seed
        )
    for name in chosen:
        if name in all_rows.MEASURED:
            figures[name] = all_rows.MEASURED[name]()
            print(
                f"{name:<34} " + ", ".join(f"{key} {value}" for key, value in figures[name].items()),
                flush=True,
            )
    if options.json:
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
