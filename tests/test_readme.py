"""Runs the example of both READMEs, and checks that they say the same and that what they name is there."""

import re
import runpy

import pytest
from architecture.repository import ROOT

from lampas.train.command_line import make_parser

READMES = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.vi.md")]


def blocks(text):
    """Return the fenced blocks, without comments and blanks before them."""
    found = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    return [re.sub(r" *#.*", "", block) for block in found]


def test_both_have_the_same_commands_and_sections():
    english, vietnamese = READMES
    assert blocks(english) == blocks(vietnamese)
    assert english.count("\n## ") == vietnamese.count("\n## ")


def test_the_example_is_ten_lines_and_runs(tmp_path):
    path = tmp_path / "example.py"
    path.write_text(blocks(READMES[0])[0])
    assert len([line for line in path.read_text().splitlines() if line]) == 10
    assert runpy.run_path(str(path))["loss"].item() < 2.3


@pytest.mark.parametrize("text", READMES, ids=["en", "vi"])
def test_what_is_named_is_there(text):
    links = re.findall(r"\]\(([^)]+)\)", text) + re.findall(r"`(benchmarks/[^`]*)`", text)
    for name in links + [f"examples/{name}" for name in re.findall(r"\bread_\w+\.py|document_\d\.\w+", text)]:
        assert (ROOT / name).exists(), name
    for target in re.findall(r"\bmake ([\w-]+)", text):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE), target


def test_the_commands_are_understood():
    commands = re.findall(r"^\.venv/bin/lampas (.*)$", "\n".join(blocks(READMES[0])), flags=re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        make_parser().parse_args(command.split())
