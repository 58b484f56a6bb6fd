// Contracts: elementwise functions, chosen by their row in elementwise_rows.h.
#pragma once

#include "core/kernels/elementwise_rows.h"
#include "core/kernels/kernel.h"

namespace lampas::kernels {

// Inputs broadcast to the output's sizes and have its dtype; any strides. An input may be the output.
inline constinit Kernel<void(UnaryFunction function, const Parameter* parameters, const Tensor& input,
                             const Tensor& output)>
    unary{"unary"};
inline constinit Kernel<void(BinaryFunction function, const Parameter* parameters, const Tensor& input,
                             const Tensor& other, const Tensor& output)>
    binary{"binary"};
// The output is bool.
inline constinit Kernel<void(ComparisonFunction function, const Tensor& input, const Tensor& other,
                             const Tensor& output)>
    comparison{"comparison"};
inline constinit Kernel<void(TernaryFunction function, const Parameter* parameters, const Tensor& first,
                             const Tensor& second, const Tensor& third, const Tensor& output)>
    ternary{"ternary"};
// condition is bool; input, other and output have one dtype.
inline constinit Kernel<void(const Tensor& condition, const Tensor& input, const Tensor& other,
                             const Tensor& output)>
    where{"where"};

}  // namespace lampas::kernels
