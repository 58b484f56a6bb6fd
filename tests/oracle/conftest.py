"""Marks the tests of known gaps as expected failures."""

import pytest
from oracle.known_gaps import KNOWN_GAPS


def pytest_collection_modifyitems(items):
    for item in items:
        reason = KNOWN_GAPS.get(item.name)
        if reason and "tests/oracle/" in item.nodeid:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
