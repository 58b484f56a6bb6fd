// The few instructions that the compiler's vector extensions cannot say, once per instruction set.
// vector.h builds on these names alone; a further set (NEON) is one more section here.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(LAMPAS_SET)
#error "files under core/kernels/cpu/vector are compiled once per instruction set, with LAMPAS_SET defined"
#endif

#define LAMPAS_INLINE inline __attribute__((always_inline))
#define LAMPAS_INLINE_LAMBDA __attribute__((always_inline))

// Everything is in an unnamed namespace: an inline function with external linkage would be a weak
// symbol, and the linker could keep the copy of a set that the machine cannot run.
namespace lampas::vector::LAMPAS_SET {
namespace {

// The first `bytes` of at most `size` (a power of two), in pieces of fixed sizes: a call of memcpy would
// cost more.
template <int size>
LAMPAS_INLINE void copy_pieces(void* target, const void* source, int64_t bytes) {
  const int64_t piece = bytes & size;
  if (piece != 0) __builtin_memcpy(target, source, size);
  if constexpr (size > 1) copy_pieces<size / 2>((char*)target + piece, (const char*)source + piece, bytes);
}
template <int size>
LAMPAS_INLINE void copy_bytes(void* target, const void* source, int64_t bytes) {
  // Hides that `bytes` is the same in every round of a loop; g++ would write the loop once per case.
  __asm__ volatile("" : "+r"(bytes));
  copy_pieces<size>(target, source, bytes);
}

#if defined(LAMPAS_SET_avx512)

constexpr int64_t register_bytes = 64;
typedef int32_t Int32Register __attribute__((vector_size(64)));
typedef int64_t Int64Register __attribute__((vector_size(64)));

LAMPAS_INLINE __m512 multiply_add(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
LAMPAS_INLINE __m512d multiply_add(__m512d a, __m512d b, __m512d c) { return _mm512_fmadd_pd(a, b, c); }
// The forms with an all-true mask, because g++ 12 takes the plain ones for uses of an uninitialised
// value; the instruction is the same.
constexpr __mmask16 all_lanes = 0xffff;
LAMPAS_INLINE __m512 square_root(__m512 x) { return _mm512_maskz_sqrt_ps(all_lanes, x); }
LAMPAS_INLINE __m512d square_root(__m512d x) { return _mm512_maskz_sqrt_pd((__mmask8)all_lanes, x); }

// The larger (smaller) of two; the second where either is NaN.
LAMPAS_INLINE __m512 larger_or_second(__m512 a, __m512 b) { return _mm512_maskz_max_ps(all_lanes, a, b); }
LAMPAS_INLINE __m512 smaller_or_second(__m512 a, __m512 b) { return _mm512_maskz_min_ps(all_lanes, a, b); }
LAMPAS_INLINE __m512d larger_or_second(__m512d a, __m512d b) {
  return _mm512_maskz_max_pd((__mmask8)all_lanes, a, b);
}
LAMPAS_INLINE __m512d smaller_or_second(__m512d a, __m512d b) {
  return _mm512_maskz_min_pd((__mmask8)all_lanes, a, b);
}

// `mode` is one of _MM_FROUND_TO_NEAREST_INT (ties to even), _TO_NEG_INF, _TO_POS_INF, _TO_ZERO.
template <int mode>
LAMPAS_INLINE __m512 round_by(__m512 x) {
  return _mm512_maskz_roundscale_ps(all_lanes, x, mode | _MM_FROUND_NO_EXC);
}
template <int mode>
LAMPAS_INLINE __m512d round_by(__m512d x) {
  return _mm512_maskz_roundscale_pd((__mmask8)all_lanes, x, mode | _MM_FROUND_NO_EXC);
}

// Bit i is set where lane i of the mask is (lanes of a mask are 0 or -1).
LAMPAS_INLINE uint32_t mask_bits(Int32Register mask) { return _mm512_movepi32_mask((__m512i)mask); }
LAMPAS_INLINE uint32_t mask_bits(Int64Register mask) { return _mm512_movepi64_mask((__m512i)mask); }

// The first `count` lanes; memory past them is not touched, the other lanes are zero.
LAMPAS_INLINE Int32Register load_first(const void* source, int64_t count, Int32Register) {
  return (Int32Register)_mm512_maskz_loadu_epi32((__mmask16)((1u << count) - 1), source);
}
LAMPAS_INLINE Int64Register load_first(const void* source, int64_t count, Int64Register) {
  return (Int64Register)_mm512_maskz_loadu_epi64((__mmask8)((1u << count) - 1), source);
}
LAMPAS_INLINE void store_first(Int32Register value, void* target, int64_t count) {
  _mm512_mask_storeu_epi32(target, (__mmask16)((1u << count) - 1), (__m512i)value);
}
LAMPAS_INLINE void store_first(Int64Register value, void* target, int64_t count) {
  _mm512_mask_storeu_epi64(target, (__mmask8)((1u << count) - 1), (__m512i)value);
}

// value * 2^n for integers n, with overflow, underflow and subnormal results right.
LAMPAS_INLINE __m512 scale(__m512 value, __m512 n) { return _mm512_maskz_scalef_ps(all_lanes, value, n); }
LAMPAS_INLINE __m512d scale(__m512d value, __m512d n) {
  return _mm512_maskz_scalef_pd((__mmask8)all_lanes, value, n);
}

// 16-bit numbers to lanes of 32 bits, and the low halves of such lanes back.
typedef uint16_t HalfRegister __attribute__((vector_size(32)));
LAMPAS_INLINE Int32Register widen(HalfRegister half) {
  return (Int32Register)_mm512_maskz_cvtepu16_epi32(all_lanes, (__m256i)half);
}
LAMPAS_INLINE HalfRegister narrow(Int32Register lanes) {
  return (HalfRegister)_mm512_maskz_cvtepi32_epi16(all_lanes, (__m512i)lanes);
}
LAMPAS_INLINE __m512 float16_to_float(HalfRegister half) {
  return _mm512_maskz_cvtph_ps(all_lanes, (__m256i)half);
}
LAMPAS_INLINE HalfRegister float_to_float16(__m512 x) {
  return (HalfRegister)_mm512_maskz_cvtps_ph(all_lanes, x, _MM_FROUND_TO_NEAREST_INT);
}

#elif defined(LAMPAS_SET_avx2)

constexpr int64_t register_bytes = 32;
typedef int32_t Int32Register __attribute__((vector_size(32)));
typedef int64_t Int64Register __attribute__((vector_size(32)));

LAMPAS_INLINE __m256 multiply_add(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
LAMPAS_INLINE __m256d multiply_add(__m256d a, __m256d b, __m256d c) { return _mm256_fmadd_pd(a, b, c); }
LAMPAS_INLINE __m256 square_root(__m256 x) { return _mm256_sqrt_ps(x); }
LAMPAS_INLINE __m256d square_root(__m256d x) { return _mm256_sqrt_pd(x); }
LAMPAS_INLINE __m256 larger_or_second(__m256 a, __m256 b) { return _mm256_max_ps(a, b); }
LAMPAS_INLINE __m256 smaller_or_second(__m256 a, __m256 b) { return _mm256_min_ps(a, b); }
LAMPAS_INLINE __m256d larger_or_second(__m256d a, __m256d b) { return _mm256_max_pd(a, b); }
LAMPAS_INLINE __m256d smaller_or_second(__m256d a, __m256d b) { return _mm256_min_pd(a, b); }

template <int mode>
LAMPAS_INLINE __m256 round_by(__m256 x) {
  return _mm256_round_ps(x, mode | _MM_FROUND_NO_EXC);
}
template <int mode>
LAMPAS_INLINE __m256d round_by(__m256d x) {
  return _mm256_round_pd(x, mode | _MM_FROUND_NO_EXC);
}

LAMPAS_INLINE uint32_t mask_bits(Int32Register mask) { return _mm256_movemask_ps((__m256)mask); }
LAMPAS_INLINE uint32_t mask_bits(Int64Register mask) { return _mm256_movemask_pd((__m256d)mask); }

LAMPAS_INLINE __m256i first_lanes(int64_t count, Int32Register) {
  return (__m256i)((Int32Register{} + (int32_t)count) > Int32Register{0, 1, 2, 3, 4, 5, 6, 7});
}
LAMPAS_INLINE __m256i first_lanes(int64_t count, Int64Register) {
  return (__m256i)((Int64Register{} + count) > Int64Register{0, 1, 2, 3});
}
LAMPAS_INLINE Int32Register load_first(const void* source, int64_t count, Int32Register lanes) {
  return (Int32Register)_mm256_maskload_epi32((const int*)source, first_lanes(count, lanes));
}
LAMPAS_INLINE Int64Register load_first(const void* source, int64_t count, Int64Register lanes) {
  return (Int64Register)_mm256_maskload_epi64((const long long*)source, first_lanes(count, lanes));
}
LAMPAS_INLINE void store_first(Int32Register value, void* target, int64_t count) {
  _mm256_maskstore_epi32((int*)target, first_lanes(count, value), (__m256i)value);
}
LAMPAS_INLINE void store_first(Int64Register value, void* target, int64_t count) {
  _mm256_maskstore_epi64((long long*)target, first_lanes(count, value), (__m256i)value);
}

typedef uint16_t HalfRegister __attribute__((vector_size(16)));
LAMPAS_INLINE Int32Register widen(HalfRegister half) {
  return (Int32Register)_mm256_cvtepu16_epi32((__m128i)half);
}
LAMPAS_INLINE HalfRegister narrow(Int32Register lanes) {
  return __builtin_convertvector(lanes, HalfRegister);
}
LAMPAS_INLINE __m256 float16_to_float(HalfRegister half) { return _mm256_cvtph_ps((__m128i)half); }
LAMPAS_INLINE HalfRegister float_to_float16(__m256 x) {
  return (HalfRegister)_mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT);
}

#else  // baseline: x86-64-v2, SSE4.1 without fused multiply-add and without float16 conversion

constexpr int64_t register_bytes = 16;
typedef int32_t Int32Register __attribute__((vector_size(16)));
typedef int64_t Int64Register __attribute__((vector_size(16)));

LAMPAS_INLINE __m128 multiply_add(__m128 a, __m128 b, __m128 c) { return a * b + c; }
LAMPAS_INLINE __m128d multiply_add(__m128d a, __m128d b, __m128d c) { return a * b + c; }
LAMPAS_INLINE __m128 square_root(__m128 x) { return _mm_sqrt_ps(x); }
LAMPAS_INLINE __m128d square_root(__m128d x) { return _mm_sqrt_pd(x); }
LAMPAS_INLINE __m128 larger_or_second(__m128 a, __m128 b) { return _mm_max_ps(a, b); }
LAMPAS_INLINE __m128 smaller_or_second(__m128 a, __m128 b) { return _mm_min_ps(a, b); }
LAMPAS_INLINE __m128d larger_or_second(__m128d a, __m128d b) { return _mm_max_pd(a, b); }
LAMPAS_INLINE __m128d smaller_or_second(__m128d a, __m128d b) { return _mm_min_pd(a, b); }

template <int mode>
LAMPAS_INLINE __m128 round_by(__m128 x) {
  return _mm_round_ps(x, mode | _MM_FROUND_NO_EXC);
}
template <int mode>
LAMPAS_INLINE __m128d round_by(__m128d x) {
  return _mm_round_pd(x, mode | _MM_FROUND_NO_EXC);
}

LAMPAS_INLINE uint32_t mask_bits(Int32Register mask) { return _mm_movemask_ps((__m128)mask); }
LAMPAS_INLINE uint32_t mask_bits(Int64Register mask) { return _mm_movemask_pd((__m128d)mask); }

template <class Register>
LAMPAS_INLINE Register load_first(const void* source, int64_t count, Register) {
  Register value{};
  copy_bytes<16>(&value, source, count * (int64_t)sizeof(value[0]));
  return value;
}
template <class Register>
LAMPAS_INLINE void store_first(Register value, void* target, int64_t count) {
  copy_bytes<16>(target, &value, count * (int64_t)sizeof(value[0]));
}

typedef uint16_t HalfRegister __attribute__((vector_size(8)));
LAMPAS_INLINE Int32Register widen(HalfRegister half) { return __builtin_convertvector(half, Int32Register); }
LAMPAS_INLINE HalfRegister narrow(Int32Register lanes) {
  return __builtin_convertvector(lanes, HalfRegister);
}

// A float16 shifted into a float's fields is the value times 2^-112; infinities and NaN need the
// float's exponent.
LAMPAS_INLINE __m128 float16_to_float(HalfRegister half) {
  const Int32Register bits = widen(half);
  const Int32Register magnitude = bits & 0x7fff;
  const __m128 two_to_112 = (__m128)(Int32Register{} + (int32_t)((127 + 112) << 23));
  const Int32Register scaled = (Int32Register)((__m128)(magnitude << 13) * two_to_112);
  const Int32Register special = (magnitude << 13) | 0x7f800000;
  return (__m128)((magnitude >= 0x7c00 ? special : scaled) | ((bits & 0x8000) << 16));
}

// Rounds to nearest even: in the fields for normal results, by adding 0.5 for subnormal ones (whose
// last place then is the last place of the sum).
LAMPAS_INLINE HalfRegister float_to_float16(__m128 x) {
  const Int32Register bits = (Int32Register)x;
  const Int32Register magnitude = bits & 0x7fffffff;
  const Int32Register half = Int32Register{} + 0x3f000000;
  const Int32Register subnormal = (Int32Register)((__m128)magnitude + (__m128)half) - half;
  const Int32Register odd = (magnitude >> 13) & 1;
  const Int32Register normal = (magnitude - (112 << 23) + 0xfff + odd) >> 13;
  Int32Register result = magnitude < (113 << 23) ? subnormal : normal;
  result = magnitude >= ((127 + 16) << 23) ? Int32Register{} + 0x7c00 : result;
  result = magnitude > 0x7f800000 ? Int32Register{} + 0x7e00 : result;
  return narrow(result | ((bits >> 16) & 0x8000));
}

#endif

}  // namespace
}  // namespace lampas::vector::LAMPAS_SET
