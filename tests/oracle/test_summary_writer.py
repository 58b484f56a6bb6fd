"""SummaryWriter writes the events that PyTorch's writes, read back by TensorBoard's own loader."""

import importlib
import warnings

import numpy
import pytest
import torch

import lampas

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the package's own, on other packages' old names
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event

    from lampas.utils.tensorboard import SummaryWriter


def _numbers(framework, *shape):
    values = numpy.random.default_rng(3).standard_normal(shape).astype(numpy.float32)
    return framework.from_numpy(values)


def scalars(writer, framework):
    writer.add_scalar("loss", framework.tensor(0.25), 3)
    writer.add_scalar("loss", 1 / 3, framework.tensor(4))
    writer.add_scalar("accuracy", framework.tensor([[0.5]]), new_style=True)
    writer.add_scalar("accuracy", numpy.float64(0.1), 5, new_style=True, double_precision=True)
    writer.add_scalar("half", framework.tensor(1.5, dtype=framework.bfloat16, requires_grad=True), 1)


def charts(writer, framework):
    writer.add_scalars("run/14h", {"sine": 0.5, "cosine": framework.tensor(0.75)}, 2)
    writer.add_scalars("run/14h", {"sine": 0.25}, 3)


def histograms(writer, framework):
    writer.add_histogram("weights", _numbers(framework, 20, 30), 1)
    writer.add_histogram("weights", _numbers(framework, 50), 2, bins="auto")
    writer.add_histogram("weights", _numbers(framework, 50), 3, bins=20, max_bins=7)
    writer.add_histogram("few", framework.tensor([-6e19, 0, 0, 1e-13, 5]), 1)
    writer.add_histogram("edges", _numbers(framework, 50), 3, bins=[-9.0, -1.0, 0.0, 1.0, 9.0])


def pictures(writer, framework):
    shown = _numbers(framework, 11, 3, 5, 4).abs()
    writer.add_image("one", shown[0], 1)
    writer.add_image("grey", shown[0, :1], 1)
    writer.add_image("plain", shown[0, 0], 1, dataformats="HW")
    writer.add_image("last", (shown[0] * 90).to(framework.uint8).permute(1, 2, 0), 1, dataformats="HWC")
    writer.add_images("all", shown, 2)
    writer.add_images("grey", shown[:3, :1], 2)
    writer.add_image("opaque", framework.rand(4, 3, 2).fill_(0.5), 1)


def figures(writer, framework):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    drawn = []
    for count in (1, 2):
        drawn.append(pyplot.figure(figsize=(1, 1)))
        drawn[-1].gca().plot(range(count + 1))
    writer.add_figure("one", drawn[0], 1, close=False)
    writer.add_figure("both", drawn, 2)
    assert not pyplot.get_fignums()


def words(writer, framework):
    writer.add_text("note", "**LeNet** học", 7)


def hyperparameters(writer, framework):
    rates = {"lr": [0.1, 0.2]}
    writer.add_hparams({"lr": 0.1, "nesterov": True, "kind": "sgd"}, {"hparam/loss": 0.5}, rates, "first", 3)
    writer.add_hparams(
        {"skipped": None, "kind": "adam"}, {"hparam/loss": framework.tensor(0.5)}, run_name="b"
    )


def closed_and_opened_again(writer, framework):
    writer.add_scalar("loss", 1, 0)
    writer.close()
    writer.add_scalar("loss", 2, 1)
    writer.flush()


WRITINGS = [scalars, charts, histograms, pictures, figures, words, hyperparameters, closed_and_opened_again]


def _pixels(encoded):
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(encoded))
    return picture.mode, picture.size, picture.tobytes()


def _events(folder):
    """Return every event of every file, by folder, without when and by whom it was written."""
    found = {}
    for path in sorted(folder.rglob("events.*")):
        events = found.setdefault(str(path.parent.relative_to(folder)), [])
        for record in RawEventFileLoader(str(path)).Load():
            event = Event.FromString(record)
            event.ClearField("wall_time")
            event.ClearField("source_metadata")
            pictures = []
            for value in event.summary.value:
                if value.HasField("image"):
                    pictures.append(_pixels(value.image.encoded_image_string))
                    value.image.ClearField("encoded_image_string")  # another compression of the same
            events.append((event, pictures))
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("writing", WRITINGS, ids=lambda writing: writing.__name__)
def test_writes_the_events_that_pytorch_writes(writing, tmp_path):
    theirs = importlib.import_module("torch.utils.tensorboard").SummaryWriter
    for framework, make in ((torch, theirs), (lampas, SummaryWriter)):
        with make(tmp_path / framework.__name__, purge_step=1) as writer:
            writing(writer, framework)
    expected = _events(tmp_path / "torch")
    assert len(expected) and _events(tmp_path / "lampas") == expected


MISUSES = {
    "two numbers": lambda writer, framework: writer.add_scalar("loss", framework.zeros(2)),
    "a text as number": lambda writer, framework: writer.add_scalar("loss", [1.0]),
    "nothing to spread": lambda writer, framework: writer.add_histogram("weights", framework.zeros(0)),
    "no dimension named": lambda writer, framework: writer.add_image("one", framework.zeros(3, 2)),
    "a dimension named twice": lambda writer, framework: writer.add_image(
        "one", framework.zeros(3, 2), dataformats="HH"
    ),
    "no dictionary": lambda writer, framework: writer.add_hparams([1], {}),
    "a list as value": lambda writer, framework: writer.add_hparams({"sizes": [1]}, {}),
    "a domain of another type": lambda writer, framework: writer.add_hparams({"lr": 0.1}, {}, {"lr": ["a"]}),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("misuse", MISUSES.values(), ids=MISUSES)
def test_refuses_what_pytorch_refuses(misuse, tmp_path):
    theirs = importlib.import_module("torch.utils.tensorboard").SummaryWriter
    raised = []
    for framework, make in ((torch, theirs), (lampas, SummaryWriter)):
        with make(tmp_path / framework.__name__) as writer, pytest.raises(Exception) as caught:
            misuse(writer, framework)
        raised.append((caught.type, " ".join(str(caught.value).split())))
    assert raised[0] == raised[1]


def test_the_default_folder_names_the_time_and_the_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with SummaryWriter(comment="_lenet") as writer:
        folder = tmp_path / writer.get_logdir()
    assert folder.parent == tmp_path / "runs" and folder.name.endswith("_lenet")
    assert list(folder.glob("events.out.tfevents.*"))
