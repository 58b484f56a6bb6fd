"""What the containers do, as scenarios to play with lampas and with PyTorch."""

from scenarios.playing import attempt_all

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> plain values to those played with lampas and with PyTorch."""
    SCENARIOS.append(function)
    return function


@scenario
def sequential_as_a_list(framework, nn):
    def tags(module):
        return [f"{name}:{layer.p}" for name, layer in module.named_children()]

    def make(*numbers):
        return nn.Sequential(*(nn.Dropout(number / 10) for number in numbers))

    net = make(0, 1, 2, 3, 4)
    results = [len(net), net[-1].p, tags(net[1:3]), tags(net[::2]), tags(make(1) + make(2))]
    net[1] = nn.Dropout(0.9)
    del net[0]
    results.append(tags(net))
    del net[::2]
    results.append(tags(net))
    net.append(nn.Dropout(0.5)).extend([nn.Dropout(0.6)]).insert(1, nn.Dropout(0.7))
    results.append(tags(net))
    net += make(8)
    net.insert(-1, nn.Dropout(0.2))
    results += [tags(net), net.pop(0).p, tags(net)]
    results.append([name for name, _ in (make(1, 2) * 3).named_modules(remove_duplicate=False)])
    doubled = make(1)
    doubled *= 3
    results.append(len(doubled))
    return results + attempt_all(
        lambda: net[99],
        lambda: net["a"],
        lambda: net + 3,
        lambda: net * 1.5,
        lambda: net * 0,
        lambda: net.insert(99, nn.ReLU()),
        lambda: net.insert(0, 3),
        lambda: nn.Sequential(3),
        lambda: nn.Sequential(nn.ReLU(), None),
        lambda: dir(net)[:0],
    )


@scenario
def module_list_and_dict(framework, nn):
    modules = nn.ModuleList([nn.Dropout(i / 10) for i in range(5)])
    modules.insert(1, nn.Dropout(0.9))
    modules[0] = nn.Dropout(0.8)
    del modules[2:4]
    results = [
        [layer.p for layer in modules],
        [layer.p for layer in modules[1:]],
        modules.pop(-1).p,
        len(modules),
    ]
    results.append([layer.p for layer in modules + [nn.Dropout(0.3)]])
    by_name = nn.ModuleDict({"a": nn.ReLU()})
    by_name.update([("b", nn.Dropout(0.5)), ["c", nn.Flatten()]])
    results += [list(by_name), "b" in by_name, by_name.pop("b").p, len(by_name), list(by_name.keys())]
    by_name.update(nn.ModuleDict({"z": nn.ReLU()}))
    results.append([name for name, _ in by_name.items()])
    results += attempt_all(
        lambda: modules[9],
        lambda: modules.extend(3),
        lambda: modules.append(3),
        lambda: modules(1),
        lambda: by_name["missing"],
        lambda: by_name.update(3),
        lambda: by_name.update([3]),
        lambda: by_name.update([("a",)]),
        lambda: by_name(1),
    )
    by_name.clear()
    return [*results, len(by_name)]


@scenario
def parameter_containers(framework, nn):
    values = nn.ParameterList([framework.zeros(2), 3, "text"])
    values.append(framework.ones(1))
    values += [nn.Parameter(framework.ones(2))]
    values[0] = framework.full((2,), 5.0)
    results = [len(values), [name for name, _ in values.named_parameters()], values[1], values[-1], values[0]]
    results += [len(values[1:]), repr(values)]
    by_name = nn.ParameterDict([("b", framework.zeros(1)), ("a", framework.ones(1))])
    by_name["c"] = 3
    results += [
        list(by_name),
        list(by_name.keys()),
        by_name.get("x", 7),
        by_name.setdefault("d", 8),
        "c" in by_name,
    ]
    results += [
        by_name.pop("c"),
        by_name.popitem(),
        list(reversed(by_name)),
        repr(by_name),
        list(by_name.copy()),
    ]
    by_name |= {"q": framework.zeros(2)}
    results += [list(by_name | {"r": framework.ones(1)}), list(by_name.fromkeys(["u", "v"], 1))]
    return results + attempt_all(
        lambda: values[9],
        lambda: values.extend(3),
        lambda: values.extend(framework.zeros(2)),
        lambda: values(1),
        lambda: by_name(1),
        lambda: by_name[3],
        lambda: by_name.update(3),
        lambda: by_name.update([3]),
        lambda: by_name.update([("a",)]),
    )
