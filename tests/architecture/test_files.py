"""Names, sizes, opening comments of files; nothing of one machine in them."""

import ast
import re

from architecture.repository import code_files, relative, tracked_files

# torch's own paths, and a module that one of the documents imports.
ALLOWED_FOLDERS = (
    "src/lampas/utils",
    "src/lampas/distributions/utils",
    "src/lampas/nn/utils",
    "src/lampas/vision/utils",
    "examples/helper.py",
)
VAGUE_NAMES = {"utils", "util", "common", "helpers", "helper", "misc"}
LONGEST = 700
# Longer than LONGEST, each with its reason.
LONG_FILES = {
    "tests/oracle/opcheck.py": "PyTorch's databases as an oracle: one tool in one file, kept as it was given",
}


def test_no_file_or_folder_has_a_vague_name():
    wrong = set()
    for path in tracked_files():
        name = relative(path)
        parts = name.split("/")
        for place, part in enumerate(parts):
            folder = "/".join(parts[: place + 1])
            if part.split(".")[0] in VAGUE_NAMES and not folder.startswith(ALLOWED_FOLDERS):
                wrong.add(folder)
    assert not wrong, sorted(wrong)


def test_no_file_grows_past_one_subject():
    wrong = []
    for path in code_files():
        lines = len(path.read_text().splitlines())
        if lines > LONGEST and relative(path) not in LONG_FILES:
            wrong.append(f"{relative(path)}: {lines} lines; is it two files?")
    assert not wrong, "\n".join(wrong)


def test_long_files_are_still_there_and_still_long():
    paths = {relative(path): path for path in code_files()}
    for name in LONG_FILES:
        assert name in paths and len(paths[name].read_text().splitlines()) > LONGEST


def test_each_file_opens_by_saying_what_it_holds():
    wrong = []
    for path in code_files():
        text = path.read_text()
        if path.suffix == ".py":
            said = ast.get_docstring(ast.parse(text)) or re.match(r"(#!.*\n)?# \w", text)
        else:
            said = re.match(r"// \w", text)
        if not said:
            wrong.append(relative(path))
    assert not wrong, "\n".join(wrong)


def test_nothing_of_one_machine_is_in_the_files():
    """No path of a home or working directory, no package index but the public one."""
    machine = re.compile(
        "|".join(["/" + folder + r"/\w" for folder in ("work", "root", "home")] + ["index-" + "url"])
    )
    wrong = []
    for path in tracked_files():
        if path.suffix in (".gz", ".png", ".npz") or path.stat().st_size > 1_000_000:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if machine.search(line):
                wrong.append(f"{relative(path)}:{number}: {line.strip()[:80]}")
    assert not wrong, "\n".join(wrong[:40])


def test_headers_are_included_once():
    wrong = []
    for path in code_files("core"):
        if path.suffix == ".h" and "#pragma once" not in path.read_text():
            wrong.append(relative(path))
    assert not wrong, wrong


def test_everything_of_the_core_is_in_its_namespace():
    wrong = [
        relative(path)
        for path in code_files("core")
        if "namespace lampas" not in path.read_text() and "#define" not in path.read_text()
    ]
    assert not wrong, wrong
