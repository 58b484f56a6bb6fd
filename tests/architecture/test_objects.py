"""The objects compiled once per instruction set: no weak symbol, no static initialiser, nothing to collide.

A weak symbol, such as an inline function that was not inlined, is kept once by the linker: it may keep the
AVX-512 copy for every machine. A static initialiser would run code of a set before the set is chosen.
"""

import shutil
import subprocess

import pytest

from architecture.repository import ROOT

SETS = ("baseline", "avx2", "avx512")


def objects_of(instruction_set):
    """Return the object files of one set from the build tree."""
    folder = ROOT / "build" / "CMakeFiles" / f"vector_{instruction_set}.dir"
    objects = sorted(folder.rglob("*.o"))
    if not objects:
        pytest.skip(f"no build tree with {folder.relative_to(ROOT)}: run make build")
    for tool in ("nm", "objdump"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is missing: install binutils")
    return objects


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


@pytest.mark.parametrize("instruction_set", SETS)
def test_vector_objects_have_no_weak_symbol(instruction_set):
    wrong = []
    for path in objects_of(instruction_set):
        for line in output_of("nm", "-C", "--defined-only", str(path)):
            kind = line.split()[1]
            if kind in "WwVvu":
                wrong.append(f"{path.name}: {line}")
    assert not wrong, "\n".join(wrong[:40])


@pytest.mark.parametrize("instruction_set", SETS)
def test_vector_objects_have_no_static_initialiser(instruction_set):
    wrong = []
    for path in objects_of(instruction_set):
        sections = [
            line.split()[1] for line in output_of("objdump", "-h", str(path)) if line[:4].strip().isdigit()
        ]
        assert ".text" in sections
        wrong += [f"{path.name}: {name}" for name in sections if name.startswith((".init_array", ".ctors"))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("instruction_set", SETS)
def test_vector_objects_define_names_of_their_own_set_only(instruction_set):
    """Every global symbol names its set, so that no two sets define one name."""
    wrong = []
    for path in objects_of(instruction_set):
        for line in output_of("nm", "--defined-only", "--extern-only", str(path)):
            if instruction_set not in line.split()[-1]:
                wrong.append(f"{path.name}: {line}")
    assert not wrong, "\n".join(wrong[:40])


def test_vector_objects_call_nothing_that_throws_or_allocates():
    wrong = []
    for path in objects_of("avx512"):
        for line in output_of("nm", "--undefined-only", str(path)):
            name = line.split()[-1]
            if name.startswith(("_Zn", "__cxa_", "_Unwind")) or name in ("malloc", "free"):
                wrong.append(f"{path.name}: {name}")
    assert not wrong, "\n".join(wrong)
