// Contracts: filling with random numbers, value for value as PyTorch's CPU generator draws them.
#pragma once

#include "core/kernels/kernel.h"
#include "core/random/generator.h"

namespace lampas::kernels {

// output: any sizes and strides. Elements are drawn in the order in which they lie in memory.
inline constinit Kernel<void(double from, double to, Generator& generator, const Tensor& output)> uniform{
    "uniform"};
inline constinit Kernel<void(double mean, double std, Generator& generator, const Tensor& output)> normal{
    "normal"};
inline constinit Kernel<void(double rate, Generator& generator, const Tensor& output)> exponential{
    "exponential"};
inline constinit Kernel<void(double median, double sigma, Generator& generator, const Tensor& output)> cauchy{
    "cauchy"};
inline constinit Kernel<void(double mean, double std, Generator& generator, const Tensor& output)> log_normal{
    "log_normal"};
inline constinit Kernel<void(double p, Generator& generator, const Tensor& output)> geometric{"geometric"};
// output: contiguous; an integer for each rate, or each count and probability, of the output's dtype and
// sizes.
inline constinit Kernel<void(Generator& generator, const Tensor& rates, const Tensor& output)> poisson{
    "poisson"};
inline constinit Kernel<void(Generator& generator, const Tensor& counts, const Tensor& probabilities,
                             const Tensor& output)>
    binomial{"binomial"};
// Between lower and upper where the input is not positive, else 1; drawn in the input's logical order.
inline constinit Kernel<void(double lower, double upper, Generator& generator, const Tensor& input,
                             const Tensor& output)>
    rrelu_noise{"rrelu_noise"};
// 1 with probability p, else 0.
inline constinit Kernel<void(double p, Generator& generator, const Tensor& output)> bernoulli{"bernoulli"};
// p: float32 or float64, the output's sizes: one probability for each element.
inline constinit Kernel<void(const Tensor& p, Generator& generator, const Tensor& output)> bernoulli_each{
    "bernoulli_each"};
// Integers of [base, base + range).
inline constinit Kernel<void(uint64_t range, int64_t base, Generator& generator, const Tensor& output)>
    random_range{"random_range"};
// Integers of the whole range that the dtype holds exactly, from 0 on; all 64 bits where `all_bits`.
inline constinit Kernel<void(bool all_bits, Generator& generator, const Tensor& output)> random_full{
    "random_full"};
// output: (n); a permutation of 0, …, n - 1.
inline constinit Kernel<void(Generator& generator, const Tensor& output)> permutation{"permutation"};

}  // namespace lampas::kernels
