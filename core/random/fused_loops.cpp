// The loops are written once, for a template parameter that says whether products are fused, and
// compiled twice: with FMA instructions and without.
#include "core/random/fused_loops.h"

#include <cmath>
#include <cstring>

#if defined(__x86_64__)
#define LAMPAS_FUSED_TARGET __attribute__((target("avx2,fma")))
#else
#define LAMPAS_FUSED_TARGET
#endif
#define LAMPAS_INLINE [[gnu::always_inline]] static inline

namespace lampas {
namespace {

constexpr int block_size = 16;
constexpr int pairs = block_size / 2;
constexpr double pi = 3.14159265358979323846;

bool processor_fuses() {
#if defined(__x86_64__)
  static const bool fuses = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return fuses;
#else
  return false;
#endif
}

template <bool fused>
LAMPAS_INLINE float multiply_add(float a, float b, float c) {
  return fused ? __builtin_fmaf(a, b, c) : a * b + c;
}

template <bool fused>
LAMPAS_INLINE double multiply_add(double a, double b, double c) {
  return fused ? __builtin_fma(a, b, c) : a * b + c;
}

template <bool fused>
LAMPAS_INLINE void scale_float_words(const uint32_t* words, float* output, int64_t count, float from,
                                     float to) {
  const float range = to - from;
  for (int64_t index = 0; index < count; ++index) {
    const float value = float(int32_t(words[index] & 0xffffff)) * 0x1p-24f;
    output[index] = multiply_add<fused>(value, range, from);
  }
}

template <bool fused>
LAMPAS_INLINE void scale_double_words(const uint32_t* words, double* output, int64_t count, double from,
                                      double to) {
  const double range = to - from;
  for (int64_t index = 0; index < count; ++index) {
    const uint64_t bits = uint64_t(words[2 * index]) << 32 | words[2 * index + 1];
    const double value = double(int64_t(bits & 0x1fffffffffffff)) * 0x1p-53;
    output[index] = multiply_add<fused>(value, range, from);
  }
}

LAMPAS_FUSED_TARGET void scale_float_words_fused(const uint32_t* words, float* output, int64_t count,
                                                 float from, float to) {
  scale_float_words<true>(words, output, count, from, to);
}

LAMPAS_FUSED_TARGET void scale_double_words_fused(const uint32_t* words, double* output, int64_t count,
                                                  double from, double to) {
  scale_double_words<true>(words, output, count, from, to);
}

// The next three functions follow Cephes (S. Moshier, netlib.org/cephes, single precision logf, sinf and
// cosf: reduction and minimax coefficients), with the fusions that PyTorch's build of the same method has.

// Natural logarithm of x in (0, 1].
LAMPAS_INLINE float logarithm(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const int exponent = int(bits >> 23) - 126;
  bits = (bits & 0x007fffffu) | 0x3f000000u;
  float mantissa;  // of [0.5, 1)
  std::memcpy(&mantissa, &bits, sizeof mantissa);
  const bool small = mantissa < 0.707106781186547524f;
  const float scale = float(exponent) - (small ? 1.0f : 0.0f);
  const float rest = mantissa - 1.0f + (small ? mantissa : 0.0f);
  const float square = rest * rest;
  float series = 7.0376836292e-2f;
  series = __builtin_fmaf(series, rest, -1.1514610310e-1f);
  series = __builtin_fmaf(series, rest, 1.1676998740e-1f);
  series = __builtin_fmaf(series, rest, -1.2420140846e-1f);
  series = __builtin_fmaf(series, rest, 1.4249322787e-1f);
  series = __builtin_fmaf(series, rest, -1.6668057665e-1f);
  series = __builtin_fmaf(series, rest, 2.0000714765e-1f);
  series = __builtin_fmaf(series, rest, -2.4999993993e-1f);
  series = __builtin_fmaf(series, rest, 3.3333331174e-1f);
  series = __builtin_fmaf(series * rest, square, scale * -2.12194440e-4f);
  series = __builtin_fmaf(-square, 0.5f, series);
  return __builtin_fmaf(scale, 0.693359375f, rest + series);
}

// Sine of x in [-pi / 4, pi / 4].
LAMPAS_INLINE float sine_near_zero(float x, float square) {
  float series = -1.9515295891e-4f;
  series = __builtin_fmaf(series, square, 8.3321608736e-3f);
  series = __builtin_fmaf(series, square, -1.6666654611e-1f);
  return __builtin_fmaf(series * square, x, x);
}

// Cosine of an angle in [-pi / 4, pi / 4] from the angle's square.
LAMPAS_INLINE float cosine_near_zero(float square) {
  float series = 2.443315711809948e-5f;
  series = __builtin_fmaf(series, square, -1.388731625493765e-3f);
  series = __builtin_fmaf(series, square, 4.166664568298827e-2f);
  return __builtin_fmaf(series * square, square, -(square * 0.5f)) + 1.0f;
}

LAMPAS_FUSED_TARGET void normal_blocks_fused(float* values, int64_t block_count, float mean, float std) {
  for (int64_t block = 0; block < block_count; ++block) {
    float* first = values + block * block_size;
    float* second = first + pairs;
    for (int index = 0; index < pairs; ++index) {
      const float radius = __builtin_sqrtf(-2.0f * logarithm(1.0f - first[index]));
      const float angle = float(2 * pi) * second[index];
      // The angle less a multiple of pi / 2, which is subtracted in three parts, in octants.
      const int octant = (int(angle * 1.27323954473516f) + 1) & ~1;
      float rest = __builtin_fmaf(float(octant), -0.78515625f, angle);
      rest = __builtin_fmaf(float(octant), -2.4187564849853515625e-4f, rest);
      rest = __builtin_fmaf(float(octant), -3.77489497744594108e-8f, rest);
      const float square = rest * rest;
      const float near_sine = sine_near_zero(rest, square);
      const float near_cosine = cosine_near_zero(square);
      const bool straight = (octant & 2) == 0;
      const float sine = straight ? near_sine : near_cosine;
      const float cosine = straight ? near_cosine : near_sine;
      const float signed_sine = (octant & 4) ? -sine : sine;
      const float signed_cosine = ((octant - 2) & 4) ? cosine : -cosine;
      first[index] = __builtin_fmaf(radius * signed_cosine, std, mean);
      second[index] = __builtin_fmaf(radius * signed_sine, std, mean);
    }
  }
}

// What PyTorch computes where it has no vector code for the processor, and always for double.
template <class Real>
void normal_blocks_plain(Real* values, int64_t block_count, Real mean, Real std) {
  for (int64_t block = 0; block < block_count; ++block) {
    Real* first = values + block * block_size;
    Real* second = first + pairs;
    for (int index = 0; index < pairs; ++index) {
      const Real radius = std::sqrt(-2 * std::log(1 - first[index]));
      const Real angle = Real(2 * pi * second[index]);
      first[index] = std::fma(radius * std::cos(angle), std, mean);
      second[index] = std::fma(radius * std::sin(angle), std, mean);
    }
  }
}

}  // namespace

void scale_words(const uint32_t* words, float* output, int64_t count, float from, float to) {
  if (processor_fuses()) {
    scale_float_words_fused(words, output, count, from, to);
  } else {
    scale_float_words<false>(words, output, count, from, to);
  }
}

void scale_words(const uint32_t* words, double* output, int64_t count, double from, double to) {
  if (processor_fuses()) {
    scale_double_words_fused(words, output, count, from, to);
  } else {
    scale_double_words<false>(words, output, count, from, to);
  }
}

void normal_blocks(float* values, int64_t block_count, float mean, float std) {
  if (processor_fuses()) {
    normal_blocks_fused(values, block_count, mean, std);
  } else {
    normal_blocks_plain(values, block_count, mean, std);
  }
}

void normal_blocks(double* values, int64_t block_count, double mean, double std) {
  normal_blocks_plain(values, block_count, mean, std);
}

double scale_and_shift(double value, double factor, double addend) {
  return processor_fuses() ? std::fma(value, factor, addend) : value * factor + addend;
}

}  // namespace lampas
