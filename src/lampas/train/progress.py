"""Progress on the terminal: one line that is written over while it lasts, then stays."""

import shutil
import sys
import time

_WIDTH = 24
_SECONDS_BETWEEN = 0.1


class ProgressLine:
    """A bar that fills up as steps are done; where the output is no terminal, only its last line is written.

    Args:
        label (str): written before the bar.
        total (int): how many steps there are.
        output (file): where it is written.
    """

    def __init__(self, label, total, output=None):
        self.label = label
        self.total = total
        self.output = sys.stdout if output is None else output
        self.is_live = self.output.isatty()
        self.last_shown = 0.0

    def _write_over(self, text):
        if not text.endswith("\n"):  # a line that wraps could not be written over
            text = text[: shutil.get_terminal_size().columns - 1]
        self.output.write("\r\x1b[K" + text)  # to the start of the line, and clear it
        self.output.flush()

    def update(self, done, text):
        """Show that `done` steps are done, with a text; not more often than the eye can follow."""
        now = time.monotonic()
        if not self.is_live or now - self.last_shown < _SECONDS_BETWEEN:
            return
        self.last_shown = now
        filled = _WIDTH * done // self.total
        bar = "#" * filled + "." * (_WIDTH - filled)
        self._write_over(f"{self.label} [{bar}] {100 * done // self.total:3d} %  {text}")

    def finish(self, text):
        """Replace the bar by a last text and end the line."""
        line = f"{self.label}  {text}\n"
        if self.is_live:
            self._write_over(line)
        else:
            self.output.write(line)
            self.output.flush()

    def abandon(self):
        """End the line as it is, for an error message to follow."""
        if self.is_live:
            self.output.write("\n")
            self.output.flush()
