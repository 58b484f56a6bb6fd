"""The versions that torch and torchvision report under the drop-in: whose interface Lampas follows."""

import re

from lampas.version import __version__ as LAMPAS_VERSION

TORCH = "2.13.0"
TORCHVISION = "0.28.0"


def _release(version):
    """Return the numbers of a version's release: (2, 13, 0) for "2.13.0+lampas"."""
    return tuple(int(number) for number in re.findall(r"\d+", str(version).split("+")[0])[:3])


class TorchVersion(str):
    """A version that compares by its numbers, with strings and with tuples of numbers.

    Example:
        >>> TorchVersion("2.13.0") > "2.9", TorchVersion("2.13.0") >= (1, 8)
        (True, True)
    """

    def _compared(self, other):
        theirs = tuple(other) if isinstance(other, (tuple, list)) else _release(other)
        ours = _release(self)
        length = max(len(ours), len(theirs))
        return ours + (0,) * (length - len(ours)), theirs + (0,) * (length - len(theirs))

    def __lt__(self, other):
        ours, theirs = self._compared(other)
        return ours < theirs

    def __le__(self, other):
        ours, theirs = self._compared(other)
        return ours <= theirs

    def __gt__(self, other):
        ours, theirs = self._compared(other)
        return ours > theirs

    def __ge__(self, other):
        ours, theirs = self._compared(other)
        return ours >= theirs


_TORCH_VERSION = TorchVersion(f"{TORCH}+lampas{LAMPAS_VERSION}")
_TORCHVISION_VERSION = f"{TORCHVISION}+lampas{LAMPAS_VERSION}"
_BUILT_FOR = {"cuda": None, "hip": None, "debug": False, "git_version": None}
# What these modules show beside, or instead of, what stands in Lampas.
VERSION_NAMES: dict[str, dict] = {
    "torch": {"__version__": _TORCH_VERSION},
    "torch.version": {"__version__": _TORCH_VERSION, **_BUILT_FOR},
    "torch.torch_version": {"TorchVersion": TorchVersion, "__version__": _TORCH_VERSION},
    "torchvision": {"__version__": _TORCHVISION_VERSION},
    "torchvision.version": {"__version__": _TORCHVISION_VERSION, "cuda": None, "git_version": None},
}
