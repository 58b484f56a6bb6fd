"""Problem: what the command tells its user in one line instead of a traceback."""


class Problem(Exception):
    """Something the user can put right; its text says what it is and what to do."""

    def line(self):
        r"""Return the text in one line; where a worker process raised it, without that process's traceback.

        Example:
            >>> Problem("two words\n  and more").line()
            'two words and more'
        """
        name = f"{type(self).__module__}.{type(self).__name__}: "
        _, _, raised_by_worker = str(self).partition(f"\n{name}")
        return " ".join((raised_by_worker.splitlines()[0] if raised_by_worker else str(self)).split())
