// What ops that draw random numbers share. A null generator stands for the default one.
#pragma once

#include "core/ops/creation.h"
#include "core/ops/shared_generator.h"

namespace lampas {

using GeneratorArgument = Reference<Opaque>;

// The output for draws, in the dtype and on the device of the first of the tensors they depend on or
// overwrite; the gradient of each of these is zero.
Tensor drawn_output(Call& call, const char* node_name, const Shape& sizes,
                    std::initializer_list<InputReference> inputs);

// Overwrites a tensor with integers of [from, to), which its dtype must hold.
void draw_between(int64_t from, int64_t to, const GeneratorArgument& generator, const Tensor& output);

}  // namespace lampas
