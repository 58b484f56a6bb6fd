"""Every row of the op tables: one module a family, each with a list CASES."""

import importlib
import pathlib

FAMILIES = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("*.py") if path.stem != "__init__")
CASES_OF = {family: importlib.import_module(f"ops.cases.{family}").CASES for family in FAMILIES}
CASES = [case for cases in CASES_OF.values() for case in cases]
CASE_BY_NAME = {case.name: case for case in CASES}
FAMILY_BY_NAME = {case.name: family for family, cases in CASES_OF.items() for case in cases}
assert len(CASES) == len(CASE_BY_NAME), "two rows have one name"
