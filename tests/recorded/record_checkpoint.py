"""Writes tests/recorded/checkpoint.pt: what PyTorch saves of the objects in tests/checkpoint_contents.py."""

import sys
import warnings
from pathlib import Path

import torch

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from checkpoint_contents import contents  # noqa: E402

warnings.simplefilter("ignore")
torch.save(contents(torch), FOLDER / "checkpoint.pt")
