"""The command line: `lampas train`, `lampas compare` and `lampas info`."""

import argparse
import os
import shutil
import sys

import lampas
from lampas.train.problem import Problem


def _positive_int(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive whole number")
    return value


def _fraction(text):
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not in [0, 1)")
    return value


def _non_negative(text):
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 up")
    return value


def _add_train_arguments(parser):
    parser.add_argument(
        "--data",
        default="digits",
        metavar="digits|mnist|FOLDER",
        help="digits is in the package; a FOLDER holds the four idx files of MNIST's format (%(default)s)",
    )
    parser.add_argument("--data-root", default="data", help="the folder that MNIST lies in (%(default)s)")
    parser.add_argument("--download", action="store_true", help="fetch MNIST where it is missing")
    parser.add_argument("--model", default="mlp", choices=["mlp"], help="the network (%(default)s)")
    parser.add_argument("--epochs", type=_positive_int, default=10, help="passes over the data (%(default)s)")
    parser.add_argument(
        "--batch-size", type=_positive_int, default=64, help="pictures per step (%(default)s)"
    )
    parser.add_argument("--lr", type=_non_negative, default=0.02, help="learning rate (%(default)s)")
    parser.add_argument("--momentum", type=_non_negative, default=0.9, help="of the last steps (%(default)s)")
    parser.add_argument(
        "--validation",
        type=_fraction,
        default=0.1,
        metavar="SHARE",
        help="share of the training pictures that is kept to validate with (%(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, help="decides all random numbers (%(default)s)")
    parser.add_argument("--name", help="the run's name (DATA-MODEL-NUMBER)")
    parser.add_argument("--out", default="runs", help="the folder that runs are left in (%(default)s)")


def _add_compare_arguments(parser):
    parser.add_argument("script", help="a program that imports torch")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the script is given")
    parser.add_argument("--python", help="the interpreter that has PyTorch (this one)")
    parser.add_argument(
        "--rtol", type=_non_negative, default=1e-3, help="how far numbers may differ (%(default)s)"
    )
    parser.add_argument("--atol", type=_non_negative, default=1e-5, help="the same near zero (%(default)s)")


def make_parser():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="lampas", description="Train neural networks with Lampas.")
    parser.add_argument("--version", action="version", version=f"lampas {lampas.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    train = commands.add_parser("train", help="train a network on pictures of digits")
    _add_train_arguments(train)
    compare = commands.add_parser("compare", help="run a script under PyTorch and under Lampas and compare")
    _add_compare_arguments(compare)
    commands.add_parser("info", help="show what this installation is and can do")
    return parser


def _compare(options):
    from lampas.drop_in.compare import compare

    try:
        return compare(options.script, options.arguments, options.python, options.rtol, options.atol)
    except (FileNotFoundError, ModuleNotFoundError) as error:
        raise Problem(str(error)) from None


def _shortest(path):
    """Return a path as one would type it here."""
    return min(path, os.path.relpath(path), key=len)


def invocation():
    """Return a command that runs this tool in this installation, for the user to type."""
    beside_python = os.path.join(os.path.dirname(sys.executable), "lampas")
    on_path = shutil.which("lampas")
    # `make` puts an environment on its own PATH; the user's shell has it there only if it is activated.
    is_activated = "VIRTUAL_ENV" in os.environ or sys.prefix == sys.base_prefix
    if on_path and is_activated and os.path.realpath(on_path) == os.path.realpath(beside_python):
        return "lampas"
    if os.path.exists(beside_python):
        return _shortest(beside_python)
    return f"{_shortest(sys.executable)} -m lampas"


def main(arguments=None):
    """Run the command and return its exit status.

    0; 1 for a broken pipe, or where compared programs differ; 2 for a problem; 130 for Ctrl-C.
    """
    options = make_parser().parse_args(arguments)
    try:
        # What a command needs is loaded only now: `--help` answers at once.
        if options.command == "train":
            from lampas.train.run import train

            train(options, invocation())
        elif options.command == "compare":
            return 0 if _compare(options) else 1
        else:
            from lampas.train.info import show_info

            show_info()
    except Problem as problem:
        print(f"lampas: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nlampas: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader is gone; Python must not complain when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0
