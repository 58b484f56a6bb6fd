"""The command line: `lampas train`, `test`, `predict`, `summary`, `compare`, `info`."""

import argparse
import io
import os
import shutil
import sys

import lampas
from lampas.train.problem import Problem

_EPOCHS = 10
_RATES = {"sgd": 0.03, "adam": 0.001, "adamw": 0.001}


# What PyTorch's manual_seed takes.
_SEEDS = range(-(2**63), 2**64)


class Parser(argparse.ArgumentParser):
    """Tells what is wrong with the arguments in one line."""

    def error(self, message):
        """End the program with status 2 and one line that says what is wrong."""
        self.exit(2, f"{self.prog}: error: {message}; {self.prog} --help tells more\n")


def _number(kind, text, name):
    try:
        return kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a {name}") from None


def _seed(text):
    value = _number(int, text, "whole number")
    if value not in _SEEDS:
        raise argparse.ArgumentTypeError(f"{text} does not fit 64 bits")
    return value


def _count(text):
    value = _number(int, text, "whole number")
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return value


def _positive_int(text):
    value = _number(int, text, "whole number")
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive whole number")
    return value


def _fraction(text):
    value = _number(float, text, "number")
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not in [0, 1)")
    return value


def _non_negative(text):
    value = _number(float, text, "number")
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 up")
    return value


def _shape(text):
    parts = text.split("x")
    if len(parts) != 3 or not all(part.isdigit() and int(part) for part in parts):
        raise argparse.ArgumentTypeError(f"{text} is not written as CHANNELSxHEIGHTxWIDTH")
    return tuple(map(int, parts))


def _add_data_arguments(group):
    group.add_argument(
        "--data",
        default="digits",
        metavar="digits|mnist|fashion-mnist|cifar10|FOLDER",
        help="digits is in the package; a FOLDER holds MNIST's four files, or a folder of pictures for each "
        "class, in train/ and test/ or together (%(default)s)",
    )
    group.add_argument("--data-root", default="data", help="the folder that the data lies in (%(default)s)")
    group.add_argument("--download", action="store_true", help="fetch the data where it is missing")
    group.add_argument(
        "--validation",
        type=_fraction,
        default=0.1,
        metavar="SHARE",
        help="share of the training pictures that is kept to validate with (%(default)s)",
    )
    group.add_argument(
        "--picture-size",
        type=_positive_int,
        default=32,
        help="side of the pictures of a FOLDER (%(default)s)",
    )
    group.add_argument("--workers", type=_count, default=0, help="processes that load pictures (%(default)s)")


def _add_method_arguments(group):
    group.add_argument(
        "--model",
        default="lenet",
        metavar="lenet|mlp|cnn|FILE.py:CLASS",
        help="the network; a class of your own is called without arguments (%(default)s)",
    )
    group.add_argument("--epochs", type=_positive_int, help=f"passes over the data ({_EPOCHS})")
    group.add_argument("--batch-size", type=_positive_int, default=64, help="pictures per step (%(default)s)")
    group.add_argument("--optimizer", default="sgd", choices=list(_RATES), help="(%(default)s)")
    rates = ", ".join(f"{rate} for {name}" for name, rate in _RATES.items())
    group.add_argument("--lr", type=_non_negative, help=f"learning rate ({rates})")
    group.add_argument(
        "--schedule",
        default="cosine",
        choices=["cosine", "constant"],
        help="how the learning rate falls from epoch to epoch (%(default)s)",
    )
    group.add_argument("--momentum", type=_non_negative, default=0.9, help="of sgd (%(default)s)")
    group.add_argument("--weight-decay", type=_non_negative, default=0.0, help="(%(default)s)")
    group.add_argument("--seed", type=_seed, default=0, help="decides all random numbers (%(default)s)")


def _add_train_arguments(parser):
    _add_data_arguments(parser.add_argument_group("data"))
    _add_method_arguments(parser.add_argument_group("method"))
    group = parser.add_argument_group("results")
    group.add_argument("--name", help="the run's name (DATA-MODEL-NUMBER)")
    group.add_argument("--out", default="runs", help="the folder that runs are left in (%(default)s)")
    group.add_argument(
        "--resume",
        metavar="RUN",
        help="go on with the run of this folder, by its own options; --epochs may change",
    )


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
    parser = Parser(prog="lampas", description="Train neural networks with Lampas.")
    parser.add_argument("--version", action="version", version=f"lampas {lampas.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_train_arguments(commands.add_parser("train", help="train a network on pictures"))
    test = commands.add_parser("test", help="test the network of a run on its test pictures")
    test.add_argument("run", help="the folder of a run, or a checkpoint in it")
    test.add_argument("--data-root", help="the folder that the data lies in (the run's own)")
    predict = commands.add_parser("predict", help="show what the network of a run sees in pictures")
    predict.add_argument("run", help="the folder of a run, or a checkpoint in it")
    predict.add_argument("pictures", nargs="+", metavar="PICTURE", help="a picture file")
    summary = commands.add_parser("summary", help="show the layers of a network")
    summary.add_argument("model", metavar="lenet|mlp|cnn|FILE.py:CLASS")
    summary.add_argument("--shape", type=_shape, default=(1, 28, 28), help="of a picture (1x28x28)")
    summary.add_argument("--classes", type=_positive_int, default=10, help="(%(default)s)")
    compare = commands.add_parser("compare", help="run a script under PyTorch and under Lampas and compare")
    _add_compare_arguments(compare)
    commands.add_parser("info", help="show what this installation is and can do")
    return parser


def _refuse_other_options(options):
    """Stop where options are given that a run which goes on would not follow."""
    defaults = vars(make_parser().parse_args(["train"]))
    others = [name for name, value in vars(options).items() if value != defaults[name]]
    others = [f"--{name.replace('_', '-')}" for name in others if name not in ("resume", "epochs")]
    if others:
        raise Problem(
            f"{', '.join(others)}: a run goes on by its own options, only --epochs may change; they stand in "
            f"{os.path.join(options.resume, 'config.toml')}"
        )


def _compare(options):
    from lampas.drop_in.compare import compare

    try:
        return compare(options.script, options.arguments, options.python, options.rtol, options.atol)
    except (FileNotFoundError, ModuleNotFoundError) as error:
        raise Problem(str(error)) from None


def _run(options):
    """Do what the options say and return the exit status. What a command needs is loaded only now."""
    if options.command == "train":
        from lampas.train.run import train

        if options.resume:
            _refuse_other_options(options)
        else:
            options.epochs = options.epochs or _EPOCHS
            options.lr = _RATES[options.optimizer] if options.lr is None else options.lr
        train(options, invocation())
    elif options.command == "test":
        from lampas.train.test import test

        test(options)
    elif options.command == "predict":
        from lampas.train.predict import predict

        predict(options)
    elif options.command == "summary":
        from lampas.train.summary import summary

        summary(options)
    elif options.command == "compare":
        return 0 if _compare(options) else 1
    else:
        from lampas.train.info import show_info

        show_info()
    return 0


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
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # names of files may hold what a terminal cannot show
    options = make_parser().parse_args(arguments)
    try:
        return _run(options)
    except Problem as problem:
        print(f"lampas: {problem.line()}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nlampas: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader is gone; Python must not complain when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
