"""All scenarios, by the file under tests/recorded/ that holds what PyTorch gives for them."""

from scenarios import (
    attention,
    containers,
    data,
    derivatives,
    divergences,
    functions,
    layers,
    losses,
    modules,
    normalised,
    optimizers,
    own_distributions,
    parametrized,
    probability,
    pruning,
    random_transforms,
    recurrence,
    schedulers,
    stepping,
    values,
)

SCENARIO_LISTS = {
    "attention_behaviour.json": attention.SCENARIOS,
    "module_behaviour.json": modules.SCENARIOS + containers.SCENARIOS,
    "data_behaviour.json": data.SCENARIOS,
    "derivative_behaviour.json": derivatives.SCENARIOS,
    "function_behaviour.json": functions.SCENARIOS,
    "layer_behaviour.json": layers.SCENARIOS,
    "loss_behaviour.json": losses.SCENARIOS,
    "optimizer_behaviour.json": optimizers.SCENARIOS,
    "parametrized_behaviour.json": parametrized.SCENARIOS + normalised.SCENARIOS,
    "pruning_behaviour.json": pruning.SCENARIOS,
    "distribution_behaviour.json": probability.SCENARIOS + own_distributions.SCENARIOS,
    "divergence_behaviour.json": divergences.SCENARIOS + random_transforms.SCENARIOS,
    "recurrent_behaviour.json": recurrence.SCENARIOS,
    "scheduler_behaviour.json": schedulers.SCENARIOS,
    "stepping_float32.json": stepping.scenarios_of("float32"),
    "stepping_float64.json": stepping.scenarios_of("float64"),
    "values.json": values.SCENARIOS,
}

# Sums and products are rounded in another order than PyTorch's, and its float32 square roots are a bit off;
# everything else is the same to the last bit.
TOLERANCES = {
    "attention_behaviour.json": 1e-10,
    "derivative_behaviour.json": 1e-6,
    "distribution_behaviour.json": 1e-6,
    "divergence_behaviour.json": 1e-6,
    "function_behaviour.json": 1e-10,
    "parametrized_behaviour.json": 1e-10,
    "pruning_behaviour.json": 1e-10,
    "recurrent_behaviour.json": 1e-10,
    "layer_behaviour.json": 1e-5,
    "loss_behaviour.json": 1e-12,
    "values.json": 1e-5,
    "stepping_float32.json": 5e-6,
    "stepping_float64.json": 1e-12,
}
