"""Writes src/lampas/_core.pyi from the extension: signatures stand at the head of each docstring."""

from __future__ import annotations

import builtins
import keyword
import re
import types
from pathlib import Path

import lampas._core as core

OUTPUT = Path(__file__).resolve().parent.parent / "src" / "lampas" / "_core.pyi"

HEADER = '''"""Types of the extension, written by scripts/write_stubs.py from the signatures: `make stubs`."""

# mypy: disable-error-code="overload-overlap, overload-cannot-match, override, misc"

import builtins
from collections.abc import Iterator, Sequence
from typing import Any, overload

# Attributes of Tensor have the names of their types.
_dtype = dtype
_device = device
_layout = layout
_memory_format = memory_format

Number = builtins.int | builtins.float | builtins.complex | builtins.bool
'''

# The printed types of signatures, as Python writes them.
TYPES = {
    "Tensor": "Tensor",
    "Number": "Number",
    "int": "builtins.int",
    "float": "builtins.float",
    "bool": "builtins.bool",
    "str": "builtins.str",
    "tuple of ints": "Sequence[builtins.int] | builtins.int",
    "tuple of Tensors": "Sequence[Tensor]",
    "torch.dtype": "_dtype",
    "torch.device": "_device | builtins.str | builtins.int",
    "torch.layout": "_layout",
    "torch.memory_format": "_memory_format",
    "torch.Generator": "Generator",
}
RESULTS = {"Tensor": "Tensor", "Tensor[]": "tuple[Tensor, ...]", "bool": "builtins.bool"}
ATTRIBUTES = {
    "shape": "Size",
    "dtype": "_dtype",
    "device": "_device",
    "layout": "_layout",
    "requires_grad": "builtins.bool",
    "is_leaf": "builtins.bool",
    "ndim": "builtins.int",
    "data": "Tensor",
    "grad": "Tensor | None",
    "T": "Tensor",
    "mT": "Tensor",
}
# Their subclasses in Python find attributes at run time.
OPEN_CLASSES = ("ModuleBase", "_FunctionBase")
# What Python asks of these methods.
SPECIAL_RESULTS = {
    "__bool__": "builtins.bool",
    "__contains__": "builtins.bool",
    "__float__": "builtins.float",
    "__format__": "builtins.str",
    "__hash__": "builtins.int",
    "__index__": "builtins.int",
    "__int__": "builtins.int",
    "__iter__": "Iterator[Any]",
    "__len__": "builtins.int",
    "__repr__": "builtins.str",
    "__str__": "builtins.str",
    "__setitem__": "None",
    "__delitem__": "None",
}
INHERITED = {"__new__", "__init__", "__getattribute__", "__setattr__", "__delattr__", "__doc__", "__module__"}
SKIPPED = {*INHERITED, "__dict__", "__weakref__", "__qualname__", "__abstractmethods__", "__annotations__"}


def split_outside_brackets(text: str) -> list[str]:
    """Split at the commas that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def parameter(text: str) -> str:
    """Turn `bool keepdim = False` into `keepdim: builtins.bool = ...`."""
    if text == "*":
        return text
    declaration, _, default = (part.strip() for part in text.partition("="))
    printed_type, name = declaration.rsplit(" ", 1)
    annotation = TYPES[printed_type]
    if keyword.iskeyword(name):
        name += "_"
    if name in ("other", "exponent") and printed_type == "Tensor":
        annotation += " | Number"
    if default == "None":
        annotation += " | None"
    return f"{name}: {annotation}{' = ...' if default else ''}"


def result(text: str) -> str:
    if text.startswith("("):
        count = len(split_outside_brackets(text.strip("()")))
        return f"tuple[{', '.join(['Tensor'] * count)}]"
    return RESULTS[text]


def signatures(name: str, documentation: str | None, own: bool) -> list[str]:
    """Return the definitions that a docstring's signatures stand for; `own` adds self."""
    definitions = []
    first = ["self"] if own else []
    pattern = rf"^{re.escape(name)}\((.*)\) -> (.*)$"
    for arguments, printed_result in re.findall(pattern, documentation or "", flags=re.MULTILINE):
        parts = split_outside_brackets(arguments)
        parameters = [parameter(part) for part in parts]
        definitions.append(f"def {name}({', '.join(first + parameters)}) -> {result(printed_result)}: ...")
        # A shape may be given as numbers: view(2, 3).
        shape_at = (
            0 if own else next((i for i, part in enumerate(parts) if not part.startswith("Tensor ")), 0)
        )
        if shape_at < len(parts) and parts[shape_at].startswith("tuple of ints "):
            shape = parts[shape_at].split("=")[0].split()[-1]
            spread = [*parameters[:shape_at], f"*{shape}: builtins.int"]
            spread += [part for part in parameters[shape_at + 1 :] if part != "*"]
            definitions.append(f"def {name}({', '.join(first + spread)}) -> {result(printed_result)}: ...")
    return definitions


def callable_stub(name: str, value: object, own: bool, operators_give: str = "Any") -> list[str]:
    found = list(dict.fromkeys(signatures(name, value.__doc__, own)))
    if len(found) > 1:
        return [line for definition in found for line in ("@overload", definition)]
    if found:
        return found
    first = "self, " if own else ""
    answer = SPECIAL_RESULTS.get(name, "Any")
    if (
        own
        and name.startswith("__")
        and answer == "Any"
        and not name.startswith(("__reduce", "__array", "__deep"))
    ):
        answer = operators_give
    return [f"def {name}({first}*args: Any, **kwargs: Any) -> {answer}: ..."]


def class_stub(name: str, cls: type) -> list[str]:
    bases = [base.__name__ for base in cls.__bases__ if base is not object]
    bases = [f"builtins.{base}" if hasattr(builtins, base) else base for base in bases]
    body: list[str] = []
    for member, value in sorted(vars(cls).items()):
        if member in SKIPPED:
            continue
        if isinstance(value, types.GetSetDescriptorType | types.MemberDescriptorType | property):
            body.append(f"{member}: {ATTRIBUTES.get(member, 'Any')}")
        elif isinstance(
            value, classmethod | staticmethod | types.ClassMethodDescriptorType | types.BuiltinFunctionType
        ):
            body += ["@staticmethod", f"def {member}(*args: Any, **kwargs: Any) -> Any: ..."]
        elif callable(value):
            body += callable_stub(
                member, value, own=True, operators_give="Tensor" if cls is core.Tensor else "Any"
            )
    if cls is not core.Tensor:
        body.insert(0, "def __init__(self, *args: Any, **kwargs: Any) -> None: ...")
    if name in OPEN_CLASSES:
        body.append("def __getattr__(self, name: builtins.str) -> Any: ...")
    head = f"class {name}({', '.join(bases)}):" if bases else f"class {name}:"
    return [head, *(f"    {line}" for line in body or ["..."]), ""]


def main() -> None:
    lines: list[str] = []
    values: list[str] = []
    classes: dict[type, str] = {}
    for name in sorted(dir(core)):
        value = getattr(core, name)
        if name.startswith("__"):
            continue
        if isinstance(value, type):
            if value in classes or value.__name__ in dir(builtins):
                values.append(f"{name}: type[Any]")
            else:
                classes[value] = name
                lines += class_stub(name, value)
        elif callable(value) and not isinstance(value, core.dtype):
            values += callable_stub(name, value, own=False)
        else:
            values.append(f"{name}: {type(value).__name__}")
    OUTPUT.write_text(HEADER + "\n" + "\n".join([*lines, *values]) + "\n")


if __name__ == "__main__":
    main()
