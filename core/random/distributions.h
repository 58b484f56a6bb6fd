// Fills contiguous memory with draws, value by value as PyTorch's CPU generator gives them.
#pragma once
#include <cstdint>

#include "core/random/generator.h"
#include "core/tensor/dtype.h"

namespace lampas {

// Each function writes `count` elements of `dtype` to `output` and holds the generator's lock meanwhile.
// Memory that is not contiguous is filled through a contiguous copy. A dtype that a distribution does not
// name is the caller's error and throws std::invalid_argument.

// Uniform on [from, to); floating dtypes.
void fill_uniform(void* output, DType dtype, int64_t count, double from, double to, Generator& generator);

// Normal; floating dtypes. PyTorch draws contiguous tensors of 16 elements and more in blocks of 16 by a
// float Box-Muller transform, others one by one in double precision: `in_blocks` says which it would be.
void fill_normal(void* output, DType dtype, int64_t count, double mean, double std, bool in_blocks,
                 Generator& generator);

// Exponential with rate `lambda`, Cauchy, log-normal; floating dtypes.
void fill_exponential(void* output, DType dtype, int64_t count, double lambda, Generator& generator);
void fill_cauchy(void* output, DType dtype, int64_t count, double median, double sigma, Generator& generator);
void fill_log_normal(void* output, DType dtype, int64_t count, double mean, double std, Generator& generator);

// Trials up to the first success of probability `p`; every real dtype but bool.
void fill_geometric(void* output, DType dtype, int64_t count, double p, Generator& generator);

// One with probability `p`, else zero; every real dtype. Dropout's mask is this with 1 - p.
void fill_bernoulli(void* output, DType dtype, int64_t count, double p, Generator& generator);
// With one probability for each element. PyTorch compares doubles where `p` is float64, else floats.
void fill_bernoulli(void* output, DType dtype, int64_t count, const double* p, Generator& generator);
void fill_bernoulli(void* output, DType dtype, int64_t count, const float* p, Generator& generator);

// Integers of [base, base + range): random_(from, to) and randint; every real dtype.
void fill_random_range(void* output, DType dtype, int64_t count, uint64_t range, int64_t base,
                       Generator& generator);
// random_() without bounds: up to the dtype's largest value, or the largest exact integer of a floating one.
void fill_random(void* output, DType dtype, int64_t count, Generator& generator);
// random_(-2**63, None): all 64 bits.
void fill_random_64_bits(void* output, DType dtype, int64_t count, Generator& generator);

// randperm: a permutation of 0 ... count - 1; every real dtype but bool.
void fill_permutation(void* output, DType dtype, int64_t count, Generator& generator);

}  // namespace lampas
