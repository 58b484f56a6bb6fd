// Vector<T>: one full register of float, double, int32_t or int64_t lanes, its masks, its loads and
// stores (also of bfloat16 and float16), in the compiler's vector extensions.
#pragma once

#include "core/kernels/cpu/vector/set.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

// The 16-bit floating types are only stored; arithmetic on them is done on Vector<float>.
struct BFloat16 {
  uint16_t bits;
};
struct Float16 {
  uint16_t bits;
};

template <class T>
struct LaneTypes;
template <>
struct LaneTypes<float> {
  using Signed = int32_t;
  using Unsigned = uint32_t;
  static constexpr bool is_integer = false;
};
template <>
struct LaneTypes<int32_t> {
  using Signed = int32_t;
  using Unsigned = uint32_t;
  static constexpr bool is_integer = true;
};
template <>
struct LaneTypes<double> {
  using Signed = int64_t;
  using Unsigned = uint64_t;
  static constexpr bool is_integer = false;
};
template <>
struct LaneTypes<int64_t> {
  using Signed = int64_t;
  using Unsigned = uint64_t;
  static constexpr bool is_integer = true;
};

// One truth value per lane of a Vector<T>, kept as 0 or -1 (compilers keep it in a mask register).
template <class T>
struct Mask {
  typedef typename LaneTypes<T>::Signed Native __attribute__((vector_size(register_bytes)));
  Native native;

  friend LAMPAS_INLINE Mask operator&(Mask a, Mask b) { return {a.native & b.native}; }
  friend LAMPAS_INLINE Mask operator|(Mask a, Mask b) { return {a.native | b.native}; }
  friend LAMPAS_INLINE Mask operator^(Mask a, Mask b) { return {a.native ^ b.native}; }
  friend LAMPAS_INLINE Mask operator!(Mask a) { return {~a.native}; }
};

template <class T>
struct Vector {
  using Element = T;
  using Lanes = LaneTypes<T>;
  typedef T Native __attribute__((vector_size(register_bytes)));
  typedef typename Lanes::Signed Bits __attribute__((vector_size(register_bytes)));
  typedef typename Lanes::Unsigned UnsignedBits __attribute__((vector_size(register_bytes)));
  static constexpr int64_t size = register_bytes / (int64_t)sizeof(T);

  Native native;

  Vector() = default;
  LAMPAS_INLINE Vector(Native value) : native(value) {}
  // The same value in every lane; through its bits, since 0 + value would lose the sign of -0.
  template <class Number>
  LAMPAS_INLINE explicit Vector(Number value)
      : native((Native)(Bits{} + __builtin_bit_cast(typename Lanes::Signed, (T)value))) {}

  // Integers wrap around, as PyTorch's do; the unsigned types say so without undefined behaviour.
  friend LAMPAS_INLINE Vector operator+(Vector a, Vector b) {
    if constexpr (Lanes::is_integer) return (Native)((UnsignedBits)a.native + (UnsignedBits)b.native);
    return a.native + b.native;
  }
  friend LAMPAS_INLINE Vector operator-(Vector a, Vector b) {
    if constexpr (Lanes::is_integer) return (Native)((UnsignedBits)a.native - (UnsignedBits)b.native);
    return a.native - b.native;
  }
  friend LAMPAS_INLINE Vector operator*(Vector a, Vector b) {
    if constexpr (Lanes::is_integer) return (Native)((UnsignedBits)a.native * (UnsignedBits)b.native);
    return a.native * b.native;
  }
  friend LAMPAS_INLINE Vector operator/(Vector a, Vector b) {
    static_assert(!Lanes::is_integer, "a zero divisor would stop the process");
    return a.native / b.native;
  }
  friend LAMPAS_INLINE Vector operator-(Vector a) {
    if constexpr (Lanes::is_integer) return (Native)(-(UnsignedBits)a.native);
    return -a.native;
  }

  friend LAMPAS_INLINE Mask<T> operator==(Vector a, Vector b) { return {(Bits)(a.native == b.native)}; }
  friend LAMPAS_INLINE Mask<T> operator!=(Vector a, Vector b) { return {(Bits)(a.native != b.native)}; }
  friend LAMPAS_INLINE Mask<T> operator<(Vector a, Vector b) { return {(Bits)(a.native < b.native)}; }
  friend LAMPAS_INLINE Mask<T> operator<=(Vector a, Vector b) { return {(Bits)(a.native <= b.native)}; }
  friend LAMPAS_INLINE Mask<T> operator>(Vector a, Vector b) { return {(Bits)(a.native > b.native)}; }
  friend LAMPAS_INLINE Mask<T> operator>=(Vector a, Vector b) { return {(Bits)(a.native >= b.native)}; }
};

template <class T>
LAMPAS_INLINE Vector<T> select(Mask<T> condition, Vector<T> a, Vector<T> b) {
  return condition.native ? a.native : b.native;
}

template <class T>
LAMPAS_INLINE uint32_t bits_of(Mask<T> mask) {
  if constexpr (sizeof(T) == 4) return mask_bits((Int32Register)mask.native);
  return mask_bits((Int64Register)mask.native);
}
template <class T>
LAMPAS_INLINE bool any(Mask<T> mask) {
  return bits_of(mask) != 0;
}

template <class T>
LAMPAS_INLINE Mask<T> isnan(Vector<T> x) {
  return x != x;
}

// a * b + c: rounded once where the set has the instruction, else rounded twice.
template <class T>
LAMPAS_INLINE Vector<T> multiply_add(Vector<T> a, Vector<T> b, Vector<T> c) {
  if constexpr (LaneTypes<T>::is_integer) {
    return a * b + c;
  } else {
    return typename Vector<T>::Native(multiply_add(a.native, b.native, c.native));
  }
}
template <class T>
LAMPAS_INLINE Vector<T> sqrt(Vector<T> x) {
  return typename Vector<T>::Native(square_root(x.native));
}
// To the nearest integer, ties to even.
template <class T>
LAMPAS_INLINE Vector<T> round(Vector<T> x) {
  return typename Vector<T>::Native(round_by<_MM_FROUND_TO_NEAREST_INT>(x.native));
}
template <class T>
LAMPAS_INLINE Vector<T> floor(Vector<T> x) {
  return typename Vector<T>::Native(round_by<_MM_FROUND_TO_NEG_INF>(x.native));
}
template <class T>
LAMPAS_INLINE Vector<T> ceil(Vector<T> x) {
  return typename Vector<T>::Native(round_by<_MM_FROUND_TO_POS_INF>(x.native));
}
template <class T>
LAMPAS_INLINE Vector<T> trunc(Vector<T> x) {
  return typename Vector<T>::Native(round_by<_MM_FROUND_TO_ZERO>(x.native));
}

// The lanes' bits as integers of the same width, and back.
template <class T>
LAMPAS_INLINE typename Vector<T>::Bits to_bits(Vector<T> x) {
  return (typename Vector<T>::Bits)x.native;
}
template <class T>
LAMPAS_INLINE Vector<T> from_bits(typename Vector<T>::Bits bits) {
  return (typename Vector<T>::Native)bits;
}

template <class T>
constexpr typename LaneTypes<T>::Signed sign_bit =
    (typename LaneTypes<T>::Signed)((typename LaneTypes<T>::Unsigned)1 << (8 * sizeof(T) - 1));

template <class T>
LAMPAS_INLINE Vector<T> abs(Vector<T> x) {
  if constexpr (LaneTypes<T>::is_integer) {
    return select(x < Vector<T>(0), -x, x);
  } else {
    return from_bits<T>(to_bits(x) & ~sign_bit<T>);
  }
}
template <class T>
LAMPAS_INLINE Vector<T> copysign(Vector<T> magnitude, Vector<T> sign) {
  return from_bits<T>((to_bits(magnitude) & ~sign_bit<T>) | (to_bits(sign) & sign_bit<T>));
}

// Loads and stores of a whole register, or of its first `count` lanes: nothing past them is touched.

template <class T>
LAMPAS_INLINE Vector<T> load(const T* source) {
  typedef T Unaligned __attribute__((vector_size(register_bytes), aligned(1), may_alias));
  return typename Vector<T>::Native(*(const Unaligned*)source);
}
template <class T>
LAMPAS_INLINE void store(Vector<T> value, T* target) {
  typedef T Unaligned __attribute__((vector_size(register_bytes), aligned(1), may_alias));
  *(Unaligned*)target = value.native;
}
template <class T>
LAMPAS_INLINE Vector<T> load(const T* source, int64_t count) {
  if constexpr (sizeof(T) == 4) return (typename Vector<T>::Native)load_first(source, count, Int32Register{});
  return (typename Vector<T>::Native)load_first(source, count, Int64Register{});
}
template <class T>
LAMPAS_INLINE void store(Vector<T> value, T* target, int64_t count) {
  if constexpr (sizeof(T) == 4) {
    store_first((Int32Register)value.native, target, count);
  } else {
    store_first((Int64Register)value.native, target, count);
  }
}

// Small lanes (8 and 16 bits) by way of an array: only tails come here.
template <class Register, class Lane>
LAMPAS_INLINE Register load_small_lanes(const Lane* source, int64_t count) {
  Register value{};
  copy_bytes<sizeof(Register)>(&value, source, count * (int64_t)sizeof(Lane));
  return value;
}
template <class Register>
LAMPAS_INLINE Register load_small_lanes(const void* source) {
  Register value;
  __builtin_memcpy(&value, source, sizeof(value));
  return value;
}

LAMPAS_INLINE Vector<float> bfloat16_to_float(HalfRegister half) {
  return from_bits<float>(widen(half) << 16);
}
// To nearest even on the upper 16 bits; every NaN becomes 0x7fc0, which rounding cannot carry over.
LAMPAS_INLINE HalfRegister float_to_bfloat16(Vector<float> x) {
  typedef Vector<float>::UnsignedBits Unsigned;
  const Unsigned bits = (Unsigned)to_bits(x);
  const Unsigned rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const Unsigned quiet = isnan(x).native ? Unsigned{} + 0x7fc0 : rounded;
  return narrow((Int32Register)quiet);
}

LAMPAS_INLINE Vector<float> load(const BFloat16* source) {
  return bfloat16_to_float(load_small_lanes<HalfRegister>(source));
}
LAMPAS_INLINE Vector<float> load(const BFloat16* source, int64_t count) {
  return bfloat16_to_float(load_small_lanes<HalfRegister>(source, count));
}
LAMPAS_INLINE void store(Vector<float> value, BFloat16* target) {
  const HalfRegister half = float_to_bfloat16(value);
  __builtin_memcpy(target, &half, sizeof(half));
}
LAMPAS_INLINE void store(Vector<float> value, BFloat16* target, int64_t count) {
  const HalfRegister half = float_to_bfloat16(value);
  copy_bytes<sizeof(half)>(target, &half, count * (int64_t)sizeof(BFloat16));
}

LAMPAS_INLINE Vector<float> load(const Float16* source) {
  return Vector<float>::Native(float16_to_float(load_small_lanes<HalfRegister>(source)));
}
LAMPAS_INLINE Vector<float> load(const Float16* source, int64_t count) {
  return Vector<float>::Native(float16_to_float(load_small_lanes<HalfRegister>(source, count)));
}
LAMPAS_INLINE void store(Vector<float> value, Float16* target) {
  const HalfRegister half = float_to_float16(value.native);
  __builtin_memcpy(target, &half, sizeof(half));
}
LAMPAS_INLINE void store(Vector<float> value, Float16* target, int64_t count) {
  const HalfRegister half = float_to_float16(value.native);
  copy_bytes<sizeof(half)>(target, &half, count * (int64_t)sizeof(Float16));
}

// Booleans are bytes holding 0 or 1. (g++ 12 takes sizeof of the vector type below for 1 in a template.)
template <class T>
LAMPAS_INLINE Mask<T> load_mask(const uint8_t* source, int64_t count) {
  constexpr int64_t size = Vector<T>::size;
  typedef uint8_t Bytes __attribute__((vector_size(size)));
  Bytes bytes{};
  copy_bytes<size>(&bytes, source, count);
  return {__builtin_convertvector(bytes, typename Mask<T>::Native) != 0};
}
template <class T>
LAMPAS_INLINE void store(Mask<T> value, uint8_t* target, int64_t count) {
  constexpr int64_t size = Vector<T>::size;
  typedef int8_t Bytes __attribute__((vector_size(size)));
  Bytes bytes;
  if constexpr (register_bytes == 64) {
    bytes = __builtin_convertvector(value.native, Bytes) & 1;
  } else {
    // The product moves bit i of a group of four to the lowest bit of byte i.
    const uint32_t bits = bits_of(value);
    uint64_t spread = ((bits & 0xf) * 0x00204081u) & 0x01010101u;
    if constexpr (size == 8) spread |= (uint64_t)(((bits >> 4) * 0x00204081u) & 0x01010101u) << 32;
    __builtin_memcpy(&bytes, &spread, size);
  }
  copy_bytes<size>(target, &bytes, count);
}
template <class T>
LAMPAS_INLINE Mask<T> load_mask(const uint8_t* source) {
  return load_mask<T>(source, Vector<T>::size);
}
template <class T>
LAMPAS_INLINE void store(Mask<T> value, uint8_t* target) {
  store(value, target, Vector<T>::size);
}

// The vector that elements stored as S are computed in.
template <class S>
struct ComputedOf {
  using Type = Vector<S>;
};
template <>
struct ComputedOf<BFloat16> {
  using Type = Vector<float>;
};
template <>
struct ComputedOf<Float16> {
  using Type = Vector<float>;
};
template <class S>
using Computed = typename ComputedOf<S>::Type;

}  // namespace
}  // namespace lampas::vector::LAMPAS_SET
