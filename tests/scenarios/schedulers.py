"""What learning rate schedulers do, as scenarios to play with lampas and with PyTorch."""

from scenarios.playing import attempt, attempt_all

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> plain values to those played with lampas and with PyTorch."""
    SCENARIOS.append(function)
    return function


def make_optimizer(framework, nn, name="SGD", **keywords):
    """Return an optimizer of two groups with their own learning rates."""
    groups = [
        {"params": [nn.Parameter(framework.ones(2))]},
        {"params": [nn.Parameter(framework.ones(1))], "lr": 0.03},
    ]
    if name == "SGD":
        keywords.setdefault("momentum", 0.9)
    return getattr(framework.optim, name)(groups, lr=0.1, **keywords)


class Halving:
    """A callable with state, which a state dict carries."""

    def __init__(self):
        self.base = 0.5

    def __call__(self, epoch):
        return self.base**epoch


MAKERS = {
    "StepLR": lambda kinds, optimizer: kinds.StepLR(optimizer, 3, gamma=0.5),
    "MultiStepLR": lambda kinds, optimizer: kinds.MultiStepLR(optimizer, [2, 5, 5, 9], gamma=0.3),
    "ConstantLR": lambda kinds, optimizer: kinds.ConstantLR(optimizer, factor=0.3, total_iters=4),
    "LinearLR": lambda kinds, optimizer: kinds.LinearLR(optimizer, 0.2, 0.9, total_iters=6),
    "ExponentialLR": lambda kinds, optimizer: kinds.ExponentialLR(optimizer, gamma=0.9),
    "PolynomialLR": lambda kinds, optimizer: kinds.PolynomialLR(optimizer, total_iters=8, power=2.0),
    "CosineAnnealingLR": lambda kinds, optimizer: kinds.CosineAnnealingLR(optimizer, 7, eta_min=0.001),
    "CosineAnnealingWarmRestarts": lambda kinds, optimizer: kinds.CosineAnnealingWarmRestarts(
        optimizer, 4, T_mult=2, eta_min=1e-4
    ),
    "LambdaLR": lambda kinds, optimizer: kinds.LambdaLR(optimizer, [lambda epoch: 0.9**epoch, Halving()]),
    "MultiplicativeLR": lambda kinds, optimizer: kinds.MultiplicativeLR(optimizer, lambda epoch: 0.95),
    "CyclicLR": lambda kinds, optimizer: kinds.CyclicLR(optimizer, 0.01, 0.2, step_size_up=4),
    "OneCycleLR": lambda kinds, optimizer: kinds.OneCycleLR(optimizer, [0.5, 0.2], total_steps=20),
    "ReduceLROnPlateau": lambda kinds, optimizer: kinds.ReduceLROnPlateau(optimizer, factor=0.5, patience=2),
    "SequentialLR": lambda kinds, optimizer: kinds.SequentialLR(
        optimizer,
        [
            kinds.ConstantLR(optimizer, factor=0.1, total_iters=3),
            kinds.ExponentialLR(optimizer, 0.8),
            kinds.CosineAnnealingLR(optimizer, 4),
        ],
        milestones=[4, 7],
    ),
    "ChainedScheduler": lambda kinds, optimizer: kinds.ChainedScheduler(
        [kinds.LinearLR(optimizer, 0.1, total_iters=3), kinds.ExponentialLR(optimizer, gamma=0.8)]
    ),
}
MORE_OF_A_KIND = {
    "CyclicLR of halves": lambda kinds, optimizer: kinds.CyclicLR(
        optimizer, [0.01, 0.02], [0.2, 0.1], step_size_up=2, step_size_down=3, mode="triangular2"
    ),
    "CyclicLR of powers": lambda kinds, optimizer: kinds.CyclicLR(
        optimizer, 0.01, 0.2, step_size_up=3, mode="exp_range", gamma=0.95, cycle_momentum=False
    ),
    "CyclicLR of a function": lambda kinds, optimizer: kinds.CyclicLR(
        optimizer, 0.01, 0.2, step_size_up=3, scale_fn=Halving(), scale_mode="iterations"
    ),
    "OneCycleLR of three": lambda kinds, optimizer: kinds.OneCycleLR(
        optimizer,
        max_lr=0.5,
        epochs=5,
        steps_per_epoch=4,
        anneal_strategy="linear",
        three_phase=True,
        base_momentum=[0.8, 0.7],
        div_factor=10,
    ),
    "restarts of one length": lambda kinds, optimizer: kinds.CosineAnnealingWarmRestarts(optimizer, 3),
}
METRICS = [1, 0.9, 0.8, 0.81, 0.82, 0.83, 0.84, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7]


def advance(optimizer, scheduler, number):
    """Take a step of both, as training does."""
    optimizer.step()
    if hasattr(scheduler, "patience"):
        scheduler.step(METRICS[min(number, len(METRICS) - 1)])
    else:
        scheduler.step()


def rates(optimizer, scheduler):
    """Return what the groups show, and what the scheduler says."""
    options = [
        [group["lr"], group.get("initial_lr"), group.get("momentum", group.get("betas"))]
        for group in optimizer.param_groups
    ]
    return [
        options,
        scheduler.get_last_lr(),
        scheduler.last_epoch if hasattr(scheduler, "last_epoch") else None,
    ]


@scenario
def schedules(framework, nn):
    results = {}
    for name, maker in {**MAKERS, **MORE_OF_A_KIND}.items():
        optimizer = make_optimizer(framework, nn)
        scheduler = maker(framework.optim.lr_scheduler, optimizer)
        results[name] = [rates(optimizer, scheduler)]
        for number in range(18):
            advance(optimizer, scheduler, number)
            results[name].append(rates(optimizer, scheduler))
    return results


@scenario
def schedules_with_betas(framework, nn):
    results = {}
    for name in ("CyclicLR", "OneCycleLR"):
        optimizer = make_optimizer(framework, nn, "Adam")
        scheduler = MAKERS[name](framework.optim.lr_scheduler, optimizer)
        for number in range(6):
            advance(optimizer, scheduler, number)
        results[name] = rates(optimizer, scheduler)
    return results


@scenario
def rates_in_tensors(framework, nn):
    results = {}
    for name in ("StepLR", "LambdaLR", "CosineAnnealingLR", "CyclicLR", "ReduceLROnPlateau"):
        rate = framework.tensor(0.1, dtype=framework.float64)
        optimizer = framework.optim.SGD([nn.Parameter(framework.ones(2))], lr=rate, momentum=0.9)
        maker = MAKERS[name]
        if name == "LambdaLR":
            scheduler = framework.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.9**epoch)
        else:
            scheduler = maker(framework.optim.lr_scheduler, optimizer)
        for number in range(6):
            advance(optimizer, scheduler, number)
        group = optimizer.param_groups[0]
        results[name] = [rate, group["lr"] is rate, group.get("initial_lr"), scheduler.get_last_lr()]
    return results


@scenario
def states(framework, nn):
    """A scheduler that takes over the state of another goes on as that one does."""
    results = {}
    for name, maker in {**MAKERS, **MORE_OF_A_KIND}.items():
        optimizer = make_optimizer(framework, nn)
        scheduler = maker(framework.optim.lr_scheduler, optimizer)
        for number in range(5):
            advance(optimizer, scheduler, number)
        state = scheduler.state_dict()
        names = sorted(set(state) - {"_scale_fn_ref", "_anneal_func_type", "_schedule_phases"})
        other_optimizer = make_optimizer(framework, nn)
        other = maker(framework.optim.lr_scheduler, other_optimizer)
        other_optimizer.load_state_dict(optimizer.state_dict())
        other.load_state_dict(state)
        for number in range(5, 9):
            advance(other_optimizer, other, number)
        results[name] = [names, rates(other_optimizer, other)]
    return results


@scenario
def going_to_an_epoch(framework, nn):
    results = {}
    for name, maker in MAKERS.items():
        if name in ("ReduceLROnPlateau", "SequentialLR", "ChainedScheduler"):
            continue
        optimizer = make_optimizer(framework, nn)
        scheduler = maker(framework.optim.lr_scheduler, optimizer)
        optimizer.step()
        results[name] = []
        for epoch in (6, 2, 13):
            results[name].append(
                [attempt(lambda at=epoch, of=scheduler: of.step(at)), rates(optimizer, scheduler)]
            )
    return results


@scenario
def fractions_of_an_epoch(framework, nn):
    results = []
    for multiple in (1, 2):
        optimizer = make_optimizer(framework, nn)
        scheduler = framework.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 3, multiple)
        for epoch in (0.25, 2.75, 3, 8.5, 20):
            scheduler.step(epoch)
            results.append([rates(optimizer, scheduler), scheduler.T_cur, scheduler.T_i])
        results.append(attempt(lambda scheduler=scheduler: scheduler.step(-1)))
    return results


@scenario
def calls_in_the_wrong_order(framework, nn):
    kinds = framework.optim.lr_scheduler
    optimizer = make_optimizer(framework, nn)
    scheduler = kinds.StepLR(optimizer, 1)
    scheduler.step()  # warns: before optimizer.step()
    scheduler.step()
    replaced = make_optimizer(framework, nn)
    scheduler = kinds.StepLR(replaced, 1)
    replaced.step = lambda: None
    scheduler.step()  # warns: the step is another one
    late = make_optimizer(framework, nn)
    late.step()
    kinds.StepLR(late, 1).step()  # warns: the step came before the scheduler
    good = make_optimizer(framework, nn)
    scheduler = kinds.StepLR(good, 1)
    good.step()
    scheduler.step()
    return [scheduler.get_lr(), [group["lr"] for group in good.param_groups]]  # get_lr warns


@scenario
def resuming(framework, nn):
    results = []
    for name in ("StepLR", "ExponentialLR", "CosineAnnealingLR", "LinearLR"):
        optimizer = make_optimizer(framework, nn)
        kind = getattr(framework.optim.lr_scheduler, name)
        options = {"StepLR": [2], "ExponentialLR": [0.5], "CosineAnnealingLR": [6], "LinearLR": []}[name]
        results.append(attempt(lambda o=optimizer, k=kind, a=options: k(o, *a, last_epoch=3))[0])
        for group in optimizer.param_groups:
            group["initial_lr"] = 0.2
        scheduler = kind(optimizer, *options, last_epoch=3)
        results.append(rates(optimizer, scheduler))
        optimizer.step()
        scheduler.step()
        results.append(rates(optimizer, scheduler))
    return results


@scenario
def plateaus(framework, nn):
    results = []
    for keywords in (
        {"mode": "max", "patience": 1, "cooldown": 2},
        {"threshold_mode": "abs", "threshold": 0.05, "patience": 0, "min_lr": [0.02, 0.01]},
        {"mode": "max", "threshold_mode": "abs", "patience": 0, "factor": 0.5, "eps": 0.02},
    ):
        optimizer = make_optimizer(framework, nn)
        scheduler = framework.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **keywords)
        for metric in METRICS:
            scheduler.step(framework.tensor(metric))
            results.append([rates(optimizer, scheduler), scheduler.num_bad_epochs, scheduler.in_cooldown])
    scheduler.step(1.0, epoch=40)
    return [*results, scheduler.last_epoch]


@scenario
def a_group_added_later(framework, nn):
    results = []
    for lowest in (0.05, [0.05, 0.01]):
        optimizer = make_optimizer(framework, nn)
        scheduler = framework.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, min_lr=lowest)
        optimizer.add_param_group({"params": [nn.Parameter(framework.ones(3))], "lr": 4.0})
        scheduler.step(1.0)
        results.append(
            [attempt(lambda scheduler=scheduler: scheduler.step(1.0)), rates(optimizer, scheduler)]
        )
    return results


@scenario
def own_schedulers(framework, nn):
    class Alternating(framework.optim.lr_scheduler.LRScheduler):
        def get_lr(self):
            return [base_lr * (1 + self.last_epoch % 2) for base_lr in self.base_lrs]

    optimizer = make_optimizer(framework, nn)
    scheduler = Alternating(optimizer)
    results = []
    for _ in range(3):
        optimizer.step()
        scheduler.step()
        results.append(scheduler.get_last_lr())
    return [*results, attempt(lambda: framework.optim.lr_scheduler.LRScheduler(optimizer))]


@scenario
def wrong_schedulers(framework, nn):
    kinds = framework.optim.lr_scheduler
    optimizer, other = make_optimizer(framework, nn), make_optimizer(framework, nn)
    plain = make_optimizer(framework, nn, "Adagrad")
    step = kinds.StepLR(optimizer, 1)
    plateau = kinds.ReduceLROnPlateau(optimizer)
    one_cycle = kinds.OneCycleLR(other, 0.5, total_steps=2)
    results = attempt_all(
        lambda: kinds.StepLR([], 1),
        lambda: kinds.CyclicLR(3, 0.1, 0.2),
        lambda: kinds.OneCycleLR(None, 0.1),
        lambda: kinds.ReduceLROnPlateau("x"),
        lambda: kinds.LambdaLR(optimizer, [lambda epoch: 1.0]),
        lambda: kinds.MultiplicativeLR(optimizer, 0.5),
        lambda: kinds.ConstantLR(optimizer, factor=1.5),
        lambda: kinds.LinearLR(optimizer, start_factor=0),
        lambda: kinds.LinearLR(optimizer, end_factor=-1),
        lambda: kinds.CosineAnnealingWarmRestarts(optimizer, 0),
        lambda: kinds.CosineAnnealingWarmRestarts(optimizer, 1, T_mult=0.5),
        lambda: kinds.CosineAnnealingWarmRestarts(optimizer, 1, eta_min="low"),
        lambda: kinds.CyclicLR(optimizer, 0.1, 0.2, mode="square"),
        lambda: kinds.CyclicLR(optimizer, [0.1], 0.2),
        lambda: kinds.CyclicLR(plain, 0.1, 0.2),
        lambda: kinds.OneCycleLR(optimizer, 0.1),
        lambda: kinds.OneCycleLR(optimizer, 0.1, total_steps=0),
        lambda: kinds.OneCycleLR(optimizer, 0.1, epochs=1.5, steps_per_epoch=2),
        lambda: kinds.OneCycleLR(optimizer, 0.1, epochs=2, steps_per_epoch=-2),
        lambda: kinds.OneCycleLR(optimizer, 0.1, total_steps=5, pct_start=2),
        lambda: kinds.OneCycleLR(optimizer, 0.1, total_steps=5, anneal_strategy="steep"),
        lambda: kinds.OneCycleLR(plain, 0.1, total_steps=5),
        lambda: kinds.ReduceLROnPlateau(optimizer, factor=1.0),
        lambda: kinds.ReduceLROnPlateau(optimizer, mode="least"),
        lambda: kinds.ReduceLROnPlateau(optimizer, threshold_mode="far"),
        lambda: kinds.ReduceLROnPlateau(optimizer, min_lr=[0.1]),
        lambda: kinds.SequentialLR(optimizer, [], []),
        lambda: kinds.SequentialLR(optimizer, [step, plateau], [1]),
        lambda: kinds.SequentialLR(optimizer, [step], [1]),
        lambda: kinds.SequentialLR(optimizer, [step, 3], [1]),
        lambda: kinds.ChainedScheduler([]),
        lambda: kinds.ChainedScheduler([step, plateau]),
    )
    different = attempt(lambda: kinds.SequentialLR(other, [step], []))
    beyond = [attempt(one_cycle.step) for _ in range(4)]
    return [results, different[0], beyond]
