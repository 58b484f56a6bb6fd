"""One event file, and what an event carries beside its summary: the step and the time."""

import time

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.summary.writer.event_file_writer import EventFileWriter


class FileWriter:
    """Write events to a new file in a folder.

    Args:
        log_dir: the folder, made where it does not exist.
        max_queue: events that may wait before an `add` writes them out.
        flush_secs: seconds after which waiting events are written out.
        filename_suffix: put behind the file's name.
    """

    def __init__(self, log_dir, max_queue=10, flush_secs=120, filename_suffix=""):
        self.event_writer = EventFileWriter(str(log_dir), max_queue, flush_secs, filename_suffix)

    def get_logdir(self):
        """Return the folder of the event file."""
        return self.event_writer.get_logdir()

    def add_event(self, event, step=None, walltime=None):
        """Write an `Event`, taken now or at `walltime` (seconds since 1970)."""
        event.wall_time = time.time() if walltime is None else walltime
        if step is not None:
            event.step = int(step)
        self.event_writer.add_event(event)

    def add_summary(self, summary, global_step=None, walltime=None):
        """Write a `Summary` as an event of a step."""
        self.add_event(Event(summary=summary), global_step, walltime)

    def flush(self):
        """Write out what waits."""
        self.event_writer.flush()

    def close(self):
        """Write out what waits and close the file."""
        self.event_writer.close()

    def reopen(self):
        """Go on writing to the file after `close`."""
        self.event_writer.reopen()
