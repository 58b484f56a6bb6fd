"""`lampas info`: what this installation is and can do."""

import importlib.metadata
import os
import platform

import lampas
from lampas.backends import cpu

_OPTIONAL = {"pillow": "pictures as PIL images"}


def _package_version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def installation_facts():
    """Return (name, text) pairs about this installation."""
    core = cpu.core_path()
    facts = [
        ("lampas", lampas.__version__),
        ("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        ("core", f"{core} ({os.path.getsize(core) / 2**20:.1f} MB)"),
        ("instruction set", cpu.get_cpu_capability()),
        ("threads", str(lampas.get_num_threads())),
        ("numpy", _package_version("numpy") or "not installed"),
    ]
    for name, purpose in _OPTIONAL.items():
        facts.append((name, _package_version(name) or f"not installed (optional: {purpose})"))
    return facts


def show_info():
    """Print the facts, one a line."""
    for name, text in installation_facts():
        print(f"{name:<16} {text}")
