"""`lampas compare` on a script that trains a network: PyTorch and Lampas print the same."""

from lampas.train.command_line import main

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


def test_a_training_prints_the_same(tmp_path, capsys):
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    assert main(["compare", str(path)]) == 0
    output = capsys.readouterr().out
    assert "output: the same, 9 lines" in output
    ratio = float(next(line for line in output.splitlines() if line.startswith("peak memory")).split()[-1])
    assert ratio > 2  # Lampas is the lighter one
