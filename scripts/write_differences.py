"""Writes docs/differences.md: which public names of PyTorch and torchvision Lampas lacks. `make differences`.

The names come from src/lampas/drop_in/pytorch_names.txt; PyTorch itself is not needed.
"""

from __future__ import annotations

import importlib
import textwrap
from pathlib import Path
from types import ModuleType

import lampas
from lampas import drop_in
from lampas.drop_in.missing_names import MissingName, pytorch_names

OUTPUT = Path(__file__).resolve().parent.parent / "docs" / "differences.md"

INTRODUCTION = """\
# What PyTorch has and Lampas has not

Made by `make differences` from the public names of PyTorch 2.13.0 and torchvision 0.28.0. What is there
works, or says in an error which of its options does not. With the drop-in (`python -m lampas`), a name below
can be imported and fails when it is used.

## First: CUDA

Lampas computes on the CPU only. `torch.cuda.is_available()` is False; asking for a CUDA device says why.
There is no other accelerator (MPS, XPU, ROCm) and no distributed training.

## Then: what is left out as a whole

- `torch.compile`, TorchScript (`torch.jit`), `torch.fx`, `torch.export`, ONNX: every program runs eagerly.
- Sparse, quantized, nested and masked tensors; named tensors.
- torchvision's models, detection ops, video and `transforms.v2`.
"""

# The sections of the page, each with the modules it counts.
SECTIONS = {
    "CUDA and other devices": "cuda cuda.amp backends amp accelerator mps xpu mtia cpu",
    "Tensors": "torch Tensor linalg fft special random sparse signal",
    "Networks": "nn nn.functional nn.init nn.utils nn.utils.rnn nn.parameter",
    "Training": "optim optim.lr_scheduler optim.swa_utils autograd func utils utils.data utils.checkpoint",
    "Probability": "distributions",
}
VISION = "torchvision datasets transforms transforms.functional utils io ops models"
# Names of PyTorch's own machinery: they are counted with the others, and not listed.
INNER_PREFIXES = (
    "mkldnn_",
    "miopen_",
    "cudnn_",
    "quantize",
    "fbgemm_",
    "sym_",
    "q_",
    "choose_qparams",
    "fake_quant",
)


def in_package(package: str, names: str) -> list[str]:
    return [name if name == package else f"{package}.{name}" for name in names.split()]


def module_named(name: str) -> ModuleType | type | None:
    """Return what Lampas shows under a dotted name of PyTorch's, None where it has nothing."""
    if name == "torch.Tensor":
        return lampas.Tensor
    module = importlib.import_module(name)
    return None if isinstance(module, MissingName) else module


def is_inner(name: str) -> bool:
    return name.startswith(INNER_PREFIXES) or name.endswith("_copy") or (name.isupper() and len(name) > 1)


def row(name: str) -> str:
    """Return the line of one module: how many of its names are there, and which are not."""
    names = sorted(pytorch_names()[name])
    module = module_named(name)
    if module is None:
        return f"| `{name}` | 0 of {len(names)} | all |"
    missing = [each for each in names if not hasattr(module, each)]
    listed = [f"`{each}`" for each in missing if not is_inner(each)]
    inner = len(missing) - len(listed)
    text = ", ".join(listed) + (f", {inner} of PyTorch's inner names" if inner else "")
    return f"| `{name}` | {len(names) - len(missing)} of {len(names)} | {text or 'nothing'} |"


def main() -> None:
    sections = {title: in_package("torch", names) for title, names in SECTIONS.items()}
    sections["Pictures"] = in_package("torchvision", VISION)
    lines = [INTRODUCTION]
    with drop_in.enable():
        for title, names in sections.items():
            lines += [f"## {title}\n", "| module | there | missing |", "|---|---|---|", *map(row, names), ""]
        counted = {name for names in sections.values() for name in names}
        others = [name for name in pytorch_names() if name.count(".") == 1 and name not in counted]
        absent = [f"`{name}`" for name in others if module_named(name) is None]
    lines += ["## Other modules that are not there\n", textwrap.fill(", ".join(absent), 110)]
    OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {OUTPUT}")


if __name__ == "__main__":
    main()
