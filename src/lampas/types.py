"""Names for annotations, under those of torch.types."""

import os
from typing import IO, Any, TypeAlias

from lampas import _core
from lampas._core import Size, Tensor  # noqa: F401
from lampas.storage import TypedStorage as Storage  # noqa: F401

Device: TypeAlias = _core.device | str | int | None
Number: TypeAlias = int | float | bool
FileLike: TypeAlias = str | os.PathLike[str] | IO[bytes]
BoolLikeType: TypeAlias = bool
FloatLikeType: TypeAlias = float
IntLikeType: TypeAlias = int
DispatchKey: TypeAlias = Any
