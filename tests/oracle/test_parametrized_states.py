"""State dicts of parametrized and pruned modules: one framework saves them, the other loads and goes on."""

import importlib
import io

import pytest
import torch

import lampas


def parametrized(function, **options):
    def change(framework, layer):
        return getattr(framework.nn.utils.parametrizations, function)(layer, **options)

    return pytest.param(change, id="-".join([function, *map(str, options.values())]))


def pruned(name, **options):
    def change(framework, layer):
        prune = importlib.import_module(f"{framework.__name__}.nn.utils.prune")
        changed = getattr(prune, name)(layer, "weight", **options)
        return prune.l1_unstructured(changed, "weight", 1)

    return pytest.param(change, id=name)


CHANGES = [
    parametrized("weight_norm"),
    parametrized("weight_norm", dim=None),
    parametrized("spectral_norm"),
    parametrized("spectral_norm", name="bias"),
    parametrized("orthogonal", orthogonal_map="matrix_exp"),
    parametrized("orthogonal", orthogonal_map="cayley"),
    parametrized("orthogonal", orthogonal_map="householder"),
    parametrized("orthogonal", orthogonal_map="householder", use_trivialization=False),
    pruned("identity"),
    pruned("random_unstructured", amount=0.4),
    pruned("ln_structured", amount=1, n=2, dim=0),
]


def network(framework, change, seed):
    framework.manual_seed(seed)
    changed = change(framework, framework.nn.Linear(4, 3).double())
    return framework.nn.Sequential(changed, framework.nn.Tanh(), framework.nn.Linear(3, 2).double())


def stepped(framework, net):
    """Train a step and return the state in evaluation mode, with the results."""
    inputs = framework.arange(8.0, dtype=framework.float64).reshape(2, 4) / 8
    optimizer = framework.optim.SGD(net.parameters(), lr=0.1)
    net.train()(inputs).square().sum().backward()
    optimizer.step()
    results = net.eval()(inputs)
    return [results.detach().tolist(), {key: value.tolist() for key, value in net.state_dict().items()}]


def close(ours, theirs):
    (our_results, our_state), (their_results, their_state) = ours, theirs
    assert list(our_state) == list(their_state)
    for ours, theirs in [
        (our_results, their_results),
        *((our_state[key], their_state[key]) for key in our_state),
    ]:
        torch.testing.assert_close(torch.tensor(ours), torch.tensor(theirs), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("source, target", [(torch, lampas), (lampas, torch)], ids=["to_ours", "from_ours"])
def test_a_state_goes_over(source, target, change):
    saved, fresh = network(source, change, seed=0), network(target, change, seed=1)
    stepped(source, saved)
    file = io.BytesIO()
    source.save(saved.state_dict(), file)
    file.seek(0)
    assert repr(fresh.load_state_dict(target.load(file))) == "<All keys matched successfully>"
    assert repr(fresh) == repr(saved)
    saved.zero_grad()
    close(stepped(target, fresh), stepped(source, saved))


def test_what_the_older_weight_norm_saved_goes_over():
    with pytest.warns(FutureWarning):
        older = torch.nn.utils.weight_norm(torch.nn.Linear(4, 3))
    file = io.BytesIO()
    torch.save(older.state_dict(), file)
    file.seek(0)
    layer = lampas.nn.utils.parametrizations.weight_norm(lampas.nn.Linear(4, 3))
    layer.load_state_dict(lampas.load(file))
    torch.testing.assert_close(torch.tensor(layer.weight.tolist()), older.weight.detach())
