"""Where Lampas is known to differ from PyTorch today: each test is expected to fail until the gap is closed.

A test that passes again fails the suite (strict), so that no line outlives its gap.
"""

KNOWN_GAPS = {}
