"""Without the package tensorboard, importing the writer says what to install."""

import sys

import pytest


def test_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.delitem(sys.modules, "lampas.utils.tensorboard", raising=False)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        from lampas.utils.tensorboard import SummaryWriter  # noqa: F401
