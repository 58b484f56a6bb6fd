"""`lampas compare` on a script that trains a network: PyTorch and Lampas print the same."""

import subprocess
import sys

SCRIPT = """
import torch
from torch import nn, optim

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3))
optimizer = optim.Adam(model.parameters())
input, target = torch.randn(32, 20), torch.randint(0, 3, (32,))
for step in range(20):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(input), target)
    loss.backward()
    optimizer.step()
print(model, loss, loss.grad_fn, type(input), sep="\\n")
"""


def test_a_training_prints_the_same(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    # In a process of its own: a peak of memory counts what the process held that started it.
    command = [sys.executable, "-m", "lampas", "compare", str(path)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    output = finished.stdout
    assert "output: the same, 9 lines" in output
    ratio = float(next(line for line in output.splitlines() if line.startswith("peak memory")).split()[-1])
    assert ratio > 2  # Lampas is the lighter one
