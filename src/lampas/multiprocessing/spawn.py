"""spawn: runs a function in several processes, and raises here what one of them raised."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import tempfile
import time
import traceback


class ProcessException(Exception):
    """A process that was started did not end well.

    Args:
        msg (str): what happened.
        error_index (int): which of the processes.
        error_pid (int): its process id.
    """

    def __init__(self, msg, error_index, error_pid):
        super().__init__(msg)
        self.msg = msg
        self.error_index = error_index
        self.pid = error_pid


class ProcessRaisedException(ProcessException):
    """A process ended by an exception, whose traceback is in the message."""


class ProcessExitedException(ProcessException):
    """A process ended by a signal or a status other than 0.

    Args:
        msg, error_index, error_pid: as for ProcessException.
        exit_code (int): the status; negative for a signal.
        signal_name (str): the signal, if it was one.
    """

    def __init__(self, msg, error_index, error_pid, exit_code, signal_name=None):
        super().__init__(msg, error_index, error_pid)
        self.exit_code = exit_code
        self.signal_name = signal_name


def _run(function, index, arguments, error_path):
    """Run the function in a new process, and leave the traceback of an error in a file."""
    try:
        function(index, *arguments)
    except KeyboardInterrupt:
        pass  # the parent was interrupted too, and says so
    except Exception:
        with open(error_path, "w", encoding="utf-8", errors="replace") as file:
            file.write(traceback.format_exc())
        sys.exit(1)


class ProcessContext:
    """Processes that were started together.

    Args:
        processes (list): the processes.
        error_files (list): for each, where it leaves the traceback of an error.
    """

    def __init__(self, processes, error_files):
        self.processes = processes
        self.error_files = error_files
        self.sentinels = {process.sentinel: index for index, process in enumerate(processes)}

    def pids(self):
        """Return the process ids."""
        return [process.pid for process in self.processes]

    def join(self, timeout=None, grace_period=None):
        """Wait for some processes to end; return whether all have.

        Where one fails, the others are ended, after `grace_period` seconds if it is given.

        Raises ProcessRaisedException or ProcessExitedException for the first that failed.
        """
        ready = multiprocessing.connection.wait(list(self.sentinels), timeout=timeout)
        failed = None
        for sentinel in ready:
            index = self.sentinels.pop(sentinel)
            process = self.processes[index]
            process.join()
            if process.exitcode != 0 and failed is None:
                failed = index
        if failed is not None:
            self._end_others(grace_period)
            error = self._error_of(failed)
            self._remove_files()
            raise error
        if not self.sentinels:
            self._remove_files()
        return not self.sentinels

    def _end_others(self, grace_period):
        deadline = time.monotonic() + (grace_period or 0)
        for process in self.processes:
            process.join(max(0.0, deadline - time.monotonic()))
        for process in self.processes:
            if process.is_alive():
                process.terminate()
        for process in self.processes:
            process.join(10)
            if process.is_alive():
                process.kill()
                process.join()

    def _error_of(self, index):
        process = self.processes[index]
        with open(self.error_files[index], encoding="utf-8") as file:
            text = file.read()
        if text:
            message = f"\n\n-- Process {index} terminated with the following error:\n{text}"
            return ProcessRaisedException(message, index, process.pid)
        code = process.exitcode
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"<Unknown signal {-code}>"
            message = f"process {index} terminated with signal {name}"
            return ProcessExitedException(message, index, process.pid, code, name)
        message = f"process {index} terminated with exit code {code}"
        return ProcessExitedException(message, index, process.pid, code)

    def _remove_files(self):
        for path in self.error_files:
            if os.path.exists(path):
                os.unlink(path)


SpawnContext = ProcessContext


def start_processes(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """Run fn(index, *args) in `nprocs` processes.

    Args:
        fn (callable): what to run; other processes must be able to import it.
        args (tuple): its arguments behind the index.
        nprocs (int): how many.
        join (bool): whether to wait for all; with False, return the context to join.
        daemon (bool): whether they end with this process.
        start_method (str): "spawn", "fork" or "forkserver".

    Raises ProcessRaisedException where fn raises, ProcessExitedException where a process is killed.
    """
    context = multiprocessing.get_context(start_method)
    processes, error_files = [], []
    for index in range(nprocs):
        descriptor, path = tempfile.mkstemp(prefix="lampas-error-", suffix=".txt")
        os.close(descriptor)
        process = context.Process(target=_run, args=(fn, index, args, path), daemon=daemon)
        process.start()
        processes.append(process)
        error_files.append(path)
    together = ProcessContext(processes, error_files)
    if not join:
        return together
    while not together.join():
        pass
    return None


def spawn(fn, args=(), nprocs=1, join=True, daemon=False, start_method="spawn"):
    """Run fn(index, *args) in `nprocs` processes that start with a fresh interpreter.

    Args, results and errors are those of `start_processes`.
    """
    return start_processes(fn, args, nprocs, join, daemon, start_method)
