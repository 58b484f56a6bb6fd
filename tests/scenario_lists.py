"""All scenarios, by the file under tests/recorded/ that holds what PyTorch gives for them."""

import attention_scenarios
import container_scenarios
import data_scenarios
import layer_scenarios
import loss_scenarios
import module_scenarios
import optimizer_scenarios
import recurrent_scenarios
import scheduler_scenarios
import stepping_scenarios
import value_scenarios

SCENARIO_LISTS = {
    "attention_behaviour.json": attention_scenarios.SCENARIOS,
    "module_behaviour.json": module_scenarios.SCENARIOS + container_scenarios.SCENARIOS,
    "data_behaviour.json": data_scenarios.SCENARIOS,
    "layer_behaviour.json": layer_scenarios.SCENARIOS,
    "loss_behaviour.json": loss_scenarios.SCENARIOS,
    "optimizer_behaviour.json": optimizer_scenarios.SCENARIOS,
    "recurrent_behaviour.json": recurrent_scenarios.SCENARIOS,
    "scheduler_behaviour.json": scheduler_scenarios.SCENARIOS,
    "stepping_float32.json": stepping_scenarios.scenarios_of("float32"),
    "stepping_float64.json": stepping_scenarios.scenarios_of("float64"),
    "values.json": value_scenarios.SCENARIOS,
}

# Sums and products are rounded in another order than PyTorch's, and its float32 square roots are a bit off;
# everything else is the same to the last bit.
TOLERANCES = {
    "attention_behaviour.json": 1e-10,
    "recurrent_behaviour.json": 1e-10,
    "layer_behaviour.json": 1e-5,
    "loss_behaviour.json": 1e-12,
    "values.json": 1e-5,
    "stepping_float32.json": 5e-6,
    "stepping_float64.json": 1e-12,
}
