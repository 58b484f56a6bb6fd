// Powers and bits of integers on the CPU, compiled once for every integer dtype.
#include "core/kernels/integer.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "core/kernels/cpu/iteration.h"

namespace lampas {
namespace {

using kernels::Bitwise;
using kernels::IntegerFunction;

// Calls body.operator()<T>() for an integer dtype, for bool where allowed.
template <class Body>
void visit_integers(DType dtype, const char* name, Body&& body) {
  visit(dtype, [&]<class T>() {
    if constexpr (std::is_integral_v<T>)
      body.template operator()<T>();
    else
      fail(ErrorKind::not_implemented, "\"", name, "\" not implemented for '", scalar_type_name(dtype), "'");
  });
}

// output = formula(a, b), element by element.
template <class T, class Formula>
void run_binary(const Tensor& a, const Tensor& b, const Tensor& output, Formula formula) {
  cpu::Iteration<3> iteration({&output, &a, &b});
  iteration.run([&](auto& data, int64_t count, auto& strides) {
    T* to = reinterpret_cast<T*>(data[0]);
    const T* first = reinterpret_cast<const T*>(data[1]);
    const T* second = reinterpret_cast<const T*>(data[2]);
    for (int64_t i = 0; i < count; ++i)
      to[i * strides[0]] = formula(first[i * strides[1]], second[i * strides[2]]);
  });
}

// By squaring; unsigned arithmetic wraps around.
template <class T>
T power(T base, T exponent) {
  if constexpr (std::is_signed_v<T>) {
    if (exponent < 0) {
      if (base == 1) return 1;
      if (base == -1) return exponent % 2 == 0 ? T(1) : T(-1);
      return 0;
    }
  }
  uint64_t result = 1, factor = static_cast<uint64_t>(base);
  for (uint64_t rest = static_cast<uint64_t>(exponent); rest != 0; rest >>= 1) {
    if (rest & 1) result *= factor;
    factor *= factor;
  }
  return static_cast<T>(result);
}

void integer_power_on_cpu(const Tensor& base, const Tensor& exponent, const Tensor& output) {
  if (output.dtype() == DType::bool_) fail(ErrorKind::not_implemented, "\"pow\" not implemented for 'Bool'");
  visit_integers(output.dtype(), "pow", [&]<class T>() {
    run_binary<T>(base, exponent, output, [](T a, T b) { return power<T>(a, b); });
  });
}

// Of contiguous memory, eight bytes at a time: bits know no elements.
template <class Formula>
void run_words(const char* a, const char* b, char* output, int64_t bytes, Formula formula) {
  const auto run = [=](int64_t at, size_t length) {
    uint64_t first = 0, second = 0;
    std::memcpy(&first, a + at, length);
    std::memcpy(&second, b + at, length);
    const uint64_t result = formula(first, second);
    std::memcpy(output + at, &result, length);
  };
  const int64_t words = bytes / 8;
  parallel_for(0, words, cpu::elementwise_grain, [&](int64_t begin, int64_t end) {
    for (int64_t word = begin; word < end; ++word) run(8 * word, 8);
  });
  if (bytes % 8 != 0) run(8 * words, static_cast<size_t>(bytes % 8));
}

// True where the operands allow it.
bool bitwise_in_words(Bitwise function, const Tensor& input, const Tensor& other, const Tensor& output) {
  for (const Tensor* operand : {&input, &other, &output})
    if (!operand->is_contiguous() || operand->numel() != output.numel()) return false;
  const auto run = [&](auto formula) {
    run_words(input.data<char>(), other.data<char>(), output.data<char>(),
              output.numel() * static_cast<int64_t>(item_size(output.dtype())), formula);
  };
  if (function == Bitwise::conjunction) run([](uint64_t a, uint64_t b) { return a & b; });
  if (function == Bitwise::disjunction) run([](uint64_t a, uint64_t b) { return a | b; });
  if (function == Bitwise::exclusive) run([](uint64_t a, uint64_t b) { return a ^ b; });
  return true;
}

void bitwise_on_cpu(Bitwise function, const Tensor& input, const Tensor& other, const Tensor& output) {
  if (is_integral(output.dtype()) && bitwise_in_words(function, input, other, output)) return;
  static constexpr const char* names[] = {"bitwise_and_cpu", "bitwise_or_cpu", "bitwise_xor_cpu"};
  visit_integers(output.dtype(), names[static_cast<int>(function)], [&]<class T>() {
    switch (function) {
      case Bitwise::conjunction:
        return run_binary<T>(input, other, output, [](T a, T b) { return static_cast<T>(a & b); });
      case Bitwise::disjunction:
        return run_binary<T>(input, other, output, [](T a, T b) { return static_cast<T>(a | b); });
      case Bitwise::exclusive:
        return run_binary<T>(input, other, output, [](T a, T b) { return static_cast<T>(a ^ b); });
    }
  });
}

void bitwise_not_on_cpu(const Tensor& input, const Tensor& output) {
  visit_integers(output.dtype(), "bitwise_not_cpu", [&]<class T>() {
    run_binary<T>(input, input, output, [](T a, T) {
      if constexpr (std::is_same_v<T, bool>)
        return !a;
      else
        return static_cast<T>(~a);
    });
  });
}

// Division wraps around where the quotient does not fit: the lowest number by -1.
template <class T>
T trunc_divide(T a, T b) {
  check(b != 0, "ZeroDivisionError");
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return static_cast<T>(-static_cast<uint64_t>(a));
  return static_cast<T>(a / b);
}
template <class T>
T fmod(T a, T b) {
  check(b != 0, "ZeroDivisionError");
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return 0;
  return static_cast<T>(a % b);
}
template <class T>
T remainder(T a, T b) {
  T rest = fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
}
template <class T>
T floor_divide(T a, T b) {
  T quotient = trunc_divide(a, b);
  return fmod(a, b) != 0 && (a < 0) != (b < 0) ? static_cast<T>(quotient - 1) : quotient;
}
template <class T>
T magnitude(T a) {
  return a < 0 ? static_cast<T>(-static_cast<uint64_t>(a)) : a;
}
// Euclid's.
template <class T>
T gcd(T a, T b) {
  a = magnitude(a);
  b = magnitude(b);
  while (a != 0) {
    T rest = static_cast<T>(b % a);
    b = a;
    a = rest;
  }
  return b;
}
template <class T>
T lcm(T a, T b) {
  T divisor = gcd(a, b);
  if (divisor == 0) return 0;
  return magnitude(static_cast<T>(static_cast<uint64_t>(a / divisor) * static_cast<uint64_t>(b)));
}
template <class T>
bool shift_is_outside(T shift) {
  return shift < 0 || static_cast<uint64_t>(shift) >= 8 * sizeof(T);
}
template <class T>
T left_shift(T a, T shift) {
  return shift_is_outside(shift) ? T(0) : static_cast<T>(static_cast<uint64_t>(a) << shift);
}
template <class T>
T right_shift(T a, T shift) {
  if (shift_is_outside(shift)) return a < 0 ? static_cast<T>(-1) : T(0);
  return static_cast<T>(a >> shift);
}
template <class T>
T heaviside(T a, T at_zero) {
  return a == 0 ? at_zero : T(a > 0);
}

void integer_binary_on_cpu(IntegerFunction function, const Tensor& input, const Tensor& other,
                           const Tensor& output) {
  static constexpr const char* names[] = {"fmod_cpu",      "remainder_cpu", "div_floor_cpu",
                                          "div_trunc_cpu", "gcd_cpu",       "lcm_cpu",
                                          "lshift_cpu",    "rshift_cpu",    "heaviside_cpu"};
  const char* name = names[static_cast<int>(function)];
  visit_integers(output.dtype(), name, [&]<class T>() {
    if constexpr (std::is_same_v<T, bool>) {
      if (function != IntegerFunction::heaviside)
        fail(ErrorKind::not_implemented, "\"", name, "\" not implemented for 'Bool'");
      run_binary<bool>(input, other, output, [](bool a, bool at_zero) { return a || at_zero; });
    } else {
      static constexpr T (*formulas[])(T, T) = {fmod<T>,         remainder<T>,   floor_divide<T>,
                                                trunc_divide<T>, gcd<T>,         lcm<T>,
                                                left_shift<T>,   right_shift<T>, heaviside<T>};
      T (*formula)(T, T) = formulas[static_cast<int>(function)];
      run_binary<T>(input, other, output, formula);
    }
  });
}

const Implement implement_integer_binary(kernels::integer_binary, DeviceKind::cpu, integer_binary_on_cpu);
const Implement implement_integer_power(kernels::integer_power, DeviceKind::cpu, integer_power_on_cpu);
const Implement implement_bitwise(kernels::bitwise, DeviceKind::cpu, bitwise_on_cpu);
const Implement implement_bitwise_not(kernels::bitwise_not, DeviceKind::cpu, bitwise_not_on_cpu);

}  // namespace
}  // namespace lampas
