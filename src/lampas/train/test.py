"""`lampas test`: a trained network on the test pictures of its run's data."""

from lampas.train import checkpoint
from lampas.train.data import load_data
from lampas.train.problem import Problem
from lampas.train.score import evaluate


def test(options):
    """Print the accuracy of each class and of all.

    Args:
        options (Namespace): run (a run's folder or a checkpoint), data_root or None for the run's own.
    """
    state = checkpoint.read(options.run)
    model = checkpoint.model_of(state)
    settings = checkpoint.options_of(state["settings"])
    if options.data_root is not None:
        settings.data_root = options.data_root
    data = load_data(settings)
    if list(data.shape) != list(settings.shape) or list(data.classes) != list(settings.classes):
        raise Problem(f"--data {settings.data} is not what the run was trained on: other pictures or classes")
    score = evaluate(model, data.test, len(data.classes))
    epoch = state["progress"]["epoch"]
    print(f"{settings.model} of epoch {epoch} on {score.count:,} test pictures of {settings.data}")
    for line in score.class_lines(data.classes):
        print(f"  {line}")
    percent = 100 * score.accuracy
    print(f"  accuracy {percent:.2f} % ({score.correct:,} of {score.count:,}), loss {score.loss:.4f}")
