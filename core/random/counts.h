// Draws of counts, value by value as PyTorch's CPU generator gives them: Poisson and binomial.
#pragma once

#include "core/random/generator.h"

namespace lampas {

// How many events happen at a rate, which is not negative.
double draw_poisson(double rate, Generator& generator);
// How many of `count` trials succeed, each with `probability`.
double draw_binomial(double count, double probability, Generator& generator);

}  // namespace lampas
