"""Marks the tests of known gaps as expected failures; lets pass what PyTorch warns of once a process."""

import re

import pytest

from ops.behaviour import ONCE_A_PROCESS
from ops.known_gaps import KNOWN_GAPS


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/ops/" not in item.nodeid:
            continue
        for beginning in ONCE_A_PROCESS:
            item.add_marker(pytest.mark.filterwarnings(f"ignore:{re.escape(beginning)}"))
        if reason := KNOWN_GAPS.get(item.name):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
