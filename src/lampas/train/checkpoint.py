"""Checkpoints: files in PyTorch's format, from which a run goes on bit for bit and a model is used."""

import argparse
import os
import pickle

import lampas
from lampas.train.models import make_model
from lampas.train.problem import Problem

FORMAT = 1


def state_of(model, optimizer, settings, progress):
    """Return what a checkpoint holds.

    Args:
        model (Module): its parameters and buffers are kept.
        optimizer (Optimizer): its state is kept.
        settings (dict): the run's options, shape, classes and spread of pixels.
        progress (dict): "epoch", "rows" of metrics, "best_epoch".
    """
    return {
        "format": FORMAT,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": lampas.get_rng_state(),
        "settings": settings,
        "progress": progress,
    }


def read(path):
    """Return what a checkpoint holds; a Problem where the file is missing, broken or of another kind."""
    if os.path.isdir(path):
        best = os.path.join(path, "best.pt")
        path = best if os.path.exists(best) else os.path.join(path, "last.pt")
    try:
        state = lampas.load(path)
    except FileNotFoundError:
        raise Problem(f"there is no {path}") from None
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise Problem(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise Problem(f"{path} is no checkpoint of `lampas train`")
    return state


def model_of(state):
    """Return the trained model of a checkpoint; a Problem where its weights do not fit."""
    settings = state["settings"]
    model = make_model(settings["model"], tuple(settings["shape"]), len(settings["classes"]))
    try:
        model.load_state_dict(state["model"])
    except RuntimeError as error:
        raise Problem(f"the weights do not fit {settings['model']}: {error}") from error
    return model


def options_of(settings):
    """Return a run's options as the command line gives them."""
    return argparse.Namespace(**settings)
