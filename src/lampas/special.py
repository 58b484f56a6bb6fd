"""Special functions, under the names of torch.special."""

from lampas import _core

__all__ = ["erf", "expit", "log1p", "log_softmax", "logsumexp", "softmax"]

erf = _core.erf
expit = _core.sigmoid
log1p = _core.log1p
softmax = _core.softmax
log_softmax = _core.log_softmax
logsumexp = _core.logsumexp
