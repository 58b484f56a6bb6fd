"""All scenarios, by the file under tests/recorded/ that holds what PyTorch gives for them."""

import container_scenarios
import data_scenarios
import module_scenarios
import optimizer_scenarios
import value_scenarios

SCENARIO_LISTS = {
    "module_behaviour.json": module_scenarios.SCENARIOS + container_scenarios.SCENARIOS,
    "data_behaviour.json": data_scenarios.SCENARIOS,
    "optimizer_behaviour.json": optimizer_scenarios.SCENARIOS,
    "values.json": value_scenarios.SCENARIOS,
}

# Sums and products are rounded in another order than PyTorch's; everything else is the same to the last bit.
TOLERANCES = {"values.json": 1e-5}
