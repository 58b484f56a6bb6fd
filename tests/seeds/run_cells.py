"""Runs cells one after another in one namespace, as a notebook does: run_cells.py CELLS.json RESULTS.json.

A cell is {"name", "source", "aside"}; one that is aside works on copies of namespace and generator.
Of each is kept what it printed, its warnings and its error; the random numbers begin at a fixed seed.
"""

import ast
import contextlib
import io
import json
import pathlib
import sys
import traceback
import types
import warnings

import numpy

import lampas

SEED = 0
SAMPLE_DATA = pathlib.Path(__file__).parents[2] / "examples"


def compiled(source, name):
    """Return the code of a cell: its statements, and its last expression, whose value a notebook shows."""
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    flags = sum(
        getattr(__import__("__future__"), alias.name).compiler_flag
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    )
    statements = compile(tree, name, "exec", flags, dont_inherit=True)
    shown = compile(ast.Expression(last.value), name, "eval", dont_inherit=True) if last is not None else None
    return statements, shown


def run_cell(cell, namespace):
    """Run one cell and return {"prints", "warnings", "error"}."""
    output, error = io.StringIO(), None
    with contextlib.redirect_stdout(output), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            statements, shown = compiled(cell["source"], f"cell {cell['name']}")
            exec(statements, namespace)
            value = eval(shown, namespace) if shown is not None else None
            if value is not None:
                print(repr(value))
        except BaseException:
            error = traceback.format_exc()
    messages = [[warning.category.__name__, str(warning.message)] for warning in caught]
    return {"prints": output.getvalue(), "warnings": messages, "error": error}


def main(cells_path, results_path):
    sys.path.append(str(SAMPLE_DATA))
    import sample_data

    sample_data.fill_in(network=False)
    lampas.manual_seed(SEED)
    numpy.random.seed(SEED)
    main_module = types.ModuleType("__main__")
    sys.modules["__main__"] = main_module  # classes of the cells are found there
    namespace = main_module.__dict__
    results = {}
    for cell in json.loads(pathlib.Path(cells_path).read_text(encoding="utf-8")):
        if cell["aside"]:
            state = lampas.get_rng_state()
            results[cell["name"]] = run_cell(cell, dict(namespace))
            lampas.set_rng_state(state)
        else:
            results[cell["name"]] = run_cell(cell, namespace)
    pathlib.Path(results_path).write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
