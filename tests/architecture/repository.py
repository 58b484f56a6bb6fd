"""The files of the repository, as the architecture tests read them."""

import ast
import functools
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE_FOLDERS = ("core", "src", "tests", "benchmarks", "scripts", "examples")
CODE_SUFFIXES = (".h", ".cpp", ".py")


@functools.cache
def tracked_files():
    """Every file that git tracks, or would track once added; every source file where git does not answer."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listing.returncode == 0:
        paths = (ROOT / line for line in listing.stdout.splitlines())
        return tuple(path for path in paths if path.is_file())
    folders = (ROOT / folder for folder in SOURCE_FOLDERS)
    return tuple(path for folder in folders for path in folder.rglob("*") if path.suffix in CODE_SUFFIXES)


def relative(path):
    """Return a path as it is written in a message."""
    return path.relative_to(ROOT).as_posix()


def code_files(*folders):
    """Return the C++ and Python files below some folders, or below all that hold code."""
    folders = folders or SOURCE_FOLDERS
    return [
        path
        for path in tracked_files()
        if path.suffix in CODE_SUFFIXES and relative(path).split("/")[0] in folders
    ]


def imported_modules(path):
    """Return (line, dotted name) for each import in a Python file, relative ones resolved."""
    found = []
    package = relative(path).removeprefix("src/").removesuffix(".py").removesuffix("/__init__").split("/")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]
    return found
