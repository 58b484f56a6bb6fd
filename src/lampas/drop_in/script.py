"""Runs a program as `python` would, with the names torch and torchvision standing for Lampas."""

import io
import os
import re
import runpy
import sys
import types

from lampas.drop_in import enable
from lampas.drop_in.missing_names import nearest


def is_program(argument):
    """Return whether the first argument of `python -m lampas` names a program: a script, -m for a module, -c.

    Example:
        >>> is_program("train.py"), is_program("train"), is_program("-m"), is_program("--version")
        (True, False, True, False)
    """
    return argument in ("-m", "-c") or argument.endswith((".py", ".pyw")) or os.sep in argument


def _without_runner(traceback, path):
    """Return the part of a traceback that begins in the script itself, None where it never got there."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename != path:
        traceback = traceback.tb_next
    return traceback


def _run_source(source, name, **names):
    main = types.ModuleType("__main__")
    main.__dict__.update(names)
    sys.modules["__main__"] = main
    exec(compile(source, name, "exec", dont_inherit=True), main.__dict__)


def _run_file(path):
    with io.open_code(path) as file:
        source = file.read()
    _run_source(source, path, __file__=path, __cached__=None)


def _note_nearest_name(error):
    """Add to the error of a misspelt import the name that is spelt most like it."""
    words = re.match(r"cannot import name '(\w+)' from '(torch(?:vision)?[\w.]*)'", str(error))
    if words is None or words[2] not in sys.modules:
        return
    close = nearest(words[1], dir(sys.modules[words[2]]))
    if close:
        error.add_note(f"did you mean {words[2]}.{close}?")


def _run_with_errors_of(path, run):
    """Run a program; of its errors, show the part that begins in the program."""
    show_error = sys.excepthook

    def show_error_of_script(error_type, error, traceback):
        traceback = _without_runner(traceback, path)
        if isinstance(error, ImportError):
            _note_nearest_name(error)
        show_error(error_type, error.with_traceback(traceback), traceback)

    sys.excepthook = show_error_of_script
    run()


def run_program(arguments):
    """Run `script.py ARGS`, `-m module ARGS` or `-c code ARGS` under the drop-in.

    sys.argv, sys.path and tracebacks are as Python has them.

    Args:
        arguments (list of str): the script, or -m and a module, or -c and code, and what it is given.

    Raises SystemExit where the script cannot be read (2), and whatever the program raises.
    """
    if arguments[0] in ("-m", "-c") and len(arguments) == 1:
        what = {"-m": "the name of a module", "-c": "the code of a program"}[arguments[0]]
        print(f"lampas: {arguments[0]} needs {what}", file=sys.stderr)
        raise SystemExit(2)
    if arguments[0] == "-c":
        enable()
        sys.argv = ["-c", *arguments[2:]]
        _run_with_errors_of("<string>", lambda: _run_source(arguments[1], "<string>"))
        return
    if arguments[0] == "-m":
        enable()
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return
    path = arguments[0]
    if not os.path.isfile(path) or not os.access(path, os.R_OK):
        reason = "no such file" if not os.path.exists(path) else "not a file that can be read"
        print(f"lampas: can't open {os.path.abspath(path)!r}: {reason}", file=sys.stderr)
        raise SystemExit(2)
    enable()
    sys.argv = list(arguments)
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))  # it was the folder that `python -m` started in
    path = os.path.abspath(path)
    _run_with_errors_of(path, lambda: _run_file(path))
