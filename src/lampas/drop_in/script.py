"""Runs a program as `python` would, with the names torch and torchvision standing for Lampas."""

import io
import os
import runpy
import sys
import types

from lampas.drop_in import enable


def is_program(argument):
    """Return whether the first argument of `python -m lampas` names a program: a script, or -m for a module.

    Example:
        >>> is_program("train.py"), is_program("train"), is_program("-m"), is_program("--version")
        (True, False, True, False)
    """
    return argument == "-m" or argument.endswith((".py", ".pyw")) or os.sep in argument


def _without_runner(traceback, path):
    """Return the part of a traceback that begins in the script itself, None where it never got there."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename != path:
        traceback = traceback.tb_next
    return traceback


def _run_file(path):
    with io.open_code(path) as file:
        source = file.read()
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __cached__=None)
    sys.modules["__main__"] = main
    exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)


def run_program(arguments):
    """Run `script.py ARGS` or `-m module ARGS` under the drop-in, with argv, path and tracebacks as usual.

    Args:
        arguments (list of str): the script or -m and a module, and what it is given.

    Raises SystemExit where the script cannot be read (2), and whatever the program raises.
    """
    if arguments[0] == "-m":
        if len(arguments) == 1:
            print("lampas: -m needs the name of a module", file=sys.stderr)
            raise SystemExit(2)
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
    show_error = sys.excepthook

    def show_error_of_script(error_type, error, traceback):
        traceback = _without_runner(traceback, path)
        show_error(error_type, error.with_traceback(traceback), traceback)

    sys.excepthook = show_error_of_script
    _run_file(path)
