"""SummaryWriter: what a training script calls to have its figures shown by TensorBoard."""

import datetime
import os
import socket
import time

from tensorboard.compat.proto.event_pb2 import Event, SessionLog

from lampas.utils.tensorboard import summaries
from lampas.utils.tensorboard.file_writer import FileWriter
from lampas.utils.tensorboard.hyperparameters import hyperparameters


class SummaryWriter:
    """Write what TensorBoard shows to event files in a folder.

    Args:
        log_dir: the folder; `runs/DATE_HOST` and the comment where it is None.
        comment: put behind the default folder's name.
        purge_step: what an earlier, interrupted writing left from this step on is hidden.
        max_queue, flush_secs, filename_suffix: as `FileWriter` takes them.

    Every `add_*` takes `global_step`, the step that a value belongs to, and `walltime`, seconds since 1970.

    Example::

        with SummaryWriter("runs/first") as writer:
            for step in range(100):
                writer.add_scalar("loss", 1 / (step + 1), step)
    """

    def __init__(
        self, log_dir=None, comment="", purge_step=None, max_queue=10, flush_secs=120, filename_suffix=""
    ):
        if not log_dir:
            now = datetime.datetime.now().strftime("%b%d_%H-%M-%S")
            log_dir = os.path.join("runs", f"{now}_{socket.gethostname()}{comment}")
        self.log_dir = log_dir
        self.purge_step = purge_step
        self._file_options = (max_queue, flush_secs, filename_suffix)
        self.all_writers = {}
        self.default_bins = summaries.default_edges()
        self._file_writer()

    def _file_writer(self):
        """Return the writer of this folder, opened anew after `close`."""
        folder = str(self.log_dir)
        if folder not in self.all_writers:
            writer = self._writer_in(folder)
            if self.purge_step is not None:
                writer.add_event(Event(step=self.purge_step, file_version="brain.Event:2"))
                start = SessionLog(status=SessionLog.START)
                writer.add_event(Event(step=self.purge_step, session_log=start))
                self.purge_step = None
        return self.all_writers[folder]

    def _writer_in(self, folder):
        if folder not in self.all_writers:
            self.all_writers[folder] = FileWriter(folder, *self._file_options)
        return self.all_writers[folder]

    def get_logdir(self):
        """Return the folder of the event files."""
        return self.log_dir

    def add_scalar(
        self, tag, scalar_value, global_step=None, walltime=None, new_style=False, double_precision=False
    ):
        """Add one number: a tensor of one element, an array or a Python number."""
        summary = summaries.scalar(tag, scalar_value, new_style, double_precision)
        self._file_writer().add_summary(summary, global_step, walltime)

    def add_scalars(self, main_tag, tag_scalar_dict, global_step=None, walltime=None):
        """Add numbers that are drawn into one chart, each through an event file in a folder of its own."""
        walltime = time.time() if walltime is None else walltime
        folder = self._file_writer().get_logdir()
        for tag, value in tag_scalar_dict.items():
            writer = self._writer_in(f"{folder}/{main_tag.replace('/', '_')}_{tag}")
            writer.add_summary(summaries.scalar(main_tag, value), global_step, walltime)

    def add_histogram(self, tag, values, global_step=None, bins="tensorflow", walltime=None, max_bins=None):
        """Add how values of any shape are spread.

        Args:
            bins: edges of buckets, a way that `numpy.histogram` knows, or "tensorflow" for TensorBoard's own.
            max_bins: neighbouring buckets are joined where there are more.
        """
        edges = self.default_bins if isinstance(bins, str) and bins == "tensorflow" else bins
        summary = summaries.histogram(tag, values, edges, max_bins)
        self._file_writer().add_summary(summary, global_step, walltime)

    def add_image(self, tag, img_tensor, global_step=None, walltime=None, dataformats="CHW"):
        """Add a picture of shape (3, H, W), or as `dataformats` says: uint8, or numbers from 0 to 1."""
        summary = summaries.image(tag, img_tensor, dataformats)
        self._file_writer().add_summary(summary, global_step, walltime)

    def add_images(self, tag, img_tensor, global_step=None, walltime=None, dataformats="NCHW"):
        """Add pictures of shape (N, 3, H, W) as a grid of eight a row."""
        self.add_image(tag, img_tensor, global_step, walltime, dataformats)

    def add_figure(self, tag, figure, global_step=None, close=True, walltime=None):
        """Add a Matplotlib figure, or a list of them as a grid; `close` gives their memory back."""
        formats = "NCHW" if isinstance(figure, list) else "CHW"
        self.add_image(tag, summaries.drawn(figure, close), global_step, walltime, formats)

    def add_text(self, tag, text_string, global_step=None, walltime=None):
        """Add a text, which is shown as Markdown."""
        self._file_writer().add_summary(summaries.text(tag, text_string), global_step, walltime)

    def add_hparams(
        self, hparam_dict, metric_dict, hparam_domain_discrete=None, run_name=None, global_step=None
    ):
        """Add a training's hyper-parameters and metrics, in a folder of their own.

        Args:
            hparam_dict: truth values, numbers, texts or tensors of one number, by name.
            metric_dict: numbers by name.
            hparam_domain_discrete: for some names, the list of values that it may have.
            run_name: the folder under this one; the time where it is None.
        """
        if type(hparam_dict) is not dict or type(metric_dict) is not dict:
            raise TypeError("hparam_dict and metric_dict should be dictionary.")
        described = hyperparameters(hparam_dict, metric_dict, hparam_domain_discrete)
        folder = os.path.join(self._file_writer().get_logdir(), run_name or str(time.time()))
        with SummaryWriter(folder) as writer:
            for summary in described:
                writer._file_writer().add_summary(summary, global_step)
            for name, value in metric_dict.items():
                writer.add_scalar(name, value, global_step)

    def flush(self):
        """Write out what waits in every file."""
        for writer in self.all_writers.values():
            writer.flush()

    def close(self):
        """Write out what waits and close the files; a later `add_*` opens new ones."""
        for writer in self.all_writers.values():
            writer.close()
        self.all_writers = {}

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.close()
