"""Every row of the op tables: one module a family, each with a list CASES."""

import importlib
import pathlib

FAMILIES = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("*.py") if path.stem != "__init__")
CASES = [case for family in FAMILIES for case in importlib.import_module(f"ops.cases.{family}").CASES]
CASE_BY_NAME = {case.name: case for case in CASES}
assert len(CASES) == len(CASE_BY_NAME), "two rows have one name"
