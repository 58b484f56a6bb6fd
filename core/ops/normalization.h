// What the normalising ops share: checks, and their formulas in ops. Each has one fused kernel forward and
// one backward; where the backward itself is differentiated, or runs under vmap or forward mode, ops take its
// place.
#pragma once

#include "core/ops/op.h"

namespace lampas::normalization {

using Three = std::tuple<Tensor, Tensor, Tensor>;

DType statistics_dtype(const Tensor& input);
// A zero-dimensional tensor beside `tensor`.
Tensor number_like(const Tensor& tensor, double value);
bool is_wrapped(std::initializer_list<InputReference> tensors);
// Whether something will differentiate or transform what is done with these tensors.
bool needs_ops(std::initializer_list<InputReference> tensors);

void check_dtype(const Tensor& input, const char* kernel);
// Parameters have the input's dtype, or float32 beside an input of a half type.
void check_parameter_dtypes(const Tensor& input, std::initializer_list<InputReference> parameters);

// Over which dims of `input` statistics are taken, and over which the gradients of the parameters are summed.
struct Folding {
  Shape statistics, parameters;
};
// The formula of kernels/cpu/normalization.cpp in ops. weight broadcasts with input. mean_value and inverse:
// constant statistics, or undefined where they come from the input.
Three backward_in_ops(const Tensor& grad, const Tensor& input, const Tensor& weight, Tensor mean_value,
                      Tensor inverse, double eps, const Folding& folding);
// y = (x - mean) / sqrt(variance + eps) * weight + bias in ops; weight and bias broadcast with the input.
Tensor forward_in_ops(const Tensor& input, const Tensor& weight, const Tensor& bias, double eps,
                      const Shape& statistics);

Tensor reshaped_or_none(const Tensor& tensor, const Shape& sizes);
Tensor new_or_none(bool wanted, const Shape& sizes, DType dtype, Device device);

// Which of the gradients of input, weight and bias to compute; the others are undefined.
Shape mask_of(Wanted wanted, bool weight, bool bias);
Gradients masked(const Three& gradients, const Shape& mask);

// What a user sees of statistics that are kept in another dtype: an output of these sizes.
Tensor reported(Call& call, const Tensor& statistics, const Shape& sizes, DType dtype);

}  // namespace lampas::normalization
