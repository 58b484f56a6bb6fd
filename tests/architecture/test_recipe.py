"""The recipe of CONTRIBUTING.md, "add an op to a family": its blocks are the code, and following it works."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from architecture.repository import ROOT, relative, tracked_files

# A numbered step names a file, then shows what stands in it.
STEP = re.compile(r"^\d\. \*\*.*?`([\w/.]+)`.*?^   ```\w+\n(.*?)^   ```$", re.MULTILINE | re.DOTALL)

# What a newcomer would try, on the op that the recipe was followed for.
TRIAL = """
import lampas
from lampas.autograd import gradcheck, gradgradcheck

x = lampas.tensor([0.0, 0.5, 2.0], dtype=lampas.float64, requires_grad=True)
assert lampas.allclose(lampas.log1p_again(x), lampas.log1p(x))
assert gradcheck(lampas.log1p_again, x) and gradgradcheck(lampas.log1p_again, x)
assert lampas.equal(x.detach().clone().log1p_again_(), lampas.log1p_again(x.detach()))
out = lampas.empty(3, dtype=lampas.float64)
assert lampas.log1p_again(x.detach(), out=out) is out and lampas.equal(out, lampas.log1p(x.detach()))
assert lampas.equal(lampas.vmap(lampas.log1p_again)(x), lampas.log1p(x))
assert "Log1PAgainBackward0" in repr(x.log1p_again())
assert lampas.log1p_again(lampas.ones(2).to(lampas.int64)).dtype is lampas.float32
assert "exact near zero" in lampas.log1p_again.__doc__
"""


def steps():
    """Return [(path, block)] of the recipe, blocks as they stand at the margin."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    recipe = text[text.index("### To a family") : text.index("### A new family")]
    return [(path, re.sub(r"^   ", "", block, flags=re.MULTILINE)) for path, block in STEP.findall(recipe)]


def place_of(block, text):
    """Return where a block stands in a file, in whole lines, whatever their margin and continuation marks."""
    lines = (rf"[ \t]*{re.escape(line.strip())}[ \t]*\\?$" for line in block.strip().splitlines())
    return re.search(r"^" + r"\n".join(lines), text, re.MULTILINE)


def test_has_all_steps():
    assert [path for path, _ in steps()] == [
        "core/kernels/scalar_functions.h",
        "core/kernels/elementwise_rows.h",
        "core/ops/unary.h",
        "core/ops/unary.cpp",
        "tests/ops/cases/unary.py",
    ]


@pytest.mark.parametrize(("path", "block"), steps(), ids=[path for path, _ in steps()])
def test_shows_what_stands_in_the_file(path, block):
    assert place_of(block, (ROOT / path).read_text()), f"{path} does not hold what the recipe shows"


def test_architecture_shows_the_rule_as_it_is():
    page = (ROOT / "ARCHITECTURE.md").read_text()
    (block,) = re.findall(r"```cpp\n(.*?)```", page, re.DOTALL)
    assert place_of(block, (ROOT / "core/ops/binary.cpp").read_text())


@pytest.mark.skipif(not os.environ.get("LAMPAS_FOLLOW_RECIPE"), reason="builds the core: make test-recipe")
def test_makes_an_op_when_followed(tmp_path):
    """Add an op of another name to a copy of the repository by the recipe alone, build it, try it."""
    copy = tmp_path / "lampas"
    for path in tracked_files():
        target = copy / relative(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for path, block in steps():
        file = copy / path
        text = file.read_text()
        place = place_of(block, text)
        added = place.group().replace("log1p", "log1p_again").replace("Log1P", "Log1PAgain")
        file.write_text(text[: place.end()] + "\n" + added + text[place.end() :])
    compiler = subprocess.run(
        ["scripts/find_tool.sh", "compiler"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    configure = ["cmake", "-S", ".", "-B", "build", "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={compiler}"]
    configure += [f"-DPython_EXECUTABLE={sys.executable}"]
    if shutil.which("ccache"):
        configure.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
    subprocess.run(configure, cwd=copy, check=True, capture_output=True)
    built = subprocess.run(["ninja", "-C", "build", "_core"], cwd=copy, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout[-3000:]
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    tried = subprocess.run([sys.executable, "-c", TRIAL], env=environment, capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
