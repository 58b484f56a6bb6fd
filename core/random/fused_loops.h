// Arithmetic on blocks of draws, fused (one rounding for a * b + c) wherever PyTorch's compiled code is:
// on x86-64 with AVX2 and FMA. The processor decides, not the instruction set forced on the kernels, so that
// a seed gives the same values under each of them.
#pragma once
#include <cstdint>

namespace lampas {

// One uniform value of [from, to) from each word (float: its low 24 bits) or each pair of words, high word
// first (double: the low 53 bits).
void scale_words(const uint32_t* words, float* output, int64_t count, float from, float to);
void scale_words(const uint32_t* words, double* output, int64_t count, double from, double to);

// Box-Muller in place on blocks of 16 uniform values of [0, 1): values i and i + 8 of a block make a pair.
void normal_blocks(float* values, int64_t block_count, float mean, float std);
void normal_blocks(double* values, int64_t block_count, double mean, double std);

// value * factor + addend, rounded as PyTorch's scalar loops round it.
double scale_and_shift(double value, double factor, double addend);

}  // namespace lampas
