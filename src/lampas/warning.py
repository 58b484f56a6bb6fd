"""Warnings that are given once, as those of core/ops/warning.h are."""

from warnings import warn

from lampas import _core

_given = set()


def warn_once(message):
    """Warn at the line that called the caller, where the message is new or warnings are always wanted."""
    if message not in _given or _core.is_warn_always_enabled():
        _given.add(message)
        warn(message, stacklevel=3)
