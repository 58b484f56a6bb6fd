"""Problem: what the command tells its user in one line instead of a traceback."""


class Problem(Exception):
    """Something the user can put right; its text says what it is and what to do."""
